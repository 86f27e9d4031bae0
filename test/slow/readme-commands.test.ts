/** Every command that README shows is run: here, or as ELSEWHERE says. Nothing asks the internet. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDocument } from '../support/headings';
import { startReadmeAccount } from '../support/readme/account';
import type { ReadmeAccount } from '../support/readme/account';
import { auditing } from '../support/readme/auditing';
import { deploying } from '../support/readme/deploying';
import { ORG, fillIn } from '../support/readme/example';
import { invoking } from '../support/readme/invoking';
import { shownCommands } from '../support/readme/shown-commands';

const MINUTES = 60_000;
const EXAMPLES = [...deploying, ...auditing, ...invoking];

/** Commands that `.ci/run` and other slow tests run: package, upgrade and deployment. */
const ELSEWHERE = [
  'npm ci',
  'npm run check',
  'npm test',
  'npm run test:slow',
  'npm start',
  'npm run build',
  'npx cdk diff ThumbprintDriftMonitor',
  'npx tsx cli/main.ts doctor NAME --write-config',
  'npx cdk destroy ThumbprintDriftMonitor',
];

describe('the commands of README', () => {
  it('are run, and no others', () => {
    const run = [...EXAMPLES.flatMap(({ lines }) => lines), ...ELSEWHERE];
    expect(run.sort()).toEqual([...shownCommands(readDocument('README.md'))].sort());
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
