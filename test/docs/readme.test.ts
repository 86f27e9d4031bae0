import { describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { engines } from '../../package.json';
import { DOCUMENTS, readDocument as read } from '../support/headings';

const ROOT = join(__dirname, '..', '..');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

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

/** The beginning of a mail: what happened, whether logins fail, who is affected, and the first command. */
function beginningOf(mail: string): string {
  const lines = mail.split('\n');
  const isCommand = (line: string): boolean => line.startsWith('  ');
  const begin = lines.findIndex((line, index) => index > lines.indexOf('WHAT TO DO') && isCommand(line));
  const end = lines.findIndex((line, index) => index > begin && !isCommand(line));
  return lines.slice(0, end).join('\n');
}

const MAIL = /(?<=\n```text\n).*?(?=\n```\n)/s;

describe('the README', () => {
  it('shows the beginning of a mail that is sent', () => {
    const mail = beginningOf(read('test/golden/mail/drift.firing.txt'));
    expect(mail).toMatch(/^Subject: .*\n\n.*\nWHAT TO DO\n.*\n {2}aws iam /s);
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(
        join(ROOT, 'README.md'),
        read('README.md').replace(MAIL, () => mail),
      );
    expect(MAIL.exec(read('README.md'))?.[0]).toBe(mail);
  });

  it('starts the demo and the tests with one line each', () => {
    const lines = read('README.md').split('\n');
    expect(lines.filter((line) => line.startsWith('    npm ci && '))).toEqual([
      '    npm ci && npm start',
      '    npm ci && npm test',
    ]);
  });

  it('names the Node.js that package.json asks for, as other documents do', () => {
    const oldest = engines.node.replace('>=', '');
    for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/deployment.md']) {
      expect(read(file)).toContain(`Node.js ${oldest} or newer`);
    }
  });
});
