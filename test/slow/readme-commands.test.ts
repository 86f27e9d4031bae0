/** Runs the commands of README and docs/, as test/docs/commands.test.ts lists them. Nothing asks the internet. */
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startReadmeAccount } from '../support/readme/account';
import type { ReadmeAccount } from '../support/readme/account';
import { EXAMPLES } from '../support/readme/examples';
import { ORG, fillIn } from '../support/readme/example';

const MINUTES = 60_000;

describe('the commands of README and docs/, as they are shown there', () => {
  let account: ReadmeAccount;

  beforeAll(async () => {
    account = await startReadmeAccount(ORG);
  }, 3 * MINUTES);

  afterAll(() => account.close());

  for (const { lines, test, runs = true } of EXAMPLES) {
    const [first = '', ...others] = lines;
    const name = others.length === 0 ? first : `${first}, and ${others.length} more`;
    (runs ? it : it.skip)(name, () => test(account, ...lines.map(fillIn)), 5 * MINUTES);
  }
});
