import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

const TESTS = join(__dirname, '..');
const SLOW = ['slow', 'integration'].map((folder) => folder + sep);
/** What starts programs, or bundles. */
const PROGRAMS =
  /from '(node:child_process|esbuild|cdk-nag|.*\/(infra\/(build\w*|single-file)|demo\/function|support\/(moto|deployment|command-line|shell|openssl|terraform)))'/;

const starting = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => PROGRAMS.test(readFileSync(join(TESTS, file), 'utf8')));

/** One test asks a shell once, about what fuzzing had found. */
const BUT = [join('fuzz', 'found.test.ts')];

describe('CONTRIBUTING.md on the tests', () => {
  it('says correctly that those start programs that npm run test:slow runs, and no others', () => {
    expect(starting.length).toBeGreaterThan(10);
    expect(starting.filter((file) => !SLOW.some((folder) => file.startsWith(folder)))).toEqual(BUT);
  });
});
