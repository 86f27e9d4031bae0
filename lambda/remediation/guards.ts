/**
 * The guards of an update: conditions for adding a thumbprint to a list; each one alone can reject it.
 * `docs/threat-model.md` says what each prevents, and what remains.
 */
import type { UpdateMode } from '../config/config';
import type { TargetReport } from '../domain/types';
import type { EvaluatedHost } from '../checks/host';
import { hostOf } from '../oidc/issuer';
import type { Observation } from '../checks/target';
import type { ObservedCertificate, TargetMemory } from '../state/schema';
import { MAX_THUMBPRINTS, isThumbprint } from '../x509/thumbprint';
import { hostKey } from '../domain/host';
import { isAbout } from '../domain/checks';
import { HOUR_MS } from '../domain/duration';

/** The input of the guards. */
export interface UpdateQuestion {
  readonly mode: UpdateMode;
  /** The configuration permits to update the list of this issuer. */
  readonly isPermitted: boolean;
  readonly holdDownHours: number;
  readonly observation: Observation;
  readonly report: TargetReport;
  /** With this run's observations. */
  readonly memory: TargetMemory;
  /** The state could be loaded. */
  readonly isRemembered: boolean;
  /** A second observation within this run found the same. */
  readonly confirmed: boolean;
  /** Thumbprints that unrelated hosts changed to in this run. */
  readonly shared: ReadonlySet<string>;
  readonly now: Date;
  /** What would be added: expected in this run and not listed. */
  readonly candidates: readonly string[];
}

/** Stable names of the guards, in the order in which they are evaluated. */
export type GuardId =
  | 'permitted'
  | 'enforced-only'
  | 'store'
  | 'documents'
  | 'answered'
  | 'verified'
  | 'authority'
  | 'unrelated-hosts'
  | 'removed-by-people'
  | 'form'
  | 'room'
  | 'once-a-day'
  | 'hold-down';

/** A guard. `quiet`: its refusal is not alerted: it ends by time alone, or people are already notified. */
export interface Guard {
  readonly id: GuardId;
  readonly holds: (question: UpdateQuestion) => boolean;
  readonly refused: string;
  readonly quiet: boolean;
}

const MIN_RUNS = 3;

const guard = (
  id: GuardId,
  holds: Guard['holds'],
  words: { readonly refused: string; readonly quiet?: boolean },
): Guard => ({ id, holds, quiet: false, ...words });

/** All guards. */
export const GUARDS: readonly Guard[] = [
  guard('permitted', ({ isPermitted }) => isPermitted, {
    refused:
      'The configuration does not permit updates of this list. To permit them, add the issuer URL to updateIssuers.',
    quiet: true,
  }),
  guard('enforced-only', ({ mode, report }) => mode !== 'enforced-only' || report.enforced === true, {
    refused:
      'AWS does not use this list today, and the configuration permits only updates of lists that AWS uses.',
    quiet: true,
  }),
  guard('store', ({ isRemembered }) => isRemembered, {
    refused: 'The state could not be read, so it is not known how long the certificate has been served.',
  }),
  guard('documents', isSameIssuer, {
    refused:
      'The discovery document could not be read over a verified connection, or the host of its signing keys is new.',
  }),
  guard('answered', ({ observation }) => observation.hosts.every(isWhollyAnswered), {
    refused:
      'The server did not answer for every address and key type, so some certificate chains are not known.',
  }),
  guard('verified', isPathVerified, {
    refused:
      'Not every certificate chain is verified up to its last certificate by a public CA or by the trust anchors of its host.',
  }),
  guard('authority', isAuthority, {
    refused:
      'The thumbprint does not belong to a CA certificate that is served on a valid path to a trust anchor.',
  }),
  guard('unrelated-hosts', ({ shared, candidates }) => !candidates.some((each) => shared.has(each)), {
    refused:
      'Unrelated hosts changed to the same certificate at the same time. A TLS inspection proxy can cause this.',
  }),
  guard(
    'removed-by-people',
    ({ memory, candidates }) => !candidates.some((each) => memory.added.includes(each)),
    {
      refused:
        'The monitor added this thumbprint earlier, and somebody removed it. The monitor does not add it again.',
      quiet: true,
    },
  ),
  guard('form', ({ report }) => report.listed.every(isThumbprint), {
    refused:
      'The list has malformed entries. An update would have to change them, and the monitor does not change existing entries.',
  }),
  guard('room', ({ report, candidates }) => report.listed.length + candidates.length <= MAX_THUMBPRINTS, {
    refused: `The list would be too long: IAM permits ${MAX_THUMBPRINTS} thumbprints, and the monitor does not remove entries.`,
  }),
  // An intent counts, too: another run has begun the update.
  guard('once-a-day', ({ memory, now }) => hoursSince(memory.intent?.at ?? memory.updatedAt, now) >= 24, {
    refused: 'The list was updated in the last 24 hours, or another update is in progress.',
    quiet: true,
  }),
  guard('hold-down', isHeldDown, {
    refused: 'The certificate has not been served long enough without interruption (holdDownHours).',
    quiet: true,
  }),
];

