/** The first runs after an upgrade from version 1 of the state, with a table that the code of that version wrote. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startTable } from '../../demo/table';
import { storeIn } from '../../lambda/adapters/dynamodb';
import type { Store } from '../../lambda/domain/store';
import { EARLIER_IDS } from '../../lambda/state/earlier';
import { loadState, withEarlier } from '../../lambda/state/load';
import type { LoadedState } from '../../lambda/state/load';
import type { ObservedCertificate, TargetMemory, Track } from '../../lambda/state/schema';
import type { Change } from '../simulation/message';
import { settings } from '../support/emulator';
import { asVersion1 } from '../support/state/items';
import { IDS, STORIES, Upgraded, VERSION_1 } from '../support/state/version-1';
import type { Item, Ran, Story, Told, Trouble } from '../support/state/version-1';

const { account: ACCOUNT, items: ITEMS, roles: ISSUER, next: NEXT } = VERSION_1;
/** Its provider is deleted, so the run does not know it: only the item of repetitions names it. */
const { gone: _, ...ofRun } = ISSUER;
const EARLIER = ITEMS.map(({ id }) => id.S);
const CANDIDATE = '89d52c44d1f098caccaca4ad0c9a7f33d265711e';

const sorted = (told: readonly Told[]): readonly string[] => told.map((each) => JSON.stringify(each)).sort();

const changesOf = ({ events }: Ran, issuer: string): readonly Change[] =>
  events
    .filter((event) => event.issuer === issuer)
    .flatMap(({ findings }) => findings.flatMap(({ change }) => change ?? []));

/** What a run announced about an issuer: event types, with the checks of their findings. */
const toldAbout = ({ told }: Ran, issuer: string): readonly string[] =>
  told
    .filter((each) => each.issuer === issuer)
    .map(({ eventType, checks }) => [eventType, ...checks].join(' '));

function memoryOf({ targets }: LoadedState, issuer: string): TargetMemory {
  const memory = targets.get(issuer);
  if (memory === undefined) throw new Error(`There is no state of ${issuer}.`);
  return memory;
}

const certificateOf = (loaded: LoadedState, issuer: string): ObservedCertificate | undefined =>
  memoryOf(loaded, issuer).thumbprints.find(({ thumbprint }) => thumbprint === CANDIDATE);

const trackOf = (loaded: LoadedState, issuer: string, key: string): Track | undefined =>
  memoryOf(loaded, issuer).tracks.find((track) => track.key === key);

/** What the code that wrote the table loaded from it; it knew no logins. */
function expected(): { readonly account: object; readonly targets: Readonly<Record<string, object>> } {
  const targets = Object.entries(VERSION_1.expect.targets).map(
    ([issuer, memory]) => [issuer, { ...memory, logins: [] }] as const,
  );
  return { account: VERSION_1.expect.account, targets: Object.fromEntries(targets) };
}

const targetsIn = (targets: LoadedState['targets']): Readonly<Record<string, object>> =>
  Object.fromEntries([...targets].map(([issuer, memory]) => [issuer, asVersion1(memory)] as const));

async function loadEarlier(store: Store): Promise<LoadedState> {
  const { loaded, isNew } = await loadState(store, ACCOUNT);
  expect(isNew).toBe(true);
  return withEarlier(loaded, store, Object.values(ofRun));
}

/** The table with another text in one of its items. */
const withText = (id: string, text: string): readonly Item[] =>
  ITEMS.map((item) => (item.id.S === id ? { ...item, data: { S: text } } : item));

interface Played {
  readonly runs: readonly Ran[];
  /** After each run. */
  readonly states: readonly LoadedState[];
  /** The items of version 1 after each run. */
  readonly earlier: readonly (readonly unknown[])[];
  readonly upgraded: Upgraded;
}

