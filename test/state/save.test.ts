/** What is saved after a run is loaded by the next one, whichever writes are lost. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import type { TargetReport } from '../../lambda/domain/types';
import { loadState, stateIds } from '../../lambda/state/load';
import type { LoadedState } from '../../lambda/state/load';
import { pack } from '../../lambda/state/pack';
import type { Json } from '../../lambda/state/pack';
import { saveIntents, saveState } from '../../lambda/state/save';
import { newAccountMemory, newTargetMemory } from '../../lambda/state/schema';
import type { AccountState, Track } from '../../lambda/state/schema';
import { taking } from '../support/cases';
import { diary } from '../support/diary';
import { finding, inSync, issuerOf, unseen } from '../support/reports';
import { Items, reload } from '../support/state/items';

const ACCOUNT = '123456789012';
const IDS = stateIds(ACCOUNT);
const AT = '2026-11-01T00:00:00.000Z';
const DIGITS = ['a', 'b'] as const;

const load = async (table: Items): Promise<LoadedState> => (await loadState(table, ACCOUNT)).loaded;

interface Run {
  readonly hours: number;
  readonly sights: readonly [string, string];
  /** Only one org is audited. */
  readonly narrowed: boolean;
  /** The writes of which items are lost. */
  readonly lost: readonly (keyof typeof IDS)[];
}

const SIGHTS: Readonly<Record<string, (digit: string) => TargetReport>> = {
  calm: inSync,
  blind: unseen,
  finding: (digit) => ({ ...inSync(digit), findings: [finding('CERT001', 'medium', 'Soon.')] }),
  critical: (digit) => ({ ...inSync(digit), findings: [finding('CERT005', 'critical', 'Expired.')] }),
  rotated: (digit) => ({ ...inSync(digit), expected: ['c'.repeat(40)] }),
};
const sight = fc.constantFrom(...Object.keys(SIGHTS));

