import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

const ROOT = join(__dirname, '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

const DOCUMENTS = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

describe.each(DOCUMENTS)('the links of %s', (file) => {
  const text = read(file);
  const links = [...text.matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', anchor]) => ({
    path: path === '' ? file : join(dirname(file), path),
    anchor,
  }));

  it('lead to existing files and headings', () => {
    const broken = links.filter(
      ({ path, anchor }) =>
        !existsSync(join(ROOT, path)) || (anchor !== undefined && !anchorsOf(read(path)).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });
});

describe('the README', () => {
  it('shows the mail that is sent', () => {
    const [mail] = read('test', 'golden', 'mail', 'drift.firing.txt').split('\nEVIDENCE\n');
    expect(read('README.md')).toContain(`\`\`\`text\n${(mail ?? '').trimEnd()}\n\`\`\``);
  });

  it('shows existing scripts', () => {
    const scripts = [...read('README.md').matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(
      ([, name = '']) => name,
    );
    const manifest = v.parse(
      v.object({ scripts: v.record(v.string(), v.string()) }),
      JSON.parse(read('package.json')),
    );
    const known = Object.keys(manifest.scripts);
    expect(scripts.length).toBeGreaterThan(3);
    expect(scripts.filter((name) => !known.includes(name))).toEqual([]);
  });
});