/** Runs at the times of a story, from the table of version 1. `trouble`: in the first run. */
async function play(name: Story, trouble: Trouble | null = null, first = 0): Promise<Played> {
  const upgraded = new Upgraded(name);
  const [runs, states, earlier]: [Ran[], LoadedState[], (readonly unknown[])[]] = [[], [], []];
  for (const { at } of NEXT[name].runs.slice(first)) {
    runs.push(await upgraded.run(at, runs.length === 0 ? trouble : null));
    states.push(await upgraded.state());
    earlier.push(structuredClone(upgraded.earlierItems()));
  }
  return { runs, states, earlier, upgraded };
}

/** An element that must exist. */
function nth<T>(all: readonly T[], index: number): T {
  const found = all[index];
  if (found === undefined) throw new Error(`There is no element ${index}.`);
  return found;
}

describe('the state that version 1 left', () => {
  const tables: readonly [
    string,
    () => Promise<{ readonly store: Store; readonly close: () => Promise<void> }>,
  ][] = [
    [
      'a table in memory',
      () => Promise.resolve({ store: new Upgraded('sameWorld').table.store, close: () => Promise.resolve() }),
    ],
    [
      'DynamoDB',
      async () => {
        const table = await startTable();
        const dynamo = new DynamoDBClient(settings(table.url));
        for (const Item of ITEMS) await dynamo.send(new PutItemCommand({ TableName: table.name, Item }));
        const close = (): Promise<void> => {
          dynamo.destroy();
          return table.close();
        };
        return { store: storeIn(dynamo, table.name), close };
      },
    ],
  ];

  it.each(tables)('is loaded from %s as the code that wrote it loads it', async (__, open) => {
    const { store, close } = await open();
    const { account, targets, ...others } = await loadEarlier(store);
    await close();
    expect({ account: account && asVersion1(account), targets: targetsIn(targets) }).toStrictEqual(
      expected(),
    );
    expect(others).toMatchObject({ isStateless: false, failure: null, unreadable: [] });
    expect(others.versions).toEqual({ main: null, retained: null });
  });

  it('includes issuers that only the repetitions name', async () => {
    const { targets } = await loadEarlier(new Upgraded('sameWorld').table.store);
    expect(targets.get(ISSUER.gone)?.lastRun).toBe('2026-11-24T02:00:00.000Z');
  });
});

