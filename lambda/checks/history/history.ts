/**
 * Checks that need history: certificates and keys that appear or disappear, and what others changed in IAM.
 */
import { SLOW_MS } from '../../oidc/response-time';
import { describeChange } from './change';
import type { Finding } from '../../domain/types';
import { followKeys } from './keys';
import { evaluateListChanges, evaluateStale, notComparedAfter, ownAdditions } from './lists';
import { MAX_OBSERVED_CERTIFICATES, newTargetMemory } from '../../state/schema';
import type { PendingChange, ObservedCertificate, TargetMemory } from '../../state/schema';
import type { ObservedTarget } from './observed';
import { normaliseThumbprint } from '../../x509/thumbprint';
import type { AnchoredOnce } from '../../remedies/remedy';
import type { Change } from '../../state/change';
import { DAY_MS } from '../../domain/duration';
import { LOGINS_UNKNOWN } from '../../domain/logins';
import { joinSteps } from '../../remedies/command';

/** A target's memory after a run, its tracks unchanged, and the findings that depend on it. */
export interface Remembered {
  readonly memory: TargetMemory;
  readonly findings: readonly Finding[];
  /** Changes that a second run must confirm before they are alerted. */
  readonly waiting: readonly Change[];
}

const SLOW_RUNS = 2;
/** What was not collected for this time is deleted from the state, so that an item stays small. */
const FORGET_MS = 30 * DAY_MS;
/** Whether alerted or not: an item stays small even if there is never a recipient. */
const MAX_PENDING_OF_TARGET = 20;

/** Adds a run to the memory. The first run finds nothing: there is nothing to compare with. */
export function remember(previous: TargetMemory | null, observed: ObservedTarget, now: Date): Remembered {
  const at = now.toISOString();
  const before = previous ?? newTargetMemory(at);
  const thumbprints = followCertificates(before, observed, now);
  const keys = observed.jwks?.ok === true ? followKeys(before, observed.jwks.value.signingKeys, at) : null;
  const slowRuns = followSpeed(before, observed);
  const changes =
    previous === null ? [] : [...evaluateListChanges(previous, observed), ...(keys?.changes ?? [])];
  const move = moveOf(before, observed);
  const memory: TargetMemory = {
    ...before,
    // Observation begins with the first facts, also if all of an earlier state but its updates was lost.
    firstRun: before.thumbprints.length === 0 && before.listed === null ? at : before.firstRun,
    lastRun: at,
    thumbprints,
    signingKeys: keys?.signingKeys ?? before.signingKeys,
    listed: isRead(observed) ? observed.report.listed.map(normaliseThumbprint) : before.listed,
    audiences: observed.audiences ?? before.audiences,
    jwksHost: move === null ? (observed.jwksHost ?? before.jwksHost) : before.jwksHost,
    slowRuns,
    intent: observed.mayUpdate ? before.intent : null,
    pendingChanges: [
      ...stillTrue(before.pendingChanges, changes, ownAdditions(before, observed)),
      ...changes.map((change): PendingChange => ({ change, at })),
    ].slice(-MAX_PENDING_OF_TARGET),
    notCompared: previous === null ? [] : notComparedAfter(previous, observed, changes),
  };
  return {
    memory,
    findings: [
      ...memory.pendingChanges.map(({ change }) => describeChange(change)),
      ...(move === null ? [] : [move]),
      ...(slowRuns >= SLOW_RUNS && observed.milliseconds !== null ? [slow(observed.milliseconds)] : []),
      ...evaluateStale(memory, observed.report, now),
    ],
    waiting: previous === null ? [] : (keys?.waiting ?? []),
  };
}

/**
 * Changes that are not alerted yet, without those that turned out otherwise: additions that this run has
 * compared, since it reports the result, and additions by the monitor. A run at the same time as one that
 * updated the list did not know of that update.
 */
function stillTrue(
  pending: readonly PendingChange[],
  changes: readonly Change[],
  own: readonly string[],
): readonly PendingChange[] {
  const compared = changes.flatMap((change) =>
    change.kind === 'thumbprints-added' && change.isLater ? change.thumbprints.names : [],
  );
  return pending.filter(({ change }) => {
    if (change.kind !== 'thumbprints-added') return true;
    const { names, more } = change.thumbprints;
    if (more === 0 && names.every((each) => own.includes(each))) return false;
    return change.comparison !== 'not-compared' || !names.every((each) => compared.includes(each));
  });
}