/** Stretches of equal observations, as the world shows them. */
const month = (lost: fc.Arbitrary<Run['lost']>): fc.Arbitrary<readonly Run[]> =>
  fc
    .array(
      fc.record({
        length: fc.integer({ min: 1, max: 6 }),
        hours: fc.constantFrom(1, 6, 6, 24, 200),
        sights: fc.tuple(sight, sight),
        narrowed: fc.boolean(),
        lost,
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((stretches) => stretches.flatMap(({ length, ...run }) => Array.from({ length }, () => run)));

interface Lived {
  readonly loaded: LoadedState;
  readonly left: AccountState;
  readonly written: readonly string[];
}

/** Run after run, each with nothing but the table to know of the others. */
async function live(runs: readonly Run[], table = new Items()): Promise<readonly Lived[]> {
  const story: Lived[] = [];
  let hour = 0;
  for (const { hours, sights, narrowed, lost } of runs) {
    hour += hours;
    const loaded = await load(table);
    const digits = narrowed ? DIGITS.slice(0, 1) : DIGITS;
    const looks = digits.map((digit, index) => ({ report: (SIGHTS[sights[index] ?? ''] ?? inSync)(digit) }));
    const { targets, account } = diary(loaded).run({ hour, looks });
    if (account === null) continue;
    const own = new Map([...targets].filter(([issuer]) => digits.map(issuerOf).includes(issuer)));
    table.isLost = (id) => lost.some((name) => IDS[name] === id);
    table.written.length = 0;
    await saveState({ targets: own, account }, loaded, { store: table, account: ACCOUNT });
    story.push({ loaded, left: { targets, account }, written: [...table.written] });
  }
  return story;
}

const alerted: Track = {
  key: 'CERT005',
  since: AT,
  found: 2,
  missed: 0,
  severity: 'critical',
  evidence: [{ value: 'itself', found: 2, missed: 0 }],
  findings: [],
  more: 0,
  notified: { at: AT, evidence: ['itself'] },
};
const stateOf = (changes: object = {}): AccountState => ({
  account: newAccountMemory(AT),
  targets: new Map([['https://ci.example.com', { ...newTargetMemory(AT), ...changes }]]),
});

describe('the state after a run', () => {
  it('is loaded by the next run exactly', async () => {
    await fc.assert(
      fc.asyncProperty(month(fc.constant([])), async (runs) => {
        const story = await live(runs);
        story.slice(1).forEach(({ loaded: { account, targets } }, index) => {
          expect({ account, targets }).toEqual(story[index]?.left);
        });
      }),
      taking(12),
    );
  });

  it('is, if writes are lost, never newer than what people were notified of', async () => {
    const lost = fc.subarray(['main', 'retained'] as const);
    await fc.assert(
      fc.asyncProperty(month(lost), async (runs) => {
        const story = await live(runs);
        story.forEach(({ loaded }, index) => {
          const earlier = story.slice(0, index).map(({ left }) => left);
          for (const [issuer, { tracks, lastRun }] of loaded.targets) {
            const known = earlier.flatMap(({ targets }) => targets.get(issuer) ?? []);
            expect(known.map((each) => each.lastRun)).toContain(lastRun);
            for (const { key, notified } of tracks) {
              const tolds = known.flatMap((each) => each.tracks.filter((track) => track.key === key));
              expect(tolds.map((track) => track.notified?.at ?? null)).toContain(notified?.at ?? null);
            }
          }
        });
      }),
      taking(12),
    );
  });

  it('is one write in a run that finds nothing new, and two if a critical finding is alerted', async () => {
    const run = (name: string): Run => ({ hours: 6, sights: [name, name], narrowed: false, lost: [] });
    const calm = await live([run('calm'), run('calm'), run('calm')]);
    expect(calm.map(({ written }) => written)).toEqual([[IDS.main], [IDS.main], [IDS.main]]);
    const critical = await live(['calm', 'critical', 'critical', 'critical', 'calm', 'calm'].map(run));
    expect(critical.map(({ written }) => written.length)).toEqual([1, 1, 2, 1, 1, 2]);
  });

  it('is not half saved: without the small item the large one is not written', async () => {
    const table = new Items();
    const first = await load(table);
    const other = await load(table);
    await saveState(stateOf({ tracks: [alerted] }), first, { store: table, account: ACCOUNT });
    const late = await saveState(stateOf({ tracks: [{ ...alerted, more: 3 }] }), other, {
      store: table,
      account: ACCOUNT,
    });
    expect(late).toEqual({ ok: true, value: 'conflict' });
    expect(table.written).toEqual([IDS.retained, IDS.main]);
  });

  it('keeps targets that the run did not collect, for 90 days, and what updates depend on for ever', async () => {
    const table = new Items();
    const added = ['a'.repeat(40)];
    await saveState(stateOf({ added, updatedAt: AT }), await load(table), { store: table, account: ACCOUNT });
    for (const [days, listed] of [
      [89, ['b'.repeat(40)]],
      [91, null],
    ] as const) {
      const lastRun = new Date(Date.parse(AT) + days * 86_400_000).toISOString();
      const before = await load(table);
      const memory = before.targets.get('https://ci.example.com');
      const known = memory === undefined ? [] : [['https://ci.example.com', { ...memory, listed }] as const];
      await saveState(
        { account: newAccountMemory(lastRun), targets: new Map(days === 89 ? known : []) },
        before,
        { store: table, account: ACCOUNT },
      );
      expect((await load(table)).targets.get('https://ci.example.com')).toMatchObject({ listed, added });
    }
  });

  it('has the alerted critical findings if the large item is lost, and no others', async () => {
    const table = new Items();
    const mild: Track = { ...alerted, key: 'CERT001', severity: 'medium' };
    const intent = { at: AT, added: ['a'.repeat(40)] };
    await saveState(stateOf({ tracks: [mild, alerted], intent }), await load(table), {
      store: table,
      account: ACCOUNT,
    });
    table.items.delete(IDS.main);
    const { account, targets } = await load(table);
    expect(account).toBeNull();
    expect(targets.get('https://ci.example.com')).toMatchObject({
      intent,
      tracks: [{ key: 'CERT005', severity: 'critical', notified: alerted.notified }],
    });
  });
});

describe('a state that another run saves between the two reads', () => {
  it.each(['main', 'retained'] as const)(
    'is loaded as that run has saved it, if %s is read first',
    async (early) => {
      const table = new Items();
      const destination = { store: table, account: ACCOUNT };
      await saveState(stateOf({ tracks: [alerted] }), await load(table), destination);
      const before = new Map(table.items);
      await saveState(stateOf({ added: ['a'.repeat(40)] }), await load(table), destination);
      const [loads, torn]: [string[], typeof table.load] = [
        [],
        (id) => {
          const isEarly = id === IDS[early] && !loads.includes(id);
          loads.push(id);
          return isEarly ? Promise.resolve({ ok: true, value: before.get(id) ?? null }) : table.load(id);
        },
      ];
      const { loaded } = await loadState({ load: torn, save: table.save, preserve: table.preserve }, ACCOUNT);
      const { tracks, added } = loaded.targets.get('https://ci.example.com') ?? {};
      expect(added).toEqual(['a'.repeat(40)]);
      expect(tracks).toEqual([]);
      expect(loads).toHaveLength(4);
    },
  );
});

describe('the loss of one item', () => {
  it('loses neither what the monitor added nor when, nor the intent', async () => {
    const updates = { added: ['a'.repeat(40)], updatedAt: AT, intent: { at: AT, added: ['b'.repeat(40)] } };
    for (const name of ['main', 'retained'] as const) {
      const table = new Items();
      await saveState(stateOf(updates), await load(table), { store: table, account: ACCOUNT });
      table.items.delete(IDS[name]);
      expect((await load(table)).targets.get('https://ci.example.com')).toMatchObject(updates);
    }
  });

  it('does not lose whom people were notified of about the account', async () => {
    const table = new Items();
    const track: Track = { ...alerted, key: 'TRUST001' };
    const state = { account: { ...newAccountMemory(AT), tracks: [track] }, targets: new Map() };
    await saveState(state, await load(table), { store: table, account: ACCOUNT });
    table.items.set(IDS.main, { version: 1, data: Buffer.from('garbage'), text: null });
    expect((await load(table)).account?.tracks).toMatchObject([
      { key: 'TRUST001', notified: alerted.notified },
    ]);
  });
});

describe('an intent', () => {
  const intents = new Map([
    ['https://ci.example.com', { memory: newTargetMemory(AT), intent: { at: AT, added: ['a'.repeat(40)] } }],
  ]);

  it('is in the table before anything else of its run, and a second run at the same time saves none', async () => {
    const table = new Items();
    await reload(stateOf(), table);
    const [one, two] = [await load(table), await load(table)];
    const destination = { store: table, account: ACCOUNT };
    table.written.length = 0;
    const saved = await saveIntents(intents, one, destination);
    expect(await saveIntents(intents, two, destination)).toEqual({ ok: true, value: null });
    expect(table.written).toEqual([IDS.retained]);
    expect((await load(table)).targets.get('https://ci.example.com')?.intent).toEqual({
      at: AT,
      added: ['a'.repeat(40)],
    });
    if (!saved.ok || saved.value === null) throw new TypeError('Nothing was saved.');
    expect(await saveState(stateOf(), saved.value, destination)).toEqual({ ok: true, value: 'saved' });
    expect((await load(table)).targets.get('https://ci.example.com')?.intent).toBeNull();
  });
});

describe('an intent that was completed by a run whose main item was not written', () => {
  it('is not loaded again from the main item before it', async () => {
    const table = new Items();
    const destination = { store: table, account: ACCOUNT };
    const intent = { at: AT, added: ['a'.repeat(40)] };
    await saveState(stateOf({ intent }), await load(table), destination);
    const loaded = await load(table);
    table.isLost = (id) => id === IDS.main;
    await saveState(stateOf(), loaded, destination);
    expect((await load(table)).targets.get('https://ci.example.com')?.intent).toBeNull();
  });
});

describe('an item that is not one of the monitor', () => {
  it.each(['main', 'retained'] as const)('is treated as absent, and preserved: %s', async (name) => {
    const table = new Items();
    const theirs = { version: 7, data: pack({ theirs: true }), text: null };
    await saveState(stateOf({ added: ['a'.repeat(40)] }), await load(table), {
      store: table,
      account: ACCOUNT,
    });
    table.items.set(IDS[name], theirs);
    const loaded = await load(table);
    expect(loaded.unreadable).toEqual([IDS[name]]);
    expect(await saveState(stateOf(), loaded, { store: table, account: ACCOUNT })).toEqual({
      ok: true,
      value: 'saved',
    });
    expect(table.items.get(`${IDS[name]}/unreadable`)).toEqual(theirs);
    expect((await load(table)).unreadable).toEqual([]);
  });

  it('costs only its own state, if it is one target among others', async () => {
    const table = new Items();
    const memory = newTargetMemory(AT);
    const main = {
      stateVersion: 2,
      retainedVersion: 0,
      isCut: false,
      account: newAccountMemory(AT),
      targets: [
        { issuer: 'https://one.example.com', memory: { ...memory, lastRun: 'yesterday' } },
        { issuer: 'https://two.example.com', memory },
      ],
    };
    table.items.set(IDS.main, { version: 1, data: pack(main), text: null });
    const loaded = await load(table);
    expect([...loaded.targets.keys()]).toEqual(['https://two.example.com']);
    expect(loaded.unreadable).toEqual([IDS.main]);
  });
});

describe('a forged item', () => {
  const main = (changes: object): Json =>
    v.parse(json, {
      stateVersion: 2,
      retainedVersion: 0,
      isCut: false,
      account: newAccountMemory(AT),
      targets: [{ issuer: 'https://ci.example.com', memory: newTargetMemory(AT) }],
      ...changes,
    });
  const small = (changes: object): Json =>
    v.parse(json, { stateVersion: 2, tracks: [], targets: [], ...changes });
  const json = v.custom<Json>(() => true);
  const { found: _, missed: __, evidence: ___, ...told } = alerted;

  it.each<[string, keyof typeof IDS, Json]>([
    ['drift of the account', 'retained', small({ tracks: [{ ...told, key: 'drift' }] })],
    [
      'two tracks of one check',
      'main',
      main({ account: { ...newAccountMemory(AT), tracks: [alerted, alerted] } }),
    ],
    ['100,000 tracks', 'retained', small({ tracks: Array.from({ length: 100_000 }, () => told) })],
    [
      '20,000 targets',
      'main',
      main({
        targets: Array.from({ length: 20_000 }, (_each, index) => ({
          issuer: `https://${index}`,
          memory: null,
        })),
      }),
    ],
    [
      'times of a thousand characters',
      'main',
      main({ account: { ...newAccountMemory(AT), lastRun: '('.repeat(8_000), tracks: [] } }),
    ],
  ])('with %s is treated as absent, and what is saved then can be read', async (_each, name, value) => {
    const table = new Items();
    table.items.set(IDS[name], { version: 1, data: pack(value), text: null });
    const loaded = await load(table);
    expect(loaded.unreadable).toEqual([IDS[name]]);
    await saveState(stateOf(), loaded, { store: table, account: ACCOUNT });
    expect((await load(table)).unreadable).toEqual([]);
  });

  it('of a newer version with checks that this one does not know costs these alone', async () => {
    const unknown = { ...alerted, key: 'CERT099' };
    const tracks = [unknown, alerted];
    const table = new Items();
    const value = main({
      account: { ...newAccountMemory(AT), tracks },
      targets: [{ issuer: 'https://ci.example.com', memory: { ...newTargetMemory(AT), tracks } }],
    });
    table.items.set(IDS.main, { version: 1, data: pack(value), text: null });
    const { account, targets, unreadable } = await load(table);
    expect(unreadable).toEqual([]);
    expect(account?.tracks).toEqual([alerted]);
    expect(targets.get('https://ci.example.com')?.tracks).toEqual([alerted]);
  });

  it('in the part of the account costs nothing of the targets', async () => {
    const table = new Items();
    table.items.set(IDS.main, { version: 1, data: pack(main({ account: { theirs: true } })), text: null });
    const { account, targets, unreadable } = await load(table);
    expect([account, unreadable]).toEqual([null, [IDS.main]]);
    expect(targets.size).toBe(1);
  });

  it('with a version of its own does not make the other one unreadable', async () => {
    for (const version of [-1_000, null]) {
      const table = new Items();
      table.items.set(IDS.retained, { version, data: pack(small({})), text: null });
      await saveState(stateOf({ tracks: [alerted] }), await load(table), { store: table, account: ACCOUNT });
      const { unreadable, account } = await load(table);
      expect([unreadable, account === null]).toEqual([[], false]);
    }
  });
});
