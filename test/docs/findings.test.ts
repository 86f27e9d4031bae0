import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_IDS } from '../../lambda/domain/checks';

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'findings.md'), 'utf8');
const headings = [...text.matchAll(/^## ([A-Z]+\d{3})$/gm)].map(([, id]) => id);
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section] as const),
);

describe('docs/findings.md', () => {
  it('has a heading for every check, in order, and for no other', () => {
    expect(headings).toEqual([...CHECK_IDS]);
  });

  it.each(CHECK_IDS)('contains meaning, remedy and severity of %s', (id) => {
    expect(sections.get(id)).toMatch(
      /\n\*\*[^*]+\.\*\*\n\n\S[\s\S]+\*\*What to do:\*\* \S[\s\S]+\|\s*when\s+\|\s*severity/,
    );
    expect(sections.get(id)).toMatch(/\|\s*(critical|high|medium|medium\/high|low|info)\s*\|/);
  });
});
