/**
 * The schema of the state: one item per provider, and one for the account. Items are JSON of this shape; an
 * item of any other shape is treated as absent, and its text is saved with the item that replaces it.
 */
import * as v from 'valibot';
import type { Finding } from '../domain/types';
import { evidenceOf, isEvidence } from './evidence';
import {
  HOST_KEY,
  KEY_THUMBPRINT,
  KEY_TYPE,
  KID,
  THUMBPRINT,
  identifierOrNull,
  instant,
  isIdentifier,
  natural,
} from './identifiers';
import { SEVERITIES } from '../domain/severity';
import { change, changeOfEarlier } from './change';
import { CHECK_IDS, kindOf } from '../domain/checks';

/**
 * Shape of the items. Version 1, which stored sentences, is still read: only its identifiers are used. A run
 * that finds another number treats the item as absent.
 */
const MEMORY_VERSION = 2;
const EARLIER_VERSION = 1;

export { instant, natural as count } from './identifiers';

/**
 * Texts that are only compared with collected ones, and shown only if they have the form of an identifier.
 */
const texts = v.pipe(v.array(v.string()), v.readonly());
const thumbprint = v.pipe(v.string(), v.regex(THUMBPRINT));
const thumbprints = v.pipe(v.array(thumbprint), v.readonly());
const severity = v.picklist(SEVERITIES);
/** A text that must match a pattern. Earlier versions stored others, too: they are dropped. */
const textMatching = (pattern: RegExp) =>
  v.pipe(
    v.nullable(v.string()),
    v.transform((text) => (text !== null && pattern.test(text) ? text : null)),
  );

/** A certificate on a served path, by its thumbprint. */
const observedCertificate = v.object({
  thumbprint,
  first: instant,
  last: instant,
  /** When it was last one of the expected thumbprints; null: never. */
  expected: v.nullable(instant),
  /** Since when, and in how many runs, it was expected and anchored without a miss. */
  streakSince: v.nullable(instant),
  streakRuns: natural,
  /** When it was last on a valid path to an anchor. Absent: never, or not since the state has this field. */
  anchored: v.exactOptional(instant),
});

/** A signing key. `runs`: in how many runs it was collected. `missed`: for how many it has been gone. */
const observedKey = v.object({
  thumbprint: v.pipe(v.string(), v.regex(KEY_THUMBPRINT)),
  kid: textMatching(KID),
  kty: textMatching(KEY_TYPE),
  first: instant,
  last: instant,
  runs: natural,
  missed: natural,
  /** It was there from the beginning, or people were notified of it. */
  known: v.boolean(),
});

/** How many findings of a track are stored. */
const MAX_FINDINGS = 5;

/** What a finding was about, without its text, which is generated when it is needed. */
const finding = v.object({
  check: v.picklist(CHECK_IDS),
  severity,
  /** Null: it has none that may be shown. */
  subject: v.nullable(v.pipe(v.string(), v.check(isIdentifier))),
});
/** As version 1 stored it, with a sentence that is not read. */
const earlierFinding = v.object({ check: v.picklist(CHECK_IDS), severity });

/** `drift`, `unknown`, `update` or the id of a check. */
const trackKey = v.picklist(['drift', 'unknown', 'update', ...CHECK_IDS]);
const ofTrack = {
  key: trackKey,
  since: instant,
  /** Number of runs that found it. */
  seen: natural,
  /** Number of consecutive runs that checked for it and did not find it. */
  clean: natural,
  severity,
};
const evidence = v.pipe(v.string(), v.check(isEvidence));
const counted = { seen: natural, missed: natural };

/** Something that may be alerted: since when it is firing, and when people were last notified of it. */
const track = v.object({
  ...ofTrack,
  /**
   * What it is about, and in how many runs each was found and then missed: another certificate is new again.
   */
  evidence: v.pipe(v.array(v.object({ value: evidence, ...counted })), v.readonly()),
  /** The first of the last findings about it, for messages of runs that do not find it. */
  findings: v.pipe(v.array(finding), v.readonly()),
  /** How many further findings there were. */
  more: natural,
  told: v.nullable(v.object({ at: instant, evidence: v.pipe(v.array(evidence), v.readonly()) })),
});
const earlierTrack = v.pipe(
  v.object({
    ...ofTrack,
    evidence: v.array(v.object({ value: v.string(), ...counted })),
    findings: v.array(earlierFinding),
    told: v.nullable(v.object({ at: instant, evidence: texts })),
  }),
  v.transform(({ evidence: values, findings, told, ...same }) => ({
    ...same,
    evidence: values.map((each) => ({ ...each, value: evidenceOf(each.value) })),
    findings: findings.slice(0, MAX_FINDINGS).map((each) => ({ ...each, subject: null })),
    more: Math.max(0, findings.length - MAX_FINDINGS),
    told: told === null ? null : { ...told, evidence: told.evidence.map(evidenceOf) },
  })),
);

/**
 * A change that is alerted once, saved until there is a recipient. Drift and failures are not changes: they
 * are followed.
 */
const news = v.object({ change, at: instant });
const earlierPendingChange = v.pipe(
  v.array(
    v.object({
      finding: v.pipe(
        v.object({ ...earlierFinding.entries, message: v.string() }),
        v.check(({ check }) => kindOf(check) !== 'drift' && kindOf(check) !== 'unknown'),
      ),
      at: instant,
    }),
  ),
  v.transform((all): readonly v.InferOutput<typeof news>[] =>
    all.flatMap(({ finding: { check, severity: earlier, message }, at }) => {
      const found = changeOfEarlier(check, earlier, message);
      return found === null ? [] : [{ change: found, at }];
    }),
  ),
);

