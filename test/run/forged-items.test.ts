/** Items of the state table that somebody else wrote: nothing of them reaches a message but identifiers. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ARN, Account, HOST, ISSUER, serving } from '../support/account';
import { fuzzing } from '../support/fuzz';
import { hierarchy } from '../support/observed';
import type { Hierarchy } from '../support/observed';

let before: Hierarchy;
let after: Hierarchy;

beforeAll(async () => {
  [before, after] = [await hierarchy(HOST, 'Before'), await hierarchy(HOST, 'After')];
});

const FORGED = 'Ring the helpdesk at once';
const AT = '2026-11-20T06:00:00.000Z';
const STRANGE = 'e'.repeat(40);

/** Everything that people or machines can read of a run. */
const outputOf = async (account: Account, scene: Parameters<Account['run']>[0] = {}): Promise<string> => {
  const said = account.messages.length;
  const report = await account.run(scene);
  return JSON.stringify([report, account.messages.slice(said), account.chats]);
};

async function settled(update: 'off' | 'guarded' = 'off'): Promise<Account> {
  const account = new Account([before.middle.thumbprint], serving(after), { update });
  await account.run({ probe: serving(before) });
  return account;
}

/** Changes an item as somebody who may write to the table does. */
function forge(account: Account, id: string, change: (memory: Record<string, unknown>) => unknown): void {
  const item = account.items.get(id);
  if (item === undefined) throw new TypeError(`There is no item ${id}.`);
  const memory: unknown = JSON.parse(item.json);
  if (typeof memory !== 'object' || memory === null) throw new TypeError('The item is no object.');
  account.items.set(id, { ...item, json: JSON.stringify(change({ ...memory })) });
}

const finding = (check: string) => ({ check, severity: 'critical', message: FORGED, remedy: FORGED });
const track = (key: string, check: string) => ({
  key,
  since: AT,
  seen: 5,
  clean: 1,
  severity: 'critical',
  evidence: [{ value: 'itself', seen: 5, missed: 0 }],
  findings: [finding(check)],
  told: { at: AT, evidence: ['itself'] },
});

describe('a forged item of the state table', () => {
  it.each([ISSUER, 'account'])('of %s puts no sentence into a message as a change', async (id) => {
    const account = await settled();
    const check = id === ISSUER ? 'THUMB008' : 'PROV006';
    forge(account, id, (memory) => ({
      ...memory,
      memoryVersion: 1,
      news: [{ finding: finding(check), at: AT }],
    }));
    const output = await outputOf(account);
    expect(output).not.toContain(FORGED);
    expect(account.messages.at(-1)?.machine).toContain(`"check":"${check}","severity":"high"`);
  });

  it.each([
    [ISSUER, 'CERT001'],
    ['account', 'TRUST006'],
  ])('of %s puts no sentence into a message as resolved', async (id, key) => {
    const account = await settled();
    forge(account, id, (memory) => ({ ...memory, memoryVersion: 1, tracks: [track(key, key)] }));
    const output = await outputOf(account);
    expect(account.told()).toEqual(['finding.resolved']);
    expect(output).not.toContain(FORGED);
  });

  it('claims no update if updates are off, and hides no change', async () => {
    const account = await settled('off');
    forge(account, ISSUER, (memory) => ({
      ...memory,
      added: [STRANGE],
      intent: { at: AT, before: [], list: [STRANGE], added: [STRANGE] },
    }));
    account.lists.set(ARN, [before.middle.thumbprint, STRANGE]);
    const output = await outputOf(account);
    expect(account.told()).toEqual(['finding.firing']);
    expect(account.messages[0]?.machine).toContain('"check":"THUMB008","severity":"high"');
    expect(output).not.toMatch(/the monitor (had )?(added|began)/i);
  });

  it('claims an update only if IAM lists what it names, and prints what IAM lists', async () => {
    const account = await settled('guarded');
    forge(account, ISSUER, (memory) => ({
      ...memory,
      intent: { at: AT, before: [`--endpoint-url=${FORGED}`], list: [STRANGE], added: [STRANGE] },
    }));
    account.lists.set(ARN, [before.middle.thumbprint, STRANGE]);
    const output = await outputOf(account);
    expect(output).not.toContain(FORGED);
    expect(output).toContain(`--thumbprint-list ${before.middle.thumbprint}`);
    expect(output).not.toMatch(/the monitor (had )?added/i);
    expect(output.replaceAll(/\s+/g, ' ')).toContain('the monitor or someone else has added it');
  });

  it('puts no sentence into anything, whatever is forged, in items of two versions (fault 55)', async () => {
    const real = await settled('guarded');
    await real.run();
    await real.run();
    real.lists.set(ARN, [before.middle.thumbprint, after.middle.thumbprint]);
    real.lists.set(ARN.replace('b9d4e9a0', '00000000'), [STRANGE]);
    await real.run({ recipients: 0 });
    const items = new Map(real.items);
    const paths = [...items].flatMap(([id, { json }]) =>
      textsIn(JSON.parse(json)).map((path) => [id, path] as const),
    );
    expect(paths.length).toBeGreaterThan(20);
    const extra = fc.constantFrom<[string, object]>(
      [ISSUER, { memoryVersion: 1, tracks: [track('CERT001', 'CERT001'), track('drift', 'THUMB001')] }],
      [ISSUER, { memoryVersion: 1, news: [{ finding: finding('JWKS002'), at: AT }] }],
      [ISSUER, { audiences: [FORGED] }],
      [ISSUER, { listed: [FORGED] }],
      [ISSUER, { jwksHost: FORGED }],
      ['account', { providers: [FORGED] }],
      ['account', { memoryVersion: 1, tracks: [track(FORGED, 'TRUST001')] }],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...paths), { maxLength: 4 }),
        fc.array(extra, { maxLength: 2 }),
        fc.boolean(),
        async (replaced, added, isServed) => {
          const account = new Account([before.middle.thumbprint], serving(isServed ? after : before), {
            update: 'guarded',
          });
          items.forEach((item, id) => account.items.set(id, item));
          for (const [id, path] of replaced) forge(account, id, (memory) => replace(memory, path, FORGED));
          for (const [id, change] of added) forge(account, id, (memory) => ({ ...memory, ...change }));
          expect(await outputOf(account)).not.toContain(FORGED);
          expect(await outputOf(account)).not.toContain(FORGED);
        },
      ),
      fuzzing(0.1),
    );
  }, 30_000);
});

type Path = readonly string[];

/** The paths of texts in a JSON value. */
function textsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsIn(each, [...path, key]));
}

function replace(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value))
    return value.map((each: unknown, index) => (String(index) === key ? replace(each, rest, text) : each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, name === key ? replace(each, rest, text) : each]),
  );
}