describe('the runs after an upgrade', () => {
  const played = new Map<Story, Played>();
  let before: LoadedState;
  const story = (name: Story): Played => {
    const found = played.get(name);
    if (found === undefined) throw new Error(`${name} was not played.`);
    return found;
  };

  beforeAll(async () => {
    for (const name of STORIES) played.set(name, await play(name));
    before = await loadEarlier(new Upgraded('sameWorld').table.store);
  }, 30_000);

  it.each(STORIES)('notify of the same and write the same lists as version 1 would have: %s', (name) => {
    const { runs } = story(name);
    expect(runs.map(({ at, told, writes }) => ({ at, told: sorted(told), writes }))).toEqual(
      NEXT[name].runs.map(({ at, told, writes }) => ({ at, told: sorted(told), writes })),
    );
    for (const { report, facts } of runs) {
      expect(report?.failures).toEqual([]);
      expect(facts).toMatchObject({ unreadableItems: 0, conflicts: 0, isNotSaved: false });
    }
  });

  it('say of an update that a run had begun before it ended that its author is not known', () => {
    const { intent, listed } = memoryOf(before, ISSUER.intent);
    const added = intent?.added ?? [];
    expect(added).toHaveLength(1);
    const [first] = changesOf(nth(story('applied').runs, 0), ISSUER.intent);
    expect(first).toMatchObject({ kind: 'list-updated', by: 'unknown', before: listed, added });
    // The update that a present run makes itself has an author.
    const [own] = changesOf(nth(story('sameWorld').runs, 3), ISSUER.pending);
    expect(own).toMatchObject({ kind: 'list-updated', by: 'monitor', added: [CANDIDATE] });
  });

  it.each(STORIES)('save two items and leave those of version 1 as they are: %s', (name) => {
    const { earlier, runs, upgraded } = story(name);
    const untouched = structuredClone(new Upgraded(name).earlierItems());
    expect(untouched).toHaveLength(ITEMS.length);
    for (const each of earlier) expect(each).toStrictEqual(untouched);
    expect(nth(runs, 0).saves).toEqual([IDS.retained, IDS.main]);
    expect([...upgraded.table.items.keys()].sort()).toEqual([...EARLIER, IDS.main, IDS.retained].sort());
  });

  it.each(STORIES)('read the items of version 1 once, and only the two new ones from then on: %s', (name) => {
    const [first, ...others] = story(name).runs.map(({ loads }) => [...loads].sort());
    expect(first).toEqual([...EARLIER, IDS.main, IDS.retained].sort());
    for (const loads of others) expect(loads).toEqual([IDS.main, IDS.retained]);
  });

  it('continue a hold-down that had begun, and update the list when it is over', () => {
    const { runs, states } = story('sameWorld');
    const streakSince = '2026-11-25T00:00:00.000Z';
    expect(certificateOf(before, ISSUER.pending)).toMatchObject({ streakSince, streakRuns: 8 });
    expect(states.map((state) => certificateOf(state, ISSUER.pending)?.streakRuns)).toEqual([
      9, 10, 11, 12, 13, 14,
    ]);
    for (const state of states) expect(certificateOf(state, ISSUER.pending)?.streakSince).toBe(streakSince);
    const written = runs.filter(({ writes }) => writes.length > 0);
    // 24 hours.
    expect(written.map(({ at }) => at)).toEqual(['2026-11-26T00:00:00.000Z']);
    expect(memoryOf(nth(states, 3), ISSUER.pending)).toMatchObject({ added: [CANDIDATE], intent: null });
  });

  it('know which thumbprints the monitor has added, and when', () => {
    const { added, updatedAt } = memoryOf(before, ISSUER.updated);
    expect([added.length, updatedAt]).toEqual([1, '2026-11-24T10:00:00.250Z']);
    for (const name of STORIES)
      for (const state of story(name).states)
        expect(memoryOf(state, ISSUER.updated)).toMatchObject({ added, updatedAt });
  });

  it('know at which host an issuer served its keys, and that its alert is no new one', () => {
    const { runs, states } = story('sameWorld');
    for (const state of states) expect(memoryOf(state, ISSUER.moved).jwksHost).toBe('ci.moved.example:443');
    expect(runs.flatMap((run) => toldAbout(run, ISSUER.moved))).toEqual([]);
  });

  const alerted = [
    [ISSUER.full, 'drift'],
    [ISSUER.full, 'update'],
    [ISSUER.expired, 'CERT005'],
    [ISSUER.moved, 'DISC003'],
    [ISSUER.silent, 'unknown'],
  ] as const;

  it.each(alerted)('do not repeat an alert before its reminder: %s %s', (issuer, key) => {
    const { runs, states } = story('sameWorld');
    const { since, notified, found = 0 } = trackOf(before, issuer, key) ?? {};
    expect(notified?.at).toMatch(/^2026-11-2/);
    states.slice(0, 4).forEach((state, index) => {
      expect(trackOf(state, issuer, key)).toMatchObject({
        since,
        notified,
        found: found + index + 1,
        missed: 0,
      });
    });
    expect(runs.slice(0, 4).flatMap((run) => toldAbout(run, issuer))).toEqual([]);
  });

  it('send reminders of critical findings 24 hours after the last message of version 1', () => {
    const { runs } = story('sameWorld');
    const { notified } = trackOf(before, ISSUER.full, 'drift') ?? {};
    expect(notified?.at).toBe('2026-11-25T02:00:00.000Z');
    const reminded = runs.filter(({ told: all }) =>
      all.some(({ eventType }) => eventType.endsWith('.reminder')),
    );
    expect(reminded.map(({ at }) => at)).toEqual(['2026-11-26T02:00:00.000Z']);
    const reminder = nth(reminded, 0);
    expect(toldAbout(reminder, ISSUER.full)).toEqual(['drift.reminder THUMB001']);
    expect(toldAbout(reminder, ISSUER.expired)).toEqual(['finding.reminder CERT005']);
  });

  it('resolve alerts of version 1 once they are repaired', () => {
    const { runs, states } = story('repaired');
    const resolved = nth(runs, 1);
    expect(toldAbout(resolved, ISSUER.full)).toEqual(['drift.resolved THUMB001']);
    expect(toldAbout(resolved, ISSUER.expired)).toEqual(['finding.resolved CERT005 CERT003 CERT006']);
    expect(toldAbout(resolved, ISSUER.moved)).toEqual(['finding.resolved DISC003']);
    expect(toldAbout(resolved, ISSUER.silent)).toEqual(['unknown.resolved DISC001']);
    for (const [issuer, key] of alerted)
      expect(trackOf(nth(states, 2), issuer, key)?.notified ?? null).toBeNull();
  });
});

