/** Items of the state table that somebody else wrote: nothing of them reaches a message but identifiers. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import type { StoredItem } from '../../lambda/domain/store';
import { pack, unpack } from '../../lambda/state/pack';
import type { Json } from '../../lambda/state/pack';
import { ARN, Account, HOST, ISSUER, ITEMS, serving } from '../support/account';
import { fuzzing } from '../support/fuzz';
import { asVersion1, valueOf, withValue } from '../support/state/items';
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

const asObject = (value: unknown): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) throw new TypeError('The value is no object.');
  return { ...value };
};

/** Changes an item as somebody who may write to the table does. */
function forge(account: Account, id: string, change: (value: Record<string, unknown>) => Json): void {
  const item = account.items.get(id);
  account.items.set(id, withValue(item, change(asObject(valueOf(item) ?? {}))));
}

/** Replaces the state by items of version 1, each of which `change` may have changed. */
async function downgrade(
  account: Account,
  change: (id: string, memory: Record<string, unknown>) => object,
): Promise<void> {
  const { account: memory, targets } = await account.state();
  if (memory === null) throw new TypeError('There is no state.');
  account.items.clear();
  for (const [id, each] of [...targets, ['account', memory] as const])
    account.items.set(id, {
      version: 1,
      data: null,
      text: JSON.stringify(change(id, asVersion1(each))),
    });
}

/** What the small item says of the issuer. */
const retained = (target: object): Json => ({
  stateVersion: 2,
  tracks: [],
  targets: [
    { issuer: ISSUER, firstRun: AT, tracks: [], added: [], updatedAt: null, intent: null, ...target },
  ],
});

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
    await downgrade(account, (each, memory) =>
      each === id
        ? { ...memory, memoryVersion: 1, tracks: [], news: [{ finding: finding(check), at: AT }] }
        : memory,
    );
    const output = await outputOf(account);
    expect(output).not.toContain(FORGED);
    expect(account.messages.at(-1)?.machine).toContain(`"check":"${check}","severity":"high"`);
  });

  it.each([
    [ISSUER, 'CERT001'],
    ['account', 'TRUST006'],
  ])('of %s puts no sentence into a message as resolved', async (id, key) => {
    const account = await settled();
    await downgrade(account, (each, memory) =>
      each === id ? { ...memory, memoryVersion: 1, tracks: [track(key, key)], news: [] } : memory,
    );
    const output = await outputOf(account);
    expect(account.told()).toEqual(['finding.resolved']);
    expect(output).not.toContain(FORGED);
  });

  it('claims no update if updates are off, and hides no change', async () => {
    const account = await settled('off');
    const intent = { at: AT, before: [], added: [STRANGE] };
    forge(account, ITEMS.retained, () => retained({ added: [STRANGE], intent }));
    account.lists.set(ARN, [before.middle.thumbprint, STRANGE]);
    const output = await outputOf(account);
    expect(account.told()).toEqual(['finding.firing']);
    expect(account.messages[0]?.machine).toContain('"check":"THUMB008","severity":"high"');
    expect(output).not.toMatch(/the monitor (had )?(added|began)/i);
  });

  it('claims an update only if IAM lists what it names, and prints what IAM lists', async () => {
    const account = await settled('guarded');
    forge(account, ITEMS.retained, () => retained({ intent: { at: AT, added: [STRANGE] } }));
    account.lists.set(ARN, [before.middle.thumbprint, STRANGE]);
    const output = await outputOf(account);
    expect(output).toContain(`--thumbprint-list ${before.middle.thumbprint}`);
    expect(output).not.toMatch(/the monitor (had )?added/i);
    expect(output.replaceAll(/\s+/g, ' ')).toContain('Either the monitor or somebody else made it.');
  });

  it('with a sentence instead of a thumbprint in an intent is not read', async () => {
    const account = await settled('guarded');
    const option = `--endpoint-url=${FORGED}`;
    forge(account, ITEMS.retained, () => retained({ intent: { at: AT, before: [option], added: [option] } }));
    expect(await outputOf(account)).not.toContain(FORGED);
    expect((await account.state()).unreadable).toEqual([]);
    expect(account.items.has(`${ITEMS.retained}/unreadable`)).toBe(true);
  });

  it.each([1, 2])(
    'puts no sentence into anything, whatever is forged: version %d (fault 55)',
    async (version) => {
      const real = await settled('guarded');
      await real.run();
      await real.run();
      real.lists.set(ARN, [before.middle.thumbprint, after.middle.thumbprint]);
      real.lists.set(ARN.replace('b9d4e9a0', '00000000'), [STRANGE]);
      await real.run({ recipients: 0 });
      forge(real, ITEMS.retained, () => retained({ added: [STRANGE], updatedAt: AT }));
      if (version === 1) await downgrade(real, (_, memory) => memory);
      const jsonOf = ({ text, data }: StoredItem): unknown =>
        data === null ? JSON.parse(text ?? 'null') : unpack(data);
      const items = [...real.items].map(([id, item]) => [id, jsonOf(item)] as const);
      const paths = items.flatMap(([id, value]) => textsIn(value).map((path) => [id, path] as const));
      expect(paths.length).toBeGreaterThan(20);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...paths), { minLength: 1, maxLength: 4 }),
          fc.boolean(),
          async (replaced, isServed) => {
            const account = new Account([before.middle.thumbprint], serving(isServed ? after : before), {
              update: 'guarded',
            });
            for (const [id, value] of items) {
              const forged = replaced
                .filter(([each]) => each === id)
                .reduce((changed, [, path]) => replace(changed, path, FORGED), value);
              const text = JSON.stringify(forged);
              account.items.set(id, {
                version: 1,
                data: version === 1 ? null : pack(v.parse(json, forged)),
                text: version === 1 ? text : null,
              });
            }
            expect(await outputOf(account)).not.toContain(FORGED);
            expect(await outputOf(account)).not.toContain(FORGED);
          },
        ),
        fuzzing(0.1),
      );
    },
    30_000,
  );

  it.each<[string, string, object]>([
    ['a track of sentences', 'account', { tracks: [track(FORGED, 'TRUST001')] }],
    ['sentences as providers', 'account', { providers: [FORGED] }],
    ['sentences as audiences', ISSUER, { audiences: [FORGED] }],
    ['sentences as a list', ISSUER, { listed: [FORGED] }],
    ['a sentence as a host', ISSUER, { jwksHost: FORGED }],
    ['sentences as tracks', ISSUER, { tracks: [track('CERT001', 'CERT001'), track('drift', 'THUMB001')] }],
    ['a sentence as a change', ISSUER, { news: [{ finding: finding('JWKS002'), at: AT }] }],
  ])('shows nothing of %s', async (_, id, change) => {
    for (const memoryVersion of [1, 2]) {
      const account = await settled('guarded');
      await downgrade(account, (each, memory) =>
        each === id ? { ...memory, memoryVersion, ...change } : memory,
      );
      for (let run = 0; run < 2; run += 1) expect(await outputOf(account)).not.toContain(FORGED);
    }
  });
});

/** What JSON.parse returns. */
const json: v.GenericSchema<Json> = v.lazy(() =>
  v.union([v.null(), v.boolean(), v.number(), v.string(), v.array(json), v.record(v.string(), json)]),
);

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
