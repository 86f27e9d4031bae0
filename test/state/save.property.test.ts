/** State that is not written must be known all the same: a store that skips repetitions, beside one that never does. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import type { TargetReport } from '../../lambda/domain/types';
import type { AccountMemory, TargetMemory } from '../../lambda/state/schema';
import { MAX_REPETITIONS, REPETITIONS_ITEM } from '../../lambda/state/repetition';
import type { ItemToSave, Store, StoredItem } from '../../lambda/domain/store';
import { saveState } from '../../lambda/state/save';
import { beginLoad } from '../../lambda/state/load';
import type { LoadedState } from '../../lambda/state/load';
import { taking } from '../support/cases';
import { diary } from '../support/diary';
import { finding, inSync, issuerOf, unseen } from '../support/reports';

const START = Date.parse('2026-11-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const DIGITS = ['a', 'b'] as const;
const ISSUERS = DIGITS.map(issuerOf);

/** Items by id, each write of which may be lost. */
class Table implements Store {
  readonly items = new Map<string, StoredItem>();
  written: readonly string[] = [];
  isLost: (id: string) => boolean = () => false;

  load: Store['load'] = (ids) =>
    Promise.resolve({
      ok: true,
      value: new Map(
        ids.flatMap((id) => {
          const item = this.items.get(id);
          return item === undefined ? [] : [[id, item] as const];
        }),
      ),
    });

  save: Store['save'] = (items) => {
    this.written = items.map(({ id }) => id);
    items.filter(({ id }) => !this.isLost(id)).forEach((item) => this.put(item));
    return Promise.resolve({ ok: true, value: 0 });
  };

  private put({ id, readVersion, json, unreadable }: ItemToSave): void {
    if ((this.items.get(id)?.version ?? null) !== readVersion) return;
    this.items.set(id, { version: (readVersion ?? 0) + 1, json, unreadable });
  }
}

const opened = ({
  target,
  account,
}: LoadedState): { targets: Map<string, TargetMemory>; account: typeof account } => ({
  account,
  targets: new Map(
    ISSUERS.flatMap((issuer) => {
      const memory = target(issuer);
      return memory === null ? [] : [[issuer, memory] as const];
    }),
  ),
});

interface Run {
  readonly hours: number;
  readonly sights: readonly [string, string];
  /** Only one org is audited. */
  readonly narrowed: boolean;
  /** Ids of items whose writes are lost: indexes of ISSUERS, or 2 for the account, 3 for the repetitions. */
  readonly lost: readonly number[];
}

const SIGHTS: Readonly<Record<string, (digit: string) => TargetReport>> = {
  calm: inSync,
  blind: unseen,
  finding: (digit) => ({ ...inSync(digit), findings: [finding('CERT001', 'medium', 'Soon.')] }),
  mild: (digit) => ({ ...inSync(digit), findings: [finding('CERT001', 'info', 'Later.')] }),
  rotated: (digit) => ({ ...inSync(digit), expected: ['c'.repeat(40)] }),
};
const sight = fc.constantFrom(...Object.keys(SIGHTS));

/** The groups of the item of repetitions, as they are stored. */
const GROUPS = v.looseObject({ groups: v.array(v.unknown()) });

const textOf = (left: unknown): string => JSON.stringify(left);

