/** A report as text, in the format that was asked for. */
import type { Report } from '../lambda/core/domain';
import type { Paint } from './colour';
import type { Threshold } from './exit';
import { renderJson } from './json';
import { renderJunit } from './junit';
import { renderMarkdown } from './markdown';
import { renderTable } from './table';
import { renderTerraform } from './terraform';

/** Every format, the default first. */
export const OUTPUTS = ['table', 'json', 'markdown', 'junit', 'terraform'] as const;

/** How a report is printed. */
export type Output = (typeof OUTPUTS)[number];

/** How it is to look. `columns`: of the terminal; only the table knows colours and columns. */
export interface Look {
  readonly failOn: Threshold;
  readonly columns: number;
  readonly paint: Paint;
}

/** Renders a report. Every text that others chose is escaped as the format asks. Ends in a newline. */
export function render(report: Report, output: Output, look: Look): string {
  switch (output) {
    case 'table':
      return renderTable(report, look);
    case 'json':
      return renderJson(report);
    case 'markdown':
      return renderMarkdown(report, look.failOn);
    case 'junit':
      return renderJunit(report, look.failOn);
    case 'terraform':
      return renderTerraform(report);
  }
}
