/** The state of each finding that may be alerted for one target: present, absent, or not evaluated. */
import { isTakeoverCode } from '../../domain/errors';
import { openFindings } from '../suppressions';
import type { Finding, Severity, TargetReport } from '../../domain/types';
import { evidenceOf } from '../../state/evidence';
import { expectedLately } from './lists';
import type { AccountMemory, TargetMemory, Track } from '../../state/schema';
import { gravest, severityOf } from '../../domain/severity';
import { missingFrom } from '../../x509/thumbprint';
import type { CheckId } from '../../domain/checks';
import { isCountedOnly, kindOf } from '../../domain/checks';

/** What a run found for one track. `skipped`: not evaluated, so it neither continues nor resolves. */
export type FindingState =
  | {
      readonly kind: 'present';
      readonly findings: readonly Finding[];
      readonly severity: Severity;
      readonly subjects: readonly Subject[];
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'skipped' };

/** A subject of a finding. `foundNow`: this run found it; else it still counts from an earlier run. */
export interface Subject {
  /** As an item stores it. */
  readonly value: string;
  readonly foundNow: boolean;
}

/** One thing that may be alerted, and whether it is suppressed. */
export interface KnownFindingState {
  readonly key: Track['key'];
  readonly state: FindingState;
  readonly accepted: boolean;
}

/**
 * What is known of a target after a run. `memory` contains this run's observations and the tracks of the
 * last.
 */
export interface Known {
  readonly report: TargetReport;
  readonly skipped: ReadonlySet<CheckId>;
  readonly memory: TargetMemory;
  /** Why the list was not updated, if that may be alerted. */
  readonly refusal: Finding | null;
}

/** The same for what belongs to no target. */
export interface KnownRun {
  readonly findings: readonly Finding[];
  readonly isBlind: boolean;
  readonly skipped: ReadonlySet<CheckId>;
  readonly memory: AccountMemory;
}

/** Keys of tracks that are no checks. */
const OWN_KEYS = ['drift', 'unknown', 'update'];

/** The states of everything that is found now, or was found before. */
export function findingStates(
  { report, skipped, memory, refusal }: Known,
  now: Date,
): readonly KnownFindingState[] {
  const findings = report.findings.filter((finding) => !isCountedOnly(finding));
  const checks = findings.map(({ check }) => check).filter((check) => kindOf(check) === 'finding');
  const earlier = memory.tracks.map(({ key }) => key).filter((key) => !OWN_KEYS.includes(key));
  return [
    unknownState(report),
    drift(report, skipped, memory, now),
    update(refusal, skipped),
    ...[...new Set([...checks, ...earlier])].map((key) => {
      const track = memory.tracks.find((each) => each.key === key) ?? null;
      return withRolesLeft(ofCheck(key, findings, skipped), track, report.rolesNotEvaluated ?? []);
    }),
  ];
}

/**
 * Roles that were not evaluated prove nothing: their findings of earlier runs still count, neither as found
 * again nor as resolved.
 */
function withRolesLeft(
  present: KnownFindingState,
  track: Track | null,
  notEvaluated: readonly string[],
): KnownFindingState {
  const { state } = present;
  const found = state.kind === 'present' ? state.subjects.map(({ value }) => value) : [];
  const roles = new Set(notEvaluated.map(evidenceOf));
  const left = (track?.evidence ?? [])
    .map(({ value }) => value)
    .filter((value) => roles.has(value) && !found.includes(value));
  if (track === null || left.length === 0) return present;
  if (state.kind !== 'present') return { ...present, state: { kind: 'skipped' } };
  const subjects = [...state.subjects, ...left.map((value): Subject => ({ value, foundNow: false }))];
  // The most severe of them may be one of those roles: then the severity does not fall.
  const severity = gravest([state.severity, track.severity]) ?? state.severity;
  return { ...present, state: { ...state, severity, subjects } };
}

/** Findings and failures that belong to no target are followed in the same way. */
export function findingStatesOfRun({
  findings,
  isBlind,
  skipped,
  memory,
}: KnownRun): readonly KnownFindingState[] {
  const earlier = memory.tracks.map(({ key }) => key).filter((key) => key !== 'unknown');
  return [
    { key: 'unknown', state: isBlind ? blind([]) : { kind: 'absent' }, accepted: false },
    ...[...new Set([...findings.map(({ check }) => check), ...earlier])].map((key) =>
      ofCheck(key, findings, skipped),
    ),
  ];
}

