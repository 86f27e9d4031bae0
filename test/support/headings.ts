/** The headings of our Markdown documents: links of alerts, alarms and reports lead to them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** A document of the project, by its path from the root. */
export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const documentsIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));

/** Every Markdown document of the root and of docs/, by its path from the root. */
export const DOCUMENTS: readonly string[] = [...documentsIn(''), ...documentsIn('docs')];

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