/** Whether the list is in the report because it was read. */
const isRead = ({ audiences }: ObservedTarget): boolean => audiences !== null;

/** A run that could not collect chains removes nothing: what it did not collect is not gone. */
function followCertificates(
  before: TargetMemory,
  { report, verified }: ObservedTarget,
  now: Date,
): readonly ObservedCertificate[] {
  const at = now.toISOString();
  // But it is no longer certain that every run collected it.
  if (report.failure !== undefined || report.chains.length === 0) return before.thumbprints.map(brokenStreak);
  const served = report.chains.flatMap(({ certificates }) =>
    certificates.filter(({ onPath }) => onPath).map(({ thumbprint }) => thumbprint),
  );
  const known = new Map(before.thumbprints.map((each) => [each.thumbprint, each]));
  const current = [...new Set([...served, ...report.expected])].map((thumbprint): ObservedCertificate => {
    const earlier = known.get(thumbprint);
    const isExpected = report.expected.includes(thumbprint);
    // The hold-down counts only thumbprints that may be added: those that lie on a valid path to an anchor.
    const isProposed = isExpected && report.proposed?.includes(thumbprint) === true;
    const anchored = verified.includes(thumbprint) ? at : earlier?.anchored;
    return {
      thumbprint,
      first: earlier?.first ?? at,
      last: at,
      expected: isExpected ? at : (earlier?.expected ?? null),
      streakSince: isProposed ? (earlier?.streakSince ?? at) : null,
      streakRuns: isProposed ? (earlier?.streakRuns ?? 0) + 1 : 0,
      ...(anchored === undefined ? {} : { anchored }),
    };
  });
  const gone = before.thumbprints
    .filter(({ thumbprint }) => !current.some((each) => each.thumbprint === thumbprint))
    .filter(({ last }) => now.getTime() - Date.parse(last) < FORGET_MS)
    .map(brokenStreak);
  return [...current, ...gone].slice(0, MAX_OBSERVED_CERTIFICATES);
}

/**
 * Which certificates earlier runs found anchored, for people who must decide which entry of a full list to
 * remove.
 */
export const anchoredOnceIn = ({ thumbprints }: TargetMemory): AnchoredOnce => ({
  anchored: thumbprints.filter(({ anchored }) => anchored !== undefined).map(({ thumbprint }) => thumbprint),
  known: thumbprints.map(({ thumbprint }) => thumbprint),
});

const brokenStreak = (each: ObservedCertificate): ObservedCertificate => ({
  ...each,
  streakSince: null,
  streakRuns: 0,
});

function followSpeed({ slowRuns }: TargetMemory, { milliseconds }: ObservedTarget): number {
  if (milliseconds === null) return slowRuns;
  return milliseconds > SLOW_MS ? slowRuns + 1 : 0;
}

const slow = (milliseconds: number): Finding => ({
  check: 'DISC004',
  severity: 'high',
  message: `The issuer took ${(milliseconds / 1_000).toFixed(1)} s to send its discovery document or its key set. It was also too slow in the previous run. AWS STS stops waiting after about 5 s. ${LOGINS_UNKNOWN}`,
  remedy: "Ask the issuer's operator to serve both faster, for example from a cache.",
});

/** Reported until it is suppressed: a host that changes back and forth must not become the accepted one. */
const moveOf = (
  { jwksHost: before }: TargetMemory,
  { jwksHost: after, moveAccepted }: ObservedTarget,
): Finding | null =>
  before === null || after === null || before === after || moveAccepted ? null : moved(before, after);

const moved = (before: string, after: string): Finding => ({
  check: 'DISC003',
  severity: 'high',
  subject: after,
  message: `The host of the signing keys has changed: ${after} instead of ${before}. Whoever controls the new host can sign tokens that AWS accepts.`,
  remedy: joinSteps(
    `If the issuer announced this change, acknowledge it: add an entry to accept in the configuration, with the check DISC003, this issuer and the subject ${after}.`,
    "Otherwise, ask the issuer's operator immediately.",
  ),
});