const blind = (findings: readonly Finding[]): FindingState => ({
  kind: 'present',
  findings,
  severity: 'high',
  subjects: [],
});

/**
 * A failure is suppressed by the suppression of the finding that explains it. A host that can be taken over is
 * alerted as the finding DISC005, so the failure behind it is not alerted a second time.
 */
function unknownState({ failure, findings }: TargetReport): KnownFindingState {
  if (failure === undefined) return { key: 'unknown', state: { kind: 'absent' }, accepted: false };
  if (isTakeoverCode(failure.code)) return { key: 'unknown', state: { kind: 'skipped' }, accepted: false };
  const explaining = findings.filter(({ check }) => kindOf(check) === 'unknown');
  const open = openFindings(explaining);
  return { key: 'unknown', state: blind(open), accepted: open.length < explaining.length };
}

/**
 * Drift by what was collected in the last seven days: edge servers that alternate neither fire nor resolve
 * with each run. An empty list drifts only if AWS consults it.
 */
function drift(
  report: TargetReport,
  skipped: ReadonlySet<CheckId>,
  memory: TargetMemory,
  now: Date,
): KnownFindingState {
  const findings = report.findings.filter(({ check }) => kindOf(check) === 'drift');
  const open = openFindings(findings);
  const accepted = findings.length > 0 && open.length === 0;
  if (findings.length === 0 && skipped.has('THUMB001'))
    return { key: 'drift', state: { kind: 'skipped' }, accepted };
  const comparable = report.status === 'drifted' || (report.status === 'in-sync' && report.listed.length > 0);
  const named = memory.tracks.find(({ key }) => key === 'drift');
  const missing =
    comparable && (findings.length > 0 || named !== undefined)
      ? missingFrom(report.listed, expectedLately(memory, now))
      : [];
  if (missing.length === 0) return { key: 'drift', state: { kind: 'absent' }, accepted };
  const about = (some: readonly Finding[]): readonly string[] =>
    some.flatMap(({ subject = '' }) => subject.split(' '));
  const isAccepted = (value: string): boolean =>
    about(findings).includes(value) && !about(open).includes(value);
  const subjects = (open.length > 0 ? missing.filter((value) => !isAccepted(value)) : missing).map(
    (value): Subject => ({
      value: evidenceOf(value),
      foundNow: report.expected.includes(value) && findings.length > 0,
    }),
  );
  return {
    key: 'drift',
    accepted,
    state: {
      kind: 'present',
      findings: open,
      severity: open.length > 0 ? severityOf(open) : (named?.severity ?? 'low'),
      subjects,
    },
  };
}

function update(refusal: Finding | null, skipped: ReadonlySet<string>): KnownFindingState {
  if (refusal === null)
    return {
      key: 'update',
      state: { kind: skipped.has('THUMB001') ? 'skipped' : 'absent' },
      accepted: false,
    };
  const { severity, subject } = refusal;
  const subjects = [{ value: evidenceOf(subject ?? 'itself'), foundNow: true }];
  return {
    key: 'update',
    state: { kind: 'present', findings: [refusal], severity, subjects },
    accepted: false,
  };
}

function ofCheck(
  key: Track['key'],
  findings: readonly Finding[],
  skipped: ReadonlySet<string>,
): KnownFindingState {
  const found = findings.filter(({ check }) => check === key);
  const open = openFindings(found);
  if (found.length === 0)
    return { key, state: { kind: skipped.has(key) ? 'skipped' : 'absent' }, accepted: false };
  // Accepted findings beside open ones are not in the message: they are new when their suppression ends.
  const shown = open.length > 0 ? open : found;
  return {
    key,
    accepted: open.length === 0,
    state: {
      kind: 'present',
      findings: shown,
      severity: severityOf(shown),
      subjects: shown.map(({ subject }) => ({ value: evidenceOf(subject ?? 'itself'), foundNow: true })),
    },
  };
}
