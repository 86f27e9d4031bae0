/** State that cannot be saved, or would be too large: no alert may be lost for it, or be sent again and again. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { MAX_ITEM_BYTES } from '../../lambda/state/fit';
import type { Host, HostObservation, Role } from '../../lambda/domain/types';
import { ARN, Account, HOST, ITEMS, serving } from '../support/account';
import { hierarchy, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';

let before: Hierarchy;
let after: Hierarchy;

beforeAll(async () => {
  [before, after] = [await hierarchy(HOST, 'Before'), await hierarchy(HOST, 'After')];
});

const BODY = v.object({
  events: v.array(
    v.object({
      eventType: v.string(),
      findings: v.array(v.object({ check: v.string(), severity: v.string() })),
    }),
  ),
});
/** The checks of each message. */
const checksOf = (account: Account): readonly (readonly string[])[] =>
  account.messages.map(({ machine }) => [
    ...new Set(
      v.parse(BODY, JSON.parse(machine)).events.flatMap(({ findings }) => findings.map(({ check }) => check)),
    ),
  ]);

/** Where AWS consults the list, drift is critical. */
const onlyTls13 = (host: Host): HostObservation => ({
  ...observed(host.name, [{ chain: after.chain }], false),
  host,
});

async function settled(config: object = {}): Promise<Account> {
  const account = new Account([before.middle.thumbprint], serving(after), config);
  await account.run({ probe: serving(before) });
  return account;
}

describe('state that cannot be saved', () => {
  it('is alerted in the same run, with what waits for a second run (fault 54)', async () => {
    const account = await settled();
    const report = await account.run({ store: 'full' });
    expect(checksOf(account)).toEqual([['OPS002', 'THUMB001']]);
    expect(report.findings).toMatchObject([{ check: 'OPS002', severity: 'high' }]);
    expect(report.failures).toMatchObject([{ step: 'state' }]);
    expect(report.summary.worst).toBe('high');
  });

  it('is alerted once a day, for any schedule', async () => {
    for (const minutes of [60, 360, 720]) {
      const account = await settled();
      account.intervalMinutes = minutes;
      for (let run = 0; run < (3 * 1_440) / minutes; run += 1)
        await account.run({ store: 'full', after: minutes });
      expect(account.messages).toHaveLength(3);
    }
  });

  it('is alerted in every run if it is not known when state was saved', async () => {
    const account = new Account([before.middle.thumbprint], serving(before));
    for (let run = 0; run < 3; run += 1) await account.run({ store: 'full' });
    expect(checksOf(account)).toEqual([['OPS002'], ['OPS002'], ['OPS002']]);
  });

  it('is not alerted again, nor is drift, once it has been saved', async () => {
    const account = await settled();
    await account.run({ store: 'full' });
    for (let run = 0; run < 4; run += 1) await account.run();
    expect(checksOf(account)).toEqual([['OPS002', 'THUMB001'], ['THUMB001']]);
  });

  it('because the small item is refused is alerted, and the large one is not written either', async () => {
    const critical = { probe: onlyTls13 };
    const account = await settled();
    await account.run({ ...critical, refused: [ITEMS.retained] });
    expect(checksOf(account)).toEqual([['THUMB001'], ['OPS002']]);
    expect(account.saves).toEqual([ITEMS.main]);
    // Nobody can have noted that it was alerted, so it is alerted again.
    await account.run(critical);
    expect(checksOf(account)).toEqual([['THUMB001'], ['OPS002'], ['THUMB001']]);
    expect(account.saves).toEqual([ITEMS.main, ITEMS.retained, ITEMS.main]);
    await account.run(critical);
    expect(account.saves.slice(3)).toEqual([ITEMS.main]);
    expect(account.messages).toHaveLength(3);
  });

  it('because the large item is refused does not repeat a critical alert, which the small one has', async () => {
    const critical = { probe: onlyTls13 };
    const account = await settled();
    await account.run({ ...critical, refused: [ITEMS.main] });
    expect(checksOf(account)).toEqual([['THUMB001'], ['OPS002']]);
    for (let run = 0; run < 3; run += 1) await account.run(critical);
    expect(checksOf(account)).toHaveLength(2);
  });

  it('is no failure if another run has saved in between', async () => {
    const account = await settled();
    await Promise.all([account.run(), account.run({ after: 0 })]);
    expect(checksOf(account).flat()).not.toContain('OPS002');
  });

  it('is not alerted if nothing could be read, since everything was alerted then', async () => {
    const account = await settled();
    await account.run({ store: 'down' });
    expect(checksOf(account)).toEqual([['THUMB001']]);
  });
});

/** A role that every token of the provider may assume. */
const open = (index: number, path: string): Role => {
  const name = `deploy-${index}`;
  const statement = {
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: ARN },
    Condition: { StringEquals: { [`${HOST}/org/${ARN.slice(-36)}:aud`]: ARN.slice(-36) } },
  };
  return {
    arn: `arn:aws:iam::123456789012:role/${path}${name}`,
    name,
    trustPolicy: encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: [statement] })),
  };
};
const LONG = `${'x'.repeat(500)}/`;

describe('many open roles', () => {
  it.each([
    ['300 with long names', 300, LONG],
    ['40 with ordinary names', 40, ''],
  ])(
    '%s: are alerted once, fit into an item, and a new one is alerted',
    async (_, amount, path) => {
      const account = new Account([before.middle.thumbprint], serving(before));
      await account.run();
      const roles = Array.from({ length: amount }, (__, index) => open(index, path));
      const messages = async (...held: readonly Role[]): Promise<number> => {
        const said = account.messages.length;
        await account.run({ roles: held });
        return account.messages.length - said;
      };
      await messages(...roles);
      await messages(...roles);
      expect(checksOf(account).flat()).toContain('TRUST001');
      const settledAt = account.messages.length;
      await messages(...roles);
      await messages(...roles);
      // A warning about the size may have followed, and nothing else.
      expect(checksOf(account).slice(settledAt).flat()).not.toContain('TRUST001');
      for (const { data } of account.items.values()) expect(data?.byteLength).toBeLessThan(MAX_ITEM_BYTES);
      expect(await messages(...roles, open(amount, path))).toBeLessThanOrEqual(1);
      expect(await messages(...roles, open(amount, path))).toBeLessThanOrEqual(1);
      expect(checksOf(account).at(-1)).toContain('TRUST001');
      expect(await messages(...roles, open(amount, path))).toBe(0);
    },
    60_000,
  );
});
