/**
 * The layout of version 1: one item per issuer, one for the account, and one that says how often runs found the
 * items unchanged. It is only read, once, by the first run that finds no state of the present layout.
 */
import * as v from 'valibot';
import { CHECK_IDS, kindOf } from '../domain/checks';
import { SEVERITIES } from '../domain/severity';
import { changeOfEarlier } from './change';
import { evidenceOf, isEvidence } from './evidence';
import { instant, natural } from './identifiers';
import {
  MAX_FINDINGS,
  accountMemory,
  isOfAccount,
  pendingChange,
  targetMemory,
  texts,
  track,
} from './schema';
import type {
  AccountMemory,
  ObservedCertificate,
  ObservedKey,
  PendingChange,
  TargetMemory,
  Track,
} from './schema';
import type { StoredItem } from '../domain/store';

/** The ids of the two items that belong to no issuer. Those of the others are their issuers. */
export const EARLIER_IDS = { account: 'account', repetitions: 'repetitions' } as const;

const severity = v.picklist(SEVERITIES);
const { key, since, findings, more, notified } = track.entries;
const counts = { seen: natural, missed: natural };
const ofTrack = { key, since, seen: natural, clean: natural, severity };

const storedTrack = v.pipe(
  v.object({
    ...ofTrack,
    evidence: v.array(v.object({ value: v.pipe(v.string(), v.check(isEvidence)), ...counts })),
    findings,
    more,
    told: notified,
  }),
  v.transform(({ seen, clean, evidence: values, told, ...same }): Track => ({
    ...same,
    found: seen,
    missed: clean,
    evidence: values.map(({ value, seen: found, missed }) => ({ value, found, missed })),
    notified: told,
  })),
);

const findingWithText = v.object({ check: v.picklist(CHECK_IDS), severity });
/** The first items stored sentences and names: sentences are dropped, of names the hashes remain. */
const trackWithText = v.pipe(
  v.object({
    ...ofTrack,
    evidence: v.array(v.object({ value: v.string(), ...counts })),
    findings: v.array(findingWithText),
    told: v.nullable(v.object({ at: instant, evidence: texts })),
  }),
  v.transform(({ seen, clean, evidence: values, findings: found, told, ...same }): Track => ({
    ...same,
    found: seen,
    missed: clean,
    evidence: values.map((each) => ({
      value: evidenceOf(each.value),
      found: each.seen,
      missed: each.missed,
    })),
    findings: found.slice(0, MAX_FINDINGS).map((each) => ({ ...each, subject: null })),
    more: Math.max(0, found.length - MAX_FINDINGS),
    notified: told === null ? null : { ...told, evidence: told.evidence.map(evidenceOf) },
  })),
);
const changesWithText = v.pipe(
  v.array(
    v.object({
      finding: v.pipe(
        v.object({ ...findingWithText.entries, message: v.string() }),
        v.check(({ check }) => kindOf(check) !== 'drift' && kindOf(check) !== 'unknown'),
      ),
      at: instant,
    }),
  ),
  v.transform((all): readonly PendingChange[] =>
    all.flatMap(({ finding: { check, severity: earlier, message }, at }) => {
      const found = changeOfEarlier(check, earlier, message);
      return found === null ? [] : [{ change: found, at }];
    }),
  ),
);

/** The first items have none. */
const baselines = v.optional(targetMemory.entries.baselines, []);
const changes = v.array(pendingChange);

const { logins: _, pendingChanges: __, ...ofTarget } = targetMemory.entries;
const earlierTarget = v.pipe(
  v.variant('memoryVersion', [
    v.object({
      ...ofTarget,
      memoryVersion: v.literal(2),
      tracks: v.array(storedTrack),
      news: changes,
      baselines,
    }),
    v.object({
      ...ofTarget,
      memoryVersion: v.literal(1),
      tracks: v.array(trackWithText),
      news: changesWithText,
      notCompared: v.optional(texts, []),
      baselines,
    }),
  ]),
  v.transform(({ memoryVersion, news, ...memory }): TargetMemory => ({
    ...memory,
    pendingChanges: news,
    logins: [],
  })),
);

const { pendingChanges: ___, ...ofAccount } = accountMemory.entries;
const earlierAccount = v.pipe(
  v.variant('memoryVersion', [
    v.object({
      ...ofAccount,
      memoryVersion: v.literal(2),
      tracks: v.array(
        v.pipe(
          storedTrack,
          v.check((each) => isOfAccount(each)),
        ),
      ),
      news: changes,
      baselines,
    }),
    v.object({
      ...ofAccount,
      memoryVersion: v.literal(1),
      tracks: v.array(
        v.pipe(
          trackWithText,
          v.check((each) => isOfAccount(each)),
        ),
      ),
      news: changesWithText,
      baselines,
    }),
  ]),
  v.transform(({ memoryVersion, news, ...memory }): AccountMemory => ({ ...memory, pendingChanges: news })),
);