describe('an upgrade whose first run does not finish', () => {
  const troubles: readonly [Story, Trouble][] = [
    ['sameWorld', 'unsaved'],
    ...STORIES.map((name): [Story, Trouble] => [name, 'ends before the save']),
  ];

  it.each(troubles)('is made again by the next run, and loses nothing: %s, %s', async (name, trouble) => {
    const { runs, states, upgraded } = await play(name, trouble);
    const [first, second, ...others] = runs;
    expect(first?.saves).toEqual([IDS.retained]);
    expect(second?.loads).toEqual(expect.arrayContaining(EARLIER));
    for (const { loads } of others) expect([...loads].sort()).toEqual([IDS.main, IDS.retained]);
    expect(upgraded.earlierItems()).toStrictEqual(new Upgraded(name).earlierItems());

    // Of everything that version 1 would have announced nothing is missing, and what it would not is a repetition.
    const [wanted, found] = [
      NEXT[name].runs.flatMap(({ told }) => told),
      runs.flatMap(({ told }) => told),
    ].map(sorted);
    const repeated = new Set(sorted(first?.told ?? []));
    expect([...new Set(found)]).toEqual([...new Set(wanted)]);
    for (const each of new Set(found)) {
      const times = (found ?? []).filter((other) => other === each).length;
      expect(times).toBeLessThanOrEqual(repeated.has(each) ? 2 : 1);
    }
    expect(runs.map(({ writes }) => writes)).toEqual(NEXT[name].runs.map(({ writes }) => writes));

    // The small item says that it was announced.
    if (name === 'applied')
      expect(runs.map((run) => toldAbout(run, ISSUER.intent))).toEqual([
        ['updated THUMB001'],
        [],
        ['drift.resolved THUMB001'],
      ]);

    const [, state] = states;
    expect(state && certificateOf(state, ISSUER.pending)).toMatchObject({
      streakSince: '2026-11-25T00:00:00.000Z',
      streakRuns: 9,
    });
    expect(state && memoryOf(state, ISSUER.updated)).toMatchObject({
      added: ['5a04e45481f27e7241744b9b547912c0276cda65'],
      updatedAt: '2026-11-24T10:00:00.250Z',
    });
    expect(state?.targets.has(ISSUER.gone)).toBe(true);
  });

  it('saves nothing if one item could not be read, so that the next run can read all of them', async () => {
    const { runs, states } = await play('sameWorld', 'not read');
    const [first, second] = runs;
    expect(first?.report?.failures).toMatchObject([{ step: 'state', code: 'AWS_UNAVAILABLE' }]);
    expect([first?.saves, first?.writes]).toEqual([[], []]);
    expect(second?.loads).toEqual(expect.arrayContaining(EARLIER));
    expect(sorted(second?.told ?? [])).toEqual(sorted(nth(NEXT.sameWorld.runs, 0).told));
    expect(certificateOf(nth(states, 1), ISSUER.pending)?.streakRuns).toBe(9);
    expect(nth(states, 1).targets.has(ISSUER.gone)).toBe(true);
  });

  const ends: readonly [Trouble, Partial<Change>][] = [
    ['ends before the update', { kind: 'update-lost' }],
    ['ends after the update', { kind: 'list-updated', by: 'unknown' }],
  ];
  it.each(ends)('is known to have begun an update if it %s', async (trouble, change) => {
    // The first run is the one at the end of the hold-down.
    const { runs, states } = await play('sameWorld', trouble, 3);
    expect(nth(runs, 0)).toMatchObject({ report: null, told: [], saves: [IDS.retained] });
    expect(memoryOf(nth(states, 0), ISSUER.pending).intent?.added).toEqual([CANDIDATE]);
    expect(changesOf(nth(runs, 1), ISSUER.pending)).toEqual([expect.objectContaining(change)]);
    // Whether IAM accepted it or not, nobody adds it a second time.
    expect(memoryOf(nth(states, 1), ISSUER.pending)).toMatchObject({ intent: null, added: [CANDIDATE] });
    // Version 1, too, had begun an update.
    expect(changesOf(nth(runs, 1), ISSUER.intent)).toMatchObject([{ kind: 'update-lost' }]);
  });
});

