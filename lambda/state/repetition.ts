/**
 * Runs that find the same as the run before. They would change only times and counters in an item, so the
 * items are not written, and one item for all says how often, and when last, they were confirmed. Loading
 * replays it: the result is exactly what writing every item at every run would have saved.
 */
import * as v from 'valibot';
import { count, instant } from './schema';
import type { AccountMemory, ObservedKey, ObservedCertificate, TargetMemory, Track } from './schema';
import { DAY_MS } from '../domain/duration';

/** The id of the item with the repetitions. Those of providers are their issuers. */
export const REPETITIONS_ITEM = 'repetitions';

/** Consecutive runs, after the one that wrote an item, that found the same as the item says. */
export interface Repetition {
  /**
   * The version of the item, and the time of the run that wrote it: a repetition does not apply to an item
   * that was written since, by any writer.
   */
  readonly version: number;
  readonly since: string;
  /** The last of the runs. */
  readonly at: string;
  readonly runs: number;
}

/** By the id of the item. */
export type Repetitions = ReadonlyMap<string, Repetition>;

/**
 * An item is limited to 400 KB, and a line here has up to 370 bytes: an issuer of 255 characters, its
 * version, and times that it shares with no other. Further items are written at every run.
 */
export const MAX_REPETITIONS = 1_000;
/** Certificates expire from the state after the same time, so nothing is lost. */
const FORGET_MS = 30 * DAY_MS;

/** One run a second for thirty years. A higher number could overflow other counters. */
const MAX_RUNS = 1_000_000_000;

const positive = v.pipe(count, v.minValue(1));
const runs = v.pipe(positive, v.maxValue(MAX_RUNS));
/** Items that were written and confirmed together are grouped. */
const schema = v.object({
  repetitionsVersion: v.literal(1),
  groups: v.array(v.object({ since: instant, at: instant, runs, versions: v.record(v.string(), positive) })),
});

/** Parses the item, or null if this version did not write it. */
export function readRepetitions(json: string): Repetitions | null {
  try {
    const { groups } = v.parse(schema, JSON.parse(json));
    return new Map(
      groups.flatMap(({ versions, ...same }) =>
        Object.entries(versions).map(([id, version]) => [id, { version, ...same }] as const),
      ),
    );
  } catch {
    return null;
  }
}

/** The item as JSON. */
export function writeRepetitions(repetitions: Repetitions): string {
  const groups = new Map<string, { since: string; at: string; runs: number; versions: [string, number][] }>();
  for (const [id, { version, since, at, runs }] of repetitions) {
    const key = JSON.stringify([since, at, runs]);
    const group = groups.get(key) ?? { since, at, runs, versions: [] };
    group.versions.push([id, version]);
    groups.set(key, group);
  }
  return JSON.stringify({
    repetitionsVersion: 1,
    groups: [...groups.values()].map((group) => ({ ...group, versions: Object.fromEntries(group.versions) })),
  });
}

/** Whether an item is still the one that was confirmed. `version` and `lastRun` are the item's own. */
export const holds = (
  repetition: Repetition | undefined,
  version: number | null | undefined,
  lastRun: string,
): repetition is Repetition => repetition?.version === version && repetition?.since === lastRun;

/** Adds one run. `version` is the item's, `before` the time of the last run before, repetitions included. */
export const repeatedOnce = (
  earlier: Repetition | undefined,
  { version, before, at }: { readonly version: number; readonly before: string; readonly at: string },
): Repetition =>
  earlier?.version === version && earlier.at === before
    ? { ...earlier, at, runs: earlier.runs + 1 }
    : { version, since: before, at, runs: 1 };

/** If there is no room left, without those that no run has confirmed for a long time. */
export const withRoom = (repetitions: Repetitions, now: Date): Map<string, Repetition> =>
  new Map(
    [...repetitions].filter(
      ([, { at }]) => repetitions.size < MAX_REPETITIONS || now.getTime() - Date.parse(at) < FORGET_MS,
    ),
  );

type Repeated = Pick<Repetition, 'at' | 'runs'>;

/** A target's memory after this many runs that found the same. */
export const repeatTarget = (memory: TargetMemory, repeated: Repeated): TargetMemory => ({
  ...memory,
  lastRun: repeated.at,
  thumbprints: memory.thumbprints.map((each) => repeatObserved(each, memory.lastRun, repeated)),
  signingKeys: memory.signingKeys.map((each) => repeatKey(each, memory.lastRun, repeated)),
  tracks: memory.tracks.map((each) => repeatTrack(each, repeated)),
});

/** The account's, likewise. */
export const repeatAccount = (memory: AccountMemory, repeated: Repeated): AccountMemory => ({
  ...memory,
  lastRun: repeated.at,
  tracks: memory.tracks.map((each) => repeatTrack(each, repeated)),
});

/** What the last run did not collect, the repetitions did not collect either. */
const repeatObserved = (
  each: ObservedCertificate,
  lastRun: string,
  { at, runs }: Repeated,
): ObservedCertificate =>
  each.last !== lastRun
    ? each
    : {
        ...each,
        last: at,
        expected: each.expected === lastRun ? at : each.expected,
        streakRuns: each.streakSince === null ? each.streakRuns : each.streakRuns + runs,
        ...(each.anchored === lastRun ? { anchored: at } : {}),
      };

const repeatKey = (each: ObservedKey, lastRun: string, { at, runs }: Repeated): ObservedKey =>
  each.last !== lastRun ? each : { ...each, last: at, runs: each.runs + runs };

const repeatTrack = (track: Track, { runs }: Repeated): Track =>
  track.clean > 0
    ? track
    : {
        ...track,
        seen: track.seen + runs,
        evidence: track.evidence.map((each) =>
          each.missed > 0 ? each : { ...each, seen: each.seen + runs },
        ),
      };

/**
 * Whether a run results in exactly the state of a repetition of the run before. Any other difference means
 * that it is not one, so a rule that is missing here costs a write and loses no fact.
 */
export const isSameTarget = (before: TargetMemory, after: TargetMemory): boolean =>
  areSameTracks(repeatTarget(before, { at: after.lastRun, runs: 1 }), after);

/** The same for the account. */
export const isSameAccount = (before: AccountMemory, after: AccountMemory): boolean =>
  areSameTracks(repeatAccount(before, { at: after.lastRun, runs: 1 }), after);

const areSameTracks = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