/** Stretches of equal observations, as the world shows them. */
const month = (lost: fc.Arbitrary<readonly number[]>): fc.Arbitrary<readonly Run[]> =>
  fc
    .array(
      fc.record({
        length: fc.integer({ min: 1, max: 8 }),
        hours: fc.constantFrom(1, 6, 6, 24, 200, 800),
        sights: fc.tuple(sight, sight),
        narrowed: fc.boolean(),
        lost,
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((stretches) => stretches.flatMap(({ length, ...run }) => Array.from({ length }, () => run)));

interface Kept {
  readonly recalled: ReturnType<typeof opened>;
  readonly left: { readonly targets: ReadonlyMap<string, TargetMemory>; readonly account: AccountMemory };
  readonly written: readonly string[];
}

/** Run after run, each with nothing but the table to know of the others. */
async function live(runs: readonly Run[], table = new Table()): Promise<readonly Kept[]> {
  const story: Kept[] = [];
  let hour = 0;
  for (const { hours, sights, narrowed, lost } of runs) {
    hour += hours;
    const looked = narrowed ? DIGITS.slice(0, 1) : DIGITS;
    const recalled = await beginLoad(ISSUERS.slice(0, 1), table).of(ISSUERS);
    const recall = opened(recalled);
    const looks = looked.map((digit, index) => ({ report: (SIGHTS[sights[index] ?? ''] ?? inSync)(digit) }));
    const { targets, account } = diary(recall).run({ hour, looks });
    if (account === null) continue;
    const memories = [...targets].filter(([issuer]) => looked.map(issuerOf).includes(issuer));
    table.isLost = (id) => lost.some((each) => [...ISSUERS, 'account', REPETITIONS_ITEM][each] === id);
    await saveState(
      { targets: memories.map(([issuer, memory]) => ({ issuer, memory })), account },
      recalled,
      {
        store: table,
        now: new Date(START + hour * HOUR_MS),
      },
    );
    story.push({ recalled: recall, left: { targets, account }, written: table.written });
  }
  return story;
}

describe('saveState: the state after a run', () => {
  it('is loaded by the next run exactly, however little of it was written', async () => {
    await fc.assert(
      fc.asyncProperty(month(fc.constant([])), async (runs) => {
        const story = await live(runs);
        story.slice(1).forEach(({ recalled }, index) => {
          expect(recalled).toEqual(story[index]?.left);
        });
      }),
      taking(12),
    );
  });

  it('is, if writes are lost, that of some earlier run: never a mixture, and never more than was found', async () => {
    const lost = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(month(lost), async (runs) => {
        const story = await live(runs);
        story.forEach(({ recalled }, index) => {
          const earlier = story.slice(0, index).map(({ left }) => left);
          const known = new Set(earlier.flatMap(({ targets, account }) => [...targets, account].map(textOf)));
          for (const each of [...recalled.targets, recalled.account]) {
            if (each !== null) expect(known).toContain(textOf(each));
          }
        });
      }),
      taking(12),
    );
  });

  it('is one item, for any number of targets, if a run finds everything unchanged', async () => {
    const calm: Run = { hours: 6, sights: ['calm', 'calm'], narrowed: false, lost: [] };
    const written = (await live(Array.from({ length: 8 }, () => calm))).map((kept) => kept.written);
    expect(written[0]).toEqual([...ISSUERS, 'account']);
    // The recipients are counted at each run of this diary, and the time is saved.
    for (const later of written.slice(1)) expect(later).toEqual(['account', REPETITIONS_ITEM]);
  });

  it('is written item by item if the item of repetitions has grown too long', async () => {
    const table = new Table();
    const others = Object.fromEntries(
      Array.from({ length: MAX_REPETITIONS }, (_, index) => [`https://example.com/${index}`, 1]),
    );
    const at = new Date(START).toISOString();
    const json = JSON.stringify({
      repetitionsVersion: 1,
      groups: [{ since: at, at, runs: 1, versions: others }],
    });
    table.items.set(REPETITIONS_ITEM, { version: 1, json, unreadable: null });
    const calm: Run = { hours: 6, sights: ['calm', 'calm'], narrowed: false, lost: [] };
    const story = await live([calm, calm, calm], table);
    expect(story.at(-1)?.written).toEqual([...ISSUERS, 'account']);
    // Nobody has confirmed the others for 30 days.
    const later = await live([{ ...calm, hours: 800 }, calm], table);
    expect(later.at(-1)?.written).toEqual(['account', REPETITIONS_ITEM]);
  });

  it('is loaded by the next run, too, if old entries were dropped for room', async () => {
    const table = new Table();
    const calm: Run = { hours: 6, sights: ['calm', 'calm'], narrowed: false, lost: [] };
    await live([calm, calm, calm], table);
    const others = Object.fromEntries(
      Array.from({ length: MAX_REPETITIONS }, (_, index) => [`https://example.com/${index}`, 1]),
    );
    const old = new Date(START).toISOString();
    const stored = table.items.get(REPETITIONS_ITEM);
    const { groups } = v.parse(GROUPS, JSON.parse(stored?.json ?? ''));
    const full = [...groups, { since: old, at: old, runs: 1, versions: others }];
    const json = JSON.stringify({ repetitionsVersion: 1, groups: full });
    table.items.set(REPETITIONS_ITEM, { version: stored?.version ?? null, json, unreadable: null });
    const [last] = await live([{ ...calm, hours: 800 }], table);
    expect(last?.written).toEqual(['account', REPETITIONS_ITEM]);
    expect(opened(await beginLoad([], table).of(ISSUERS)).targets).toEqual(last?.left.targets);
  });

  it('begins anew if an item was deleted, and preserves foreign items beside it', async () => {
    const table = new Table();
    const calm: Run = { hours: 6, sights: ['calm', 'calm'], narrowed: false, lost: [] };
    await live([calm, calm, calm], table);
    const [issuer = ''] = ISSUERS;
    table.items.delete(issuer);
    await live([{ ...calm, hours: 24 }], table);
    const { target } = await beginLoad([], table).of([issuer]);
    expect(target(issuer)?.thumbprints.map(({ streakRuns }) => streakRuns)).toContain(1);
    table.items.set(REPETITIONS_ITEM, { version: 9, json: '{"theirs":true}', unreadable: null });
    const recalled = await beginLoad([], table).of(ISSUERS);
    expect(recalled.unreadable).toEqual([REPETITIONS_ITEM]);
    await live([{ ...calm, hours: 48 }], table);
    expect(table.items.get(REPETITIONS_ITEM)).toMatchObject({ version: 10, unreadable: '{"theirs":true}' });
  });
});