describe('an item of version 1 in another form', () => {
  const texts = [
    '{"memoryVersion":2',
    JSON.stringify({ memoryVersion: 3, lastRun: VERSION_1.expect.account['lastRun'] }),
  ];

  it.each(texts)('is listed as unreadable, and the other items are loaded: %s', async (text) => {
    const { targets, unreadable } = await loadEarlier(
      new Upgraded('sameWorld', withText(ISSUER.moved, text)).table.store,
    );
    expect(unreadable).toEqual([ISSUER.moved]);
    const { [ISSUER.moved]: __, ...others } = expected().targets;
    expect(targetsIn(targets)).toStrictEqual(others);
  });

  it.each(Object.values(EARLIER_IDS))('costs only what it contains if it is the item %s', async (id) => {
    const { account, targets, unreadable } = await loadEarlier(
      new Upgraded('sameWorld', withText(id, 'null')).table.store,
    );
    expect(unreadable).toEqual([id]);
    expect(account === null).toBe(id === EARLIER_IDS.account);
    expect([...targets.keys()].sort()).toEqual(
      Object.values(id === EARLIER_IDS.account ? ISSUER : ofRun).sort(),
    );
  });

  it('is left in the table, and is no failure of the run', async () => {
    const items = withText(ISSUER.moved, '{}');
    const upgraded = new Upgraded('sameWorld', items);
    const untouched = structuredClone(upgraded.earlierItems());
    const [first, second] = NEXT.sameWorld.runs;
    const run = await upgraded.run(first?.at ?? '');
    expect(run.report?.failures).toEqual([]);
    expect(run.facts).toMatchObject({ unreadableItems: 1, isNotSaved: false });
    // A run that cannot read everything updates no list, and says so.
    const told = run.told.filter(({ eventType }) => eventType !== 'update.refused');
    expect(sorted(told)).toEqual(sorted(first?.told ?? []));
    expect(upgraded.earlierItems()).toStrictEqual(untouched);

    const state = await upgraded.state();
    expect([...state.targets.keys()].sort()).toEqual(Object.values(ISSUER).sort());
    expect(memoryOf(state, ISSUER.moved).firstRun).toBe(first?.at);
    expect(certificateOf(state, ISSUER.pending)?.streakRuns).toBe(9);

    const next = await upgraded.run(second?.at ?? '');
    expect([...next.loads].sort()).toEqual([IDS.main, IDS.retained]);
    expect(next.facts).toMatchObject({ unreadableItems: 0 });
    expect(upgraded.earlierItems()).toStrictEqual(untouched);
  });
});
