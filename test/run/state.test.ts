/** What is alerted, saved and lost over whole runs: with a failing store, a failing topic, and concurrent runs. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { PublishError, failure } from '../../lambda/domain/errors';
import { ARN, Account, HOST, ISSUER, serving } from '../support/account';
import type { Scene } from '../support/account';
import { hierarchy } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { allow, policyOf, roleWith } from '../support/roles';

let before: Hierarchy;
let after: Hierarchy;

beforeAll(async () => {
  [before, after] = [await hierarchy(HOST, 'Before'), await hierarchy(HOST, 'After')];
});

const drifting = (): Account => new Account([before.middle.thumbprint], serving(after));
/** After a first run without findings. */
async function settled(): Promise<Account> {
  const account = drifting();
  await account.run({ probe: serving(before) });
  return account;
}

describe('saved state between runs', () => {
  it('alerts drift once a second run has confirmed it, and its resolution once two runs have not found it', async () => {
    const account = await settled();
    await account.run();
    expect(account.told()).toEqual([]);
    await account.run();
    expect(account.told()).toEqual(['drift.firing']);
    for (let run = 0; run < 4; run += 1) await account.run();
    account.lists.set(ARN, [before.middle.thumbprint, after.middle.thumbprint]);
    await account.run();
    expect(account.told()).toEqual(['drift.firing']);
    await account.run();
    // The change of the list is attached, and is no change that alerts by itself.
    expect(account.messages.at(-1)?.attributes['eventTypes']).toEqual(['finding.firing', 'drift.resolved']);
    await account.run();
    expect(account.messages).toHaveLength(2);
  });

  it('alerts the first run at once, and again until there is a recipient (faults 39, 46)', async () => {
    const account = drifting();
    for (let run = 0; run < 3; run += 1) await account.run({ recipients: 0 });
    expect(account.messages).toHaveLength(3);
    await account.run();
    await account.run();
    expect(account.messages).toHaveLength(4);
  });

  it('alerts again what was sent between two counts, if the last recipient had left', async () => {
    const account = await settled();
    await account.run();
    await account.run({ recipients: 0 });
    expect(account.told()).toEqual(['drift.firing']);
    await account.run();
    expect(account.told()).toEqual(['drift.firing', 'drift.firing']);
    await account.run();
    expect(account.messages).toHaveLength(2);
  });

  it('confirms a new critical finding about a role in the same run, without reading the roles again', async () => {
    const account = await settled();
    let listings = 0;
    await account.run({
      probe: serving(before),
      get roles() {
        listings += 1;
        return [roleWith(ARN, 'ci', policyOf(allow('', undefined, { Principal: '*' })))];
      },
    });
    expect(account.messages.map(({ attributes }) => attributes['severity'])).toEqual(['critical']);
    expect(listings).toBe(1);
  });

  it('does not report a list as in sync if its provider is deleted', async () => {
    const account = await settled();
    const missing: Scene = { config: { orgs: [ISSUER.slice(-36)] } };
    await account.run(missing);
    await account.run(missing);
    account.lists.delete(ARN);
    for (let run = 0; run < 4; run += 1) await account.run(missing);
    const over = account.messages.find(({ attributes }) =>
      attributes['eventTypes']?.includes('drift.resolved'),
    );
    const text = over?.email.replaceAll('\n', ' ') ?? '';
    expect(text).toContain('was deleted, so the outdated list no longer exists.');
    expect(text).not.toContain('again lists every certificate');
  });

  it('lists once more if the state is newer than the listing', async () => {
    const scene: Scene = { config: { orgs: [ISSUER.slice(-36)] }, probe: serving(before) };
    const account = drifting();
    account.lists.delete(ARN);
    await account.run(scene);
    // Another run lists the provider that somebody has made, and saves first.
    account.lists.set(ARN, [before.middle.thumbprint]);
    await account.run(scene);
    const report = await account.run({ ...scene, listings: [[], [ARN]] });
    expect(report.targets.map(({ status }) => status)).toEqual(['in-sync']);
  });

  it('saves nothing of a run whose message was refused: the next one sends it (fault 33)', async () => {
    const account = await settled();
    await account.run();
    await expect(account.run({ publish: 'fails' })).rejects.toThrow(PublishError);
    expect(account.messages).toEqual([]);
    await account.run();
    expect(account.told()).toEqual(['drift.firing']);
  });

  it('alerts everything if it cannot be read, reports that, and saves nothing (fault 36)', async () => {
    const account = await settled();
    const items = new Map(account.items);
    const report = await account.run({ store: 'down' });
    expect(report.failures).toMatchObject([{ step: 'state', code: 'AWS_UNAVAILABLE' }]);
    expect(account.told()).toEqual(['drift.firing']);
    expect(account.messages[0]?.email.replaceAll('\n', ' ')).toContain('The state table could not be read');
    expect(account.items).toEqual(items);
  });

  it('reports that it cannot be written, after the message is sent', async () => {
    const account = await settled();
    await account.run();
    const report = await account.run({ store: 'full' });
    expect(account.told()).toEqual(['drift.firing', 'finding.firing']);
    expect(report.failures).toMatchObject([{ step: 'state' }]);
    await account.run();
    expect(account.told()).toEqual(['drift.firing', 'finding.firing', 'drift.firing']);
  });

  it('saves what the mail has alerted if the chat topic refuses, and fails the run all the same', async () => {
    const account = await settled();
    await account.run();
    await expect(account.run({ chat: 'fails' })).rejects.toThrow(PublishError);
    await account.run();
    expect(account.told()).toEqual(['drift.firing']);
  });

  it('sends at most one message more if the same event runs twice at once', async () => {
    const account = await settled();
    await account.run();
    await Promise.all([account.run(), account.run()]);
    expect([1, 2]).toContain(account.messages.length);
    await account.run();
    expect([1, 2]).toContain(account.messages.length);
  });

  it('is not changed by a concurrent audit, which shows it', async () => {
    const account = await settled();
    account.lists.set(ARN, [before.middle.thumbprint, 'c'.repeat(40)]);
    const items = new Map(account.items);
    const report = await account.run({ event: { action: 'audit' } });
    expect(report.targets[0]?.findings.map(({ check }) => check)).toContain('THUMB008');
    expect(account.items).toEqual(items);
    expect(account.messages).toEqual([]);
  });

  it('preserves for one org what a run for another org did not audit', async () => {
    const account = await settled();
    const other = ISSUER.replace('b9d4e9a0', '00000000');
    account.lists.set(ARN.replace('b9d4e9a0', '00000000'), [before.middle.thumbprint]);
    await account.run({ probe: serving(before) });
    const stored = async (): Promise<unknown> => (await account.state()).targets.get(ISSUER);
    const kept = await stored();
    await account.run({ event: { action: 'monitor', issuers: [other] }, probe: serving(before) });
    expect(await stored()).toEqual(kept);
    expect((await account.state()).targets.has(other)).toBe(true);
  });

  it('with failed audits: no drift, no resolution of drift, and one message of its own (fault 40)', async () => {
    const account = await settled();
    await account.run();
    await account.run();
    const blind = {
      document: () => ({ ok: false, failure: failure('discovery', 'TCP_TIMEOUT', 'Silence.') }) as const,
    };
    for (let run = 0; run < 8; run += 1) await account.run(blind);
    expect(account.told()).toEqual(['drift.firing', 'unknown.firing']);
    expect(account.messages[1]?.subject).toContain('Nothing could be checked');
    await account.run();
    await account.run();
    expect(account.told()).toEqual(['drift.firing', 'unknown.firing', 'unknown.resolved']);
  });
});
