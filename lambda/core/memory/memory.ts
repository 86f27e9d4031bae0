/**
 * What a run leaves for the next one: one item a provider, and one for the account. Items are JSON of this shape;
 * whatever else is found is treated as absent and kept beside what replaces it.
 */
import * as v from 'valibot';
import { CHECK_IDS } from '../domain';
import { kindOf } from '../kind';
import { SEVERITIES } from '../severity';

/** Shape of the items. A run that finds another number treats the item as absent. */
const MEMORY_VERSION = 1;

/** As Date writes it, and so did every run. What only looks like a time (31 February) would silence reminders. */
function isInstant(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/** A time in a state item. */
export const instant = v.pipe(v.string(), v.check(isInstant));
/** A number of runs, or of whatever else is counted. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const texts = v.pipe(v.array(v.string()), v.readonly());
const severity = v.picklist(SEVERITIES);

/** A certificate on a served path, by its thumbprint. */
const sighting = v.object({
  thumbprint: v.string(),
  first: instant,
  last: instant,
  /** When it was last one of the thumbprints that AWS might take; null: never. */
  expected: v.nullable(instant),
  /** Since when, and in how many runs, it was expected without a miss. */
  streakSince: v.nullable(instant),
  streakRuns: count,
});

/** A signing key. `runs`: in how many runs it was seen. `missed`: for how many it has been gone. */
const keySighting = v.object({
  thumbprint: v.string(),
  kid: v.nullable(v.string()),
  kty: v.string(),
  first: instant,
  last: instant,
  runs: count,
  missed: count,
  /** It was there from the beginning, or people were told of it. */
  known: v.boolean(),
});

const finding = v.object({
  check: v.picklist(CHECK_IDS),
  severity,
  message: v.string(),
  remedy: v.string(),
});

/** Something that may be told: what is firing since when, and when people last heard of it. */
const track = v.object({
  /** `drift`, `unknown` or the id of a check. */
  key: v.string(),
  since: instant,
  /** Runs in which it was seen. */
  seen: count,
  /** Runs in a row in which it was looked for and not there. */
  clean: count,
  severity,
  /** What it is about, and in how many runs each was seen and then missed: another certificate is news again. */
  evidence: v.pipe(v.array(v.object({ value: v.string(), seen: count, missed: count })), v.readonly()),
  /** The last findings about it, for messages of runs that do not find it. */
  findings: v.pipe(v.array(finding), v.readonly()),
  told: v.nullable(v.object({ at: instant, evidence: texts })),
});

/** A change that is told once, kept until somebody listens. Drift, and being blind, are no changes: they are followed. */
const news = v.object({
  finding: v.pipe(
    finding,
    v.check(({ check }) => kindOf(check) !== 'drift' && kindOf(check) !== 'unknown'),
  ),
  at: instant,
});

const targetMemory = v.object({
  memoryVersion: v.literal(MEMORY_VERSION),
  firstRun: instant,
  lastRun: instant,
  thumbprints: v.pipe(v.array(sighting), v.readonly()),
  signingKeys: v.pipe(v.array(keySighting), v.readonly()),
  /** As last read, normalised; null: never read. */
  listed: v.nullable(texts),
  audiences: v.nullable(texts),
  /** Thumbprints that the monitor itself has listed. */
  added: texts,
  /** When it last wrote the list. */
  updatedAt: v.nullable(instant),
  /** Saved before a list is written, so that a run that dies in between is found out by the next. */
  intent: v.nullable(v.object({ at: instant, before: texts, list: texts, added: texts })),
  jwksHost: v.nullable(v.string()),
  /** Runs in a row in which a document took longer than STS waits. */
  slowRuns: count,
  tracks: v.pipe(v.array(track), v.readonly()),
  news: v.pipe(v.array(news), v.readonly()),
});

/** No list belongs to the account, so nothing of it drifts. */
const ACCOUNT_KEYS: readonly string[] = ['unknown', ...CHECK_IDS];

const accountMemory = v.object({
  memoryVersion: v.literal(MEMORY_VERSION),
  lastRun: instant,
  /** ARNs of every OIDC provider of the account; null: never listed. */
  providers: v.nullable(texts),
  /** Confirmed subscriptions of the topic when they were last counted. */
  recipients: v.nullable(v.object({ confirmed: count, checkedAt: instant })),
  tracks: v.pipe(
    v.array(
      v.pipe(
        track,
        v.check(({ key }) => ACCOUNT_KEYS.includes(key)),
      ),
    ),
    v.readonly(),
  ),
  news: v.pipe(v.array(news), v.readonly()),
});

export type Sighting = Readonly<v.InferOutput<typeof sighting>>;
export type KeySighting = Readonly<v.InferOutput<typeof keySighting>>;
export type Track = Readonly<v.InferOutput<typeof track>>;
export type News = Readonly<v.InferOutput<typeof news>>;
export type TargetMemory = Readonly<v.InferOutput<typeof targetMemory>>;
export type Intent = NonNullable<TargetMemory['intent']>;
export type AccountMemory = Readonly<v.InferOutput<typeof accountMemory>>;

/** The id of the account's own item. Those of providers are their issuers. */
export const ACCOUNT_ITEM = 'account';

/** Reads an item, or null where it is not one that this version wrote. */
export const readTargetMemory = (json: string): TargetMemory | null => read(targetMemory, json);
/** Reads the account's item, or null likewise. */
export const readAccountMemory = (json: string): AccountMemory | null => read(accountMemory, json);

function read<T extends v.GenericSchema>(schema: T, json: string): v.InferOutput<T> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(json));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** What is known of a target that was never looked at. */
export const newTargetMemory = (now: string): TargetMemory => ({
  memoryVersion: MEMORY_VERSION,
  firstRun: now,
  lastRun: now,
  thumbprints: [],
  signingKeys: [],
  listed: null,
  audiences: null,
  added: [],
  updatedAt: null,
  intent: null,
  jwksHost: null,
  slowRuns: 0,
  tracks: [],
  news: [],
});

/** What is known of an account that was never looked at. */
export const newAccountMemory = (now: string): AccountMemory => ({
  memoryVersion: MEMORY_VERSION,
  lastRun: now,
  providers: null,
  recipients: null,
  tracks: [],
  news: [],
});