/** The findings of a track as they are stored. */
export const storedFindings = (findings: readonly Finding[]): Pick<Track, 'findings' | 'more'> => ({
  findings: findings.slice(0, MAX_FINDINGS).map(({ check, severity: found, subject }) => ({
    check,
    severity: found,
    subject: identifierOrNull(subject),
  })),
  more: Math.max(0, findings.length - MAX_FINDINGS),
});

/**
 * What an `accept` entry without a subject covers: hashes of the subjects that existed when it was first
 * applied. With the item's own issuer, check and account are its identity.
 */
const baseline = v.object({
  check: v.picklist(CHECK_IDS),
  account: v.nullable(v.string()),
  subjects: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{24}$/))), v.readonly()),
});
/** Items of earlier versions have none. */
const baselines = v.optional(v.pipe(v.array(baseline), v.readonly()), []);

/** What both versions store of a target in the same way. */
const ofTarget = {
  firstRun: instant,
  lastRun: instant,
  thumbprints: v.pipe(v.array(observedCertificate), v.readonly()),
  signingKeys: v.pipe(v.array(observedKey), v.readonly()),
  /** As last read, normalised; null: never read. */
  listed: v.nullable(texts),
  audiences: v.nullable(texts),
  /** Thumbprints that the monitor itself has added to the list. */
  added: thumbprints,
  /** When it last wrote the list. */
  updatedAt: v.nullable(instant),
  /**
   * Saved before a list is written, so that the next run detects a run that ended in between. The table is
   * not a proof: what it names must be in the list of IAM, and updates must be on.
   */
  intent: v.nullable(v.object({ at: instant, added: thumbprints })),
  jwksHost: textMatching(HOST_KEY),
  /** Number of consecutive runs in which a document took longer than STS waits. */
  slowRuns: natural,
  baselines,
};

const targetMemory = v.object({
  memoryVersion: v.literal(MEMORY_VERSION),
  ...ofTarget,
  tracks: v.pipe(v.array(track), v.readonly()),
  news: v.pipe(v.array(news), v.readonly()),
  /** Thumbprints whose addition was alerted before they could be compared with what the issuer serves. */
  notCompared: thumbprints,
});
const earlierTargetMemory = v.pipe(
  v.object({
    memoryVersion: v.literal(EARLIER_VERSION),
    ...ofTarget,
    tracks: v.array(earlierTrack),
    news: earlierPendingChange,
  }),
  v.transform((memory): v.InferOutput<typeof targetMemory> => ({
    ...memory,
    memoryVersion: MEMORY_VERSION,
    notCompared: [],
  })),
);

/** The account itself has no list, so it has no drift. */
const isOfAccount = (key: string): boolean => key !== 'drift' && key !== 'update';

const ofAccount = {
  lastRun: instant,
  /** ARNs of every OIDC provider of the account; null: never listed. */
  providers: v.nullable(texts),
  /** Confirmed subscriptions of the topic when they were last counted. */
  recipients: v.nullable(v.object({ confirmed: natural, checkedAt: instant })),
  baselines,
};

const accountMemory = v.object({
  memoryVersion: v.literal(MEMORY_VERSION),
  ...ofAccount,
  tracks: v.pipe(
    v.array(
      v.pipe(
        track,
        v.check(({ key }) => isOfAccount(key)),
      ),
    ),
    v.readonly(),
  ),
  news: v.pipe(v.array(news), v.readonly()),
});
const earlierAccountMemory = v.pipe(
  v.object({
    memoryVersion: v.literal(EARLIER_VERSION),
    ...ofAccount,
    tracks: v.array(
      v.pipe(
        earlierTrack,
        v.check(({ key }) => isOfAccount(key)),
      ),
    ),
    news: earlierPendingChange,
  }),
  v.transform((memory): v.InferOutput<typeof accountMemory> => ({
    ...memory,
    memoryVersion: MEMORY_VERSION,
  })),
);

export type Baseline = Readonly<v.InferOutput<typeof baseline>>;
export type ObservedCertificate = Readonly<v.InferOutput<typeof observedCertificate>>;
export type ObservedKey = Readonly<v.InferOutput<typeof observedKey>>;
export type Track = Readonly<v.InferOutput<typeof track>>;
export type PendingChange = Readonly<v.InferOutput<typeof news>>;
export type TargetMemory = Readonly<v.InferOutput<typeof targetMemory>>;
export type Intent = NonNullable<TargetMemory['intent']>;
export type AccountMemory = Readonly<v.InferOutput<typeof accountMemory>>;

/** The id of the account's own item. Those of providers are their issuers. */
export const ACCOUNT_ITEM = 'account';

/** Parses an item, or null if it is not of a supported version. */
export const readTargetMemory = (json: string): TargetMemory | null =>
  readMemory(v.union([targetMemory, earlierTargetMemory]), json);
/** Parses the account's item, or null likewise. */
export const readAccountMemory = (json: string): AccountMemory | null =>
  readMemory(v.union([accountMemory, earlierAccountMemory]), json);

function readMemory<T extends v.GenericSchema>(schema: T, json: string): v.InferOutput<T> | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(json));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** The memory of a target that was never collected. */
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
  notCompared: [],
  baselines: [],
});

/** The memory of an account that was never collected. */
export const newAccountMemory = (now: string): AccountMemory => ({
  memoryVersion: MEMORY_VERSION,
  lastRun: now,
  providers: null,
  recipients: null,
  tracks: [],
  news: [],
  baselines: [],
});

/** What is saved. */
export interface Memories {
  readonly targets: readonly { readonly issuer: string; readonly memory: TargetMemory }[];
  readonly account: AccountMemory;
}