const positive = v.pipe(natural, v.minValue(1));
/** One run a second for thirty years: a higher number could overflow other counters. */
const runs = v.pipe(positive, v.maxValue(1_000_000_000));
const earlierRepetitions = v.object({
  repetitionsVersion: v.literal(1),
  groups: v.array(v.object({ since: instant, at: instant, runs, versions: v.record(v.string(), positive) })),
});

/**
 * Consecutive runs, after the one that wrote an item, that found the same as the item says. They would have
 * changed only times and counters. Valid for the item of this version, written by the run at `since`.
 */
interface Repetition {
  readonly version: number;
  readonly since: string;
  readonly at: string;
  readonly runs: number;
}
type Repetitions = ReadonlyMap<string, Repetition>;

/** Items by id, as the table has them. */
export type EarlierItems = ReadonlyMap<string, StoredItem>;

/** The ids of all items whose repetitions are stored: issuers that a run cannot know otherwise. */
export const earlierIssuers = (items: EarlierItems): readonly string[] =>
  [...(readRepetitions(items) ?? new Map<string, Repetition>()).keys()]
    .filter((id) => id !== EARLIER_IDS.account)
    // Version 1 stored at most so many.
    .slice(0, 1_000);

/** What the items say. `unreadable`: ids of those that have another form. */
export interface EarlierState {
  readonly account: AccountMemory | null;
  readonly targets: ReadonlyMap<string, TargetMemory>;
  readonly unreadable: readonly string[];
}

/** Converts the items to the present form, with their repetitions applied. */
export function readEarlier(items: EarlierItems): EarlierState {
  const repetitions = readRepetitions(items);
  const targets = new Map<string, TargetMemory>();
  const unreadable: string[] = [];
  let account: AccountMemory | null = null;
  for (const [id, item] of items) {
    const repetition = repetitions?.get(id);
    const isRepeated = (lastRun: string): boolean =>
      repetition?.version === item.version && repetition.since === lastRun;
    if (id === EARLIER_IDS.repetitions) {
      if (repetitions === null) unreadable.push(id);
    } else if (id === EARLIER_IDS.account) {
      const memory = readItem(earlierAccount, item);
      if (memory === null) unreadable.push(id);
      else account = repetition && isRepeated(memory.lastRun) ? repeatAccount(memory, repetition) : memory;
    } else {
      const memory = readItem(earlierTarget, item);
      if (memory === null) unreadable.push(id);
      else
        targets.set(id, repetition && isRepeated(memory.lastRun) ? repeatTarget(memory, repetition) : memory);
    }
  }
  return { account, targets, unreadable };
}

function readItem<T extends v.GenericSchema>(schema: T, { text }: StoredItem): v.InferOutput<T> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text ?? ''), { abortEarly: true });
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function readRepetitions(items: EarlierItems): Repetitions | null {
  const item = items.get(EARLIER_IDS.repetitions);
  const read = item === undefined ? null : readItem(earlierRepetitions, item);
  if (read === null) return null;
  return new Map(
    read.groups.flatMap(({ versions, ...same }) =>
      Object.entries(versions).map(([id, version]) => [id, { version, ...same }] as const),
    ),
  );
}

const repeatTarget = (memory: TargetMemory, repetition: Repetition): TargetMemory => ({
  ...memory,
  lastRun: repetition.at,
  thumbprints: memory.thumbprints.map((each) => repeatCertificate(each, memory.lastRun, repetition)),
  signingKeys: memory.signingKeys.map((each) => repeatKey(each, memory.lastRun, repetition)),
  tracks: memory.tracks.map((each) => repeatTrack(each, repetition)),
});

const repeatAccount = (memory: AccountMemory, repetition: Repetition): AccountMemory => ({
  ...memory,
  lastRun: repetition.at,
  tracks: memory.tracks.map((each) => repeatTrack(each, repetition)),
});

/** What the last run did not collect, the repetitions did not collect either. */
const repeatCertificate = (
  each: ObservedCertificate,
  lastRun: string,
  { at, runs: again }: Repetition,
): ObservedCertificate =>
  each.last !== lastRun
    ? each
    : {
        ...each,
        last: at,
        expected: each.expected === lastRun ? at : each.expected,
        streakRuns: each.streakSince === null ? each.streakRuns : each.streakRuns + again,
        ...(each.anchored === lastRun ? { anchored: at } : {}),
      };

const repeatKey = (each: ObservedKey, lastRun: string, { at, runs: again }: Repetition): ObservedKey =>
  each.last !== lastRun ? each : { ...each, last: at, runs: each.runs + again };

const repeatTrack = (each: Track, { runs: again }: Repetition): Track =>
  each.missed > 0
    ? each
    : {
        ...each,
        found: each.found + again,
        evidence: each.evidence.map((one) => (one.missed > 0 ? one : { ...one, found: one.found + again })),
      };
