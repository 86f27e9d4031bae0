/**
 * The schema of the state between runs. What is stored is validated when it is loaded: whoever can write to the
 * table can store anything, so only identifiers, numbers and times are read, and no sentence.
 */
import * as v from 'valibot';
import type { Finding } from '../domain/types';
import { MAX_EVIDENCE, isEvidence } from './evidence';
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
import { change } from './change';
import { CHECK_IDS } from '../domain/checks';

/**
 * A list. The limits are above what a run stores; they bound the work that a forged item can cause.
 */
function listOf<T extends v.GenericSchema>(schema: T, most: number) {
  return v.pipe(v.array(schema), v.maxLength(most), v.readonly());
}

/**
 * Texts that are only compared with collected ones, and shown only if they have the form of an identifier.
 */
export const texts = listOf(v.string(), 10_000);
const thumbprint = v.pipe(v.string(), v.regex(THUMBPRINT));
const thumbprints = listOf(thumbprint, 1_000);
const severity = v.picklist(SEVERITIES);
/** A text that must match a pattern; null: it has another form. */
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
export const MAX_FINDINGS = 5;

/** How many certificates and keys of a target are stored, and how many changes nobody has been notified of. */
export const MAX_OBSERVED_CERTIFICATES = 200;
export const MAX_OBSERVED_KEYS = 250;
export const MAX_PENDING_CHANGES = 50;
/** IAM permits 700 providers; the configuration may name other issuers. */
const MAX_TARGETS = 10_000;

/** What a finding was about, without its text, which is generated when it is needed. */
const finding = v.object({
  check: v.picklist(CHECK_IDS),
  severity,
  /** Null: it has none that may be shown. */
  subject: v.nullable(v.pipe(v.string(), v.check(isIdentifier))),
});

const evidence = v.pipe(v.string(), v.check(isEvidence));
/** With the words of the monitor itself. */
const MAX_STORED_EVIDENCE = MAX_EVIDENCE + 100;

/** When people were last notified, and of what. */
const notified = v.object({ at: instant, evidence: listOf(evidence, MAX_STORED_EVIDENCE) });

/** `drift`, `unknown`, `update` or the id of a check. */
const TRACK_KEYS = ['drift', 'unknown', 'update', ...CHECK_IDS] as const;
const known: ReadonlySet<unknown> = new Set(TRACK_KEYS);
const keyed = v.looseObject({ key: v.string() });

/** Tracks of different keys, not validated yet. A newer version may have stored checks that are not known here. */
const knownTracks = v.pipe(
  v.array(v.unknown()),
  v.maxLength(1_000),
  v.transform((all) => all.filter((each) => !v.is(keyed, each) || known.has(each.key))),
  v.check((all) => {
    const keys = all.flatMap((each) => (v.is(keyed, each) ? [each.key] : []));
    return new Set(keys).size === keys.length;
  }),
);

/** Something that may be alerted: since when it is firing, and when people were last notified of it. */
export const track = v.object({
  key: v.picklist(TRACK_KEYS),
  since: instant,
  /** Number of runs that found it. */
  found: natural,
  /** Number of consecutive runs that checked for it and did not find it. */
  missed: natural,
  severity,
  /**
   * What it is about, and in how many runs each was found and then missed: another certificate is new again.
   */
  evidence: listOf(v.object({ value: evidence, found: natural, missed: natural }), MAX_STORED_EVIDENCE),
  /** The first of the last findings about it, for messages of runs that do not find it. */
  findings: listOf(finding, MAX_FINDINGS),
  /** How many further findings there were. */
  more: natural,
  notified: v.nullable(notified),
});

/**
 * A change that is alerted once, saved until there is a recipient. Drift and failures are not changes: they
 * are followed.
 */
export const pendingChange = v.object({ change, at: instant });

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
 * applied. With the issuer, check and account are its identity.
 */
const baseline = v.object({
  check: v.picklist(CHECK_IDS),
  account: v.nullable(v.string()),
  subjects: listOf(v.pipe(v.string(), v.regex(/^[0-9a-f]{24}$/)), 10_000),
});

/** A login that AWS recorded, by the role and its result. No stage of this version adds any. */
const observedLogin = v.object({
  /** The role, as evidence. */
  role: evidence,
  result: v.picklist(['succeeded', 'refused']),
  /** How AWS verified the connection to the issuer; null: it did not say. */
  verification: v.nullable(v.picklist(['thumbprint', 'trust-store'])),
  last: instant,
  count: natural,
});

