/** A report as text, in the format that was asked for. */
import type { Report } from '../../lambda/domain/types';
import { renderJson } from './json';
import { renderJunit } from './junit';
import { renderMarkdown } from './markdown';
import { renderTable } from './table';
import type { TableLook } from './table';
import { renderTerraform } from './terraform';

/** Every format, the default first. */
export const OUTPUTS = ['table', 'json', 'markdown', 'junit', 'terraform'] as const;

/** How a report is printed. */
export type Output = (typeof OUTPUTS)[number];

/** Renders a report. Every text that others chose is escaped as the format asks. Ends in a newline. */
export function render(report: Report, output: Output, look: TableLook): string {
  switch (output) {
    case 'table':
      return renderTable(report, look);
    case 'json':
      return renderJson(report);
    case 'markdown':
      return renderMarkdown(report, look.failOn, look.failOnSkipped);
    case 'junit':
      return renderJunit(report, look.failOn);
    case 'terraform':
      return renderTerraform(report);
  }
}
