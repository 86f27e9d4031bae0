/** The headings of our Markdown documents: links of alerts, alarms and reports lead to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A document of the project, by its path from the root. */
export const readDocument = (path: string): string => readFileSync(join(__dirname, '..', '..', path), 'utf8');

/** The headings of one level, in order; `under` limits them to those below a second-level heading. */
export function headingsOf(path: string, level: number, under?: string): readonly string[] {
  const mark = `${'#'.repeat(level)} `;
  let section = '';
  const found: string[] = [];
  for (const line of readDocument(path).split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    if (line.startsWith(mark) && (under === undefined || section === under))
      found.push(line.slice(mark.length));
  }
  return found;
}
