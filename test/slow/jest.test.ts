import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Files of one worker, in this order; each row is what one of them does in its only test. */
const FILES: readonly (readonly [string, string])[] = [
  [
    'passes, and leaves a limit and a variable behind',
    `jest.setTimeout(60_000); process.env.LEFT = 'behind';`,
  ],
  ['leaves a rejection to nobody', `void Promise.reject(new Error('A')); await turn();`],
  ['throws where nobody can catch it', `setImmediate(() => { throw new Error('B'); }); await turn();`],
  ['finds no variable of another file', `if ('LEFT' in process.env) throw new Error('C');`],
  ['has the usual limit again', `await new Promise((resolve) => setTimeout(resolve, 1_500));`],
];

/** Runs jest, with this project's configuration but for a limit of 500 ms, and returns how each file ended. */
function endings(): readonly string[] {
  const folder = mkdtempSync(join(ROOT, 'test', 'jest', 'files-'));
  FILES.forEach(([, body], index) => {
    const turn = `const turn = () => new Promise((resolve) => setTimeout(resolve, 50));`;
    // Jest begins with the largest file.
    const padding = ' '.repeat(1_000 * (FILES.length - index));
    writeFileSync(
      join(folder, `${index}.test.ts`),
      `${turn}\nit('does', async () => { ${body} });${padding}`,
    );
  });
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--runInBand', '--testTimeout=500', '--watchman=false', folder];
  const { stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const ended = [...stderr.matchAll(/^(PASS|FAIL) .*\/(\d)\.test\.ts/gm)].map(
    ([, how, number]) => `${number ?? ''} ${how ?? ''}`,
  );
  // Jest reports each failed one once more at the end.
  return ended.slice(0, FILES.length);
}

describe('test files that share a worker', () => {
  it('receive their own errors, and none of another file', () => {
    expect(endings()).toEqual(['0 PASS', '1 FAIL', '2 FAIL', '3 PASS', '4 FAIL']);
  }, 120_000);
});
