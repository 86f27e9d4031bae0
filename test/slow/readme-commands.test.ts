/** Every command that README shows is run: here, or in a file that ELSEWHERE names. Nothing asks the internet. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startReadmeAccount } from '../support/readme/account';
import type { ReadmeAccount } from '../support/readme/account';
import { auditing } from '../support/readme/auditing';
import { deploying } from '../support/readme/deploying';
import { ORG, ROOT, fillIn } from '../support/readme/example';
import { invoking } from '../support/readme/invoking';
import { shownCommands } from '../support/readme/shown-commands';

const MINUTES = 60_000;
const EXAMPLES = [...deploying, ...auditing, ...invoking];

/** Commands that other files run, and the words by which they do. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'npm ci': ['.ci/run', "' npm ci\n"],
  'npm run check': ['.ci/run', "' npm run check\n"],
  'npm test': ['.ci/run', "' npm test\n"],
  'npm run test:slow': ['.ci/run', ' npm run test:slow\n'],
  'npm start': ['.ci/run', "' npm start\n"],
  'npm run build': ['test/slow/package.test.ts', "join('infra', 'build', 'build-package.ts')"],
  'npx cdk diff ThumbprintDriftMonitor': [
    'test/slow/upgrade.test.ts',
    "'npx cdk diff ThumbprintDriftMonitor',",
  ],
  'npx tsx cli/main.ts doctor NAME --write-config': ['test/slow/upgrade.test.ts', '--write-config`,'],
  'npx cdk destroy ThumbprintDriftMonitor': ['test/slow/deployment.test.ts', "cdk('destroy', '--force')"],
};

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the commands of README', () => {
  it('are run, and no others', () => {
    const run = [...EXAMPLES.flatMap(({ lines }) => lines), ...Object.keys(ELSEWHERE)];
    expect(run.sort()).toEqual([...shownCommands(read('README.md'))].sort());
  });

  it.each(Object.entries(ELSEWHERE))('include %s, which another file runs', (_, [file, words]) => {
    expect(read(file)).toContain(words);
  });

  it('are found in blocks of both kinds, in lists and in prose', () => {
    const text = [
      'Run `npm ci`, or `aws x`, but',
      'not `npm`. `npm',
      'test` is more.',
      '',
      '    npm ci        # once',
      '    # no command',
      '',
      '```text',
      'npx a # b',
      '```',
      '1. List:',
      '',
      '       aws x \\',
      '         --y',
    ].join('\n');
    expect(shownCommands(text)).toEqual(['npm ci', 'npx a # b', 'aws x --y', 'npm test']);
  });
});

describe('as README shows it', () => {
  let account: ReadmeAccount;

  beforeAll(async () => {
    account = await startReadmeAccount(ORG);
  }, 3 * MINUTES);

  afterAll(() => account.close());

  for (const { lines, test, runs = true } of EXAMPLES)
    (runs ? it : it.skip)(lines.join('; '), () => test(account, ...lines.map(fillIn)), 5 * MINUTES);
});