const hoursSince = (at: string | null, now: Date): number =>
  at === null ? Infinity : (now.getTime() - Date.parse(at)) / HOUR_MS;

/** `memory` retains the old host of the keys until a suppression accepts the new one. */
function isSameIssuer({ observation, memory }: UpdateQuestion): boolean {
  const { discovery, hosts, isUnanchored = false } = observation;
  if (!discovery.ok || isUnanchored || hosts.length === 0 || memory.firstRun === memory.lastRun) return false;
  return memory.jwksHost === hostKey(hostOf(discovery.value.jwksUri));
}

const isWhollyAnswered = ({ failure, unanswered, chains }: EvaluatedHost): boolean =>
  failure === null && unanswered.length === 0 && chains.length > 0;

/**
 * Every chain verifies, and everything that AWS may compare, not only what is missing, lies on a valid path
 * to an anchor.
 */
function isPathVerified({ observation, report: { expected, proposed = [] } }: UpdateQuestion): boolean {
  const areChains = observation.hosts.every(({ hasAnchors, chains }) =>
    chains.every(({ anchored, reported }) => (hasAnchors ? anchored : reported.publiclyTrusted)),
  );
  return areChains && expected.every((thumbprint) => proposed.includes(thumbprint));
}

/**
 * Never a leaf and never a certificate off the path; it lies on a valid path to an anchor in every chain that
 * contains it.
 */
function isAuthority({ observation, candidates }: UpdateQuestion): boolean {
  const certificates = observation.hosts.flatMap(({ chains }) =>
    chains.flatMap((chain) =>
      chain.certificates.map((certificate) => ({
        ...certificate,
        isAnchored: chain.anchoredThumbprints.includes(certificate.thumbprint),
      })),
    ),
  );
  return candidates.every((candidate) => {
    const served = certificates.filter(({ thumbprint }) => thumbprint === candidate);
    return (
      served.length > 0 &&
      served.every(
        ({ onPath, role, parsed, isAnchored }) => isAnchored && onPath && role !== 'leaf' && parsed.ca,
      )
    );
  });
}

function isHeldDown(question: UpdateQuestion): boolean {
  const { candidates, memory } = question;
  if (candidates.every((candidate) => isSettled(candidate, memory.thumbprints, question))) return true;
  return question.confirmed && failsNow(question);
}

function isSettled(
  candidate: string,
  observedCertificates: readonly ObservedCertificate[],
  question: UpdateQuestion,
): boolean {
  const observedCertificate = observedCertificates.find(({ thumbprint }) => thumbprint === candidate);
  if (observedCertificate === undefined || observedCertificate.streakSince === null) return false;
  return (
    observedCertificate.streakRuns >= MIN_RUNS &&
    hoursSince(observedCertificate.streakSince, question.now) >= question.holdDownHours
  );
}

/** Logins fail now, and every chain is verified by an anchor that the configuration names. */
const failsNow = ({ report, observation }: UpdateQuestion): boolean =>
  report.enforced === true &&
  report.findings.some((finding) => isAbout(finding, 'thumbprints') && finding.severity === 'critical') &&
  observation.hosts.every(({ chains }) => chains.every(({ anchored }) => anchored));