const ofTarget = {
  firstRun: instant,
  lastRun: instant,
  thumbprints: listOf(observedCertificate, MAX_OBSERVED_CERTIFICATES),
  signingKeys: listOf(observedKey, MAX_OBSERVED_KEYS),
  /** As last read, normalised; null: never read. */
  listed: v.nullable(texts),
  audiences: v.nullable(texts),
  jwksHost: textMatching(HOST_KEY),
  /** Number of consecutive runs in which a document took longer than STS waits. */
  slowRuns: natural,
  baselines: listOf(baseline, 1_000),
  tracks: v.pipe(knownTracks, v.array(track), v.readonly()),
  pendingChanges: listOf(pendingChange, MAX_PENDING_CHANGES),
  /** Thumbprints whose addition was alerted before they could be compared with what the issuer serves. */
  notCompared: thumbprints,
  logins: listOf(observedLogin, 1_000),
};

/** What updates depend on. Both items have it, so that the loss of one does not lose it. */
const ofUpdates = {
  /** Thumbprints that the monitor itself has added to the list. */
  added: thumbprints,
  /** When it last wrote the list. */
  updatedAt: v.nullable(instant),
  /**
   * Saved before a list is written, so that the next run detects a run that ended in between. The table is
   * not a proof: what it names must be in the list of IAM, and updates must be on.
   */
  intent: v.nullable(v.object({ at: instant, added: thumbprints })),
};

/** What is stored of one issuer. */
export const targetMemory = v.object({ ...ofTarget, ...ofUpdates });

/** The account itself has no list, so it has no drift. */
export const isOfAccount = ({ key }: { readonly key: string }): boolean =>
  key !== 'drift' && key !== 'update';
const trackOfAccount = v.pipe(
  track,
  v.check((each) => isOfAccount(each)),
);

/** What is stored of the account itself. */
export const accountMemory = v.object({
  lastRun: instant,
  /** ARNs of every OIDC provider of the account; null: never listed. */
  providers: v.nullable(texts),
  /** Confirmed subscriptions of the topic when they were last counted. */
  recipients: v.nullable(v.object({ confirmed: natural, checkedAt: instant })),
  baselines: listOf(baseline, 1_000),
  tracks: v.pipe(knownTracks, v.array(trackOfAccount), v.readonly()),
  pendingChanges: listOf(pendingChange, MAX_PENDING_CHANGES),
});

/** Version 1 had one item per issuer: see `earlier.ts`. */
export const STATE_VERSION = 2;
const stateVersion = v.literal(STATE_VERSION);
const issuer = v.string();

/** The item that is written by every run. The account and each target are validated by themselves. */
export const mainItem = v.object({
  stateVersion,
  /** Of the retained item when this one was saved; 0: there was none. */
  retainedVersion: v.pipe(v.number(), v.safeInteger()),
  /** Something did not fit and was left out. */
  isCut: v.boolean(),
  account: v.unknown(),
  targets: listOf(v.object({ issuer, memory: v.unknown() }), MAX_TARGETS),
});
/** Of a track whose critical findings were alerted: what changes only if people are notified. */
const { key, since, findings, more } = track.entries;
const alertedTrack = v.object({ key, since, severity, findings, more, notified });
const alertedTracks = v.pipe(knownTracks, v.array(alertedTrack), v.readonly());

/**
 * The retained item, which is written only if it changes: what must not be evicted, however large the main item
 * becomes.
 */
export const retainedItem = v.object({
  stateVersion,
  /** Of the account itself. */
  tracks: v.pipe(
    alertedTracks,
    v.check((all) => all.every(isOfAccount)),
  ),
  targets: listOf(v.object({ issuer, firstRun: instant, tracks: alertedTracks, ...ofUpdates }), MAX_TARGETS),
});

export type Baseline = Readonly<v.InferOutput<typeof baseline>>;
export type ObservedCertificate = Readonly<v.InferOutput<typeof observedCertificate>>;
export type ObservedKey = Readonly<v.InferOutput<typeof observedKey>>;
export type Track = Readonly<v.InferOutput<typeof track>>;
export type PendingChange = Readonly<v.InferOutput<typeof pendingChange>>;
export type TargetMemory = Readonly<v.InferOutput<typeof targetMemory>>;
export type Intent = NonNullable<TargetMemory['intent']>;
export type AccountMemory = Readonly<v.InferOutput<typeof accountMemory>>;
export type AlertedTrack = Readonly<v.InferOutput<typeof alertedTrack>>;
export type RetainedItem = Readonly<v.InferOutput<typeof retainedItem>>;

/** The state of one account between two runs. */
export interface AccountState {
  readonly account: AccountMemory;
  /** By issuer. */
  readonly targets: ReadonlyMap<string, TargetMemory>;
}

/** The memory of a target that was never collected. */
export const newTargetMemory = (now: string): TargetMemory => ({
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
  pendingChanges: [],
  notCompared: [],
  baselines: [],
  logins: [],
});

/** The memory of an account that was never collected. */
export const newAccountMemory = (now: string): AccountMemory => ({
  lastRun: now,
  providers: null,
  recipients: null,
  tracks: [],
  pendingChanges: [],
  baselines: [],
});
