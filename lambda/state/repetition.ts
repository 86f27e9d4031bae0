/**
 * Runs that find everything as the run before did. What they change in an item are times and counters, so the items
 * are left alone and one item for all says how often, and when last, they were found to be right. Reading replays it:
 * what comes out is, to the letter, what writing every item at every run would have left.
 */
import * as v from 'valibot';
import { count, instant } from './schema';
import type { AccountMemory, ObservedKey, ObservedCertificate, TargetMemory, Track } from './schema';
import { DAY_MS } from '../domain/duration';

/** The id of the item that holds them. Those of providers are their issuers. */
export const REPETITIONS_ITEM = 'repetitions';

/** Runs in a row, after the one that wrote an item, that found what it says. */
export interface Repetition {
  /** Of the item, and of the run that wrote it: an item that was written since, by whomever, is repeated no more. */
  readonly version: number;
  readonly since: string;
  /** The last of the runs. */
  readonly at: string;
  readonly runs: number;
}

/** By the id of the item. */
export type Repetitions = ReadonlyMap<string, Repetition>;

/**
 * An item holds 400 KB, and a line here has up to 370 bytes: an issuer of 255 characters, its version, and times that it
 * shares with no other. Further items are written at every run.
 */
export const MAX_REPETITIONS = 1_000;
/** Certificates are forgotten after that time, so nothing is lost with it. */
const FORGET_MS = 30 * DAY_MS;

/** A run a second for thirty years. More could not be added to what is counted elsewhere. */
const MAX_RUNS = 1_000_000_000;

const positive = v.pipe(count, v.minValue(1));
const runs = v.pipe(positive, v.maxValue(MAX_RUNS));
/** Items that were written and confirmed together stand together. */
const schema = v.object({
  repetitionsVersion: v.literal(1),
  groups: v.array(v.object({ since: instant, at: instant, runs, versions: v.record(v.string(), positive) })),
});

/** Reads the item, or null where it is not one that this version wrote. */
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

/** Whether an item is still the one that was found right. `version` and `lastRun` are the item's own. */
export const holds = (
  repetition: Repetition | undefined,
  version: number | null | undefined,
  lastRun: string,
): repetition is Repetition => repetition?.version === version && repetition?.since === lastRun;

/** One run more. `version` is the item's, `before` what was remembered of it, repetitions included. */
export const repeatedOnce = (
  earlier: Repetition | undefined,
  { version, before, at }: { readonly version: number; readonly before: string; readonly at: string },
): Repetition =>
  earlier?.version === version && earlier.at === before
    ? { ...earlier, at, runs: earlier.runs + 1 }
    : { version, since: before, at, runs: 1 };

/** Where there is no room any more, without those that nobody has looked at for long. */
export const withRoom = (repetitions: Repetitions, now: Date): Map<string, Repetition> =>
  new Map(
    [...repetitions].filter(
      ([, { at }]) => repetitions.size < MAX_REPETITIONS || now.getTime() - Date.parse(at) < FORGET_MS,
    ),
  );

type Repeated = Pick<Repetition, 'at' | 'runs'>;

/** A target's memory after so many runs that found the same. */
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

/** What the last run did not see, the following ones did not see either. */
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
 * Whether a run left exactly what a repetition of the run before leaves. Whatever else moved, however little, is not
 * one: a rule of memory that is forgotten here costs a write and not a fact.
 */
export const isSameTarget = (before: TargetMemory, after: TargetMemory): boolean =>
  areSameTracks(repeatTarget(before, { at: after.lastRun, runs: 1 }), after);

/** The same of the account. */
export const isSameAccount = (before: AccountMemory, after: AccountMemory): boolean =>
  areSameTracks(repeatAccount(before, { at: after.lastRun, runs: 1 }), after);

const areSameTracks = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
