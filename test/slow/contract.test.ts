/** The public contracts are as they were before the code was restructured, but for the differences that are listed. */
import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differingPaths, matches } from '../contract/compare';
import { DIFFERENCES } from '../contract/differences';
import { playScenario } from '../contract/scenario';
import { contractWords } from '../contract/words';

const FILE = join(__dirname, '..', 'contract', 'recorded.json');

describe('the public contracts', () => {
  it('are as recorded, but for the listed differences', async () => {
    const now = { words: contractWords(), scenario: await playScenario() };
    if (process.env['RECORD_CONTRACT'] !== undefined)
      writeFileSync(FILE, `${JSON.stringify(now, null, 1)}\n`);
    const recorded: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
    const paths = differingPaths(recorded, now);
    const isIntended = (path: string): boolean => DIFFERENCES.some(({ path: each }) => matches(each, path));
    expect(paths.filter((path) => !isIntended(path))).toEqual([]);
    expect(DIFFERENCES.filter(({ path }) => !paths.some((each) => matches(path, each)))).toEqual([]);
  }, 180_000);
});

describe('differingPaths', () => {
  it('finds what is changed, added or removed, and nothing else', () => {
    const before = { same: [1, { a: null }], changed: [1, 2], gone: { a: {} } };
    const after = { same: [1, { a: null }], changed: [1, 3], added: 'x.y' };
    expect(differingPaths(before, after)).toEqual(['added', 'changed.1', 'gone.a']);
  });

  it('is matched by patterns, and everything below them', () => {
    expect(matches('a.*.c', 'a.0.c.d')).toBe(true);
    expect(matches('a.*', 'a')).toBe(false);
    expect(matches('a.b', 'a.c')).toBe(false);
  });
});
