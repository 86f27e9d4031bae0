/**
 * Decides what people are notified of after a run, and the state for the next run. Pure: depends on memory,
 * findings and the time.
 */
import type { Finding, TargetReport } from './domain/types';
import type { Firing } from './domain/event-types';
import { checkOfChange, describeChange } from './checks/history/change';
import { MAX_EVIDENCE, shareOf } from './state/evidence';
import type { AccountMemory, AccountState, PendingChange, Track } from './state/schema';
import { findingStates, findingStatesOfRun } from './checks/history/state-of-findings';
import type { KnownFindingState } from './checks/history/state-of-findings';
import { SEVERITIES, severityOf } from './domain/severity';
import { resolvedFindings } from './alerting/resolved';
import { followTrack, afterMessage } from './alerting/lifecycle';
import type { Occasion, Moment, Omission, LifecycleStep } from './alerting/lifecycle';
import { speaksUp } from './domain/notification';
import type { Notification } from './domain/notification';
import type {
  DecidedPart,
  DecidedTarget,
  Decision,
  Delivery,
  DescribedChange,
  Omitted,
} from './alerting/decision';
import type { Followed } from './checks/history/followed';
import type { CheckId } from './domain/checks';
import { kindOf } from './domain/checks';

/** What belongs to no target. */
export interface FollowedRun {
  readonly memory: AccountMemory;
  /** Without its pending changes, which are in its memory. */
  readonly findings: readonly Finding[];
  /** Findings of its pending changes that are suppressed. */
  readonly acceptedChanges: readonly Finding[];
  /** Checks that this run skipped. */
  readonly skipped: ReadonlySet<CheckId>;
  /** The run could not collect something that belongs to no target. */
  readonly isBlind: boolean;
  readonly baseline: boolean;
}

/** Decides once for all targets: one run, one message. */
export function decide(targets: readonly Followed[], run: FollowedRun, now: Date): Decision {
  const decided = targets.map((target) => decideTarget(target, now));
  const account = decideAccount(run, now);
  const all = [
    ...decided.flatMap(({ report, steps, open }) => notificationsOf(report, steps, open)),
    ...notificationsOf(null, account.steps, account.open),
  ];
  return {
    notifications: all.some(speaksUp) ? all : [],
    updates: targets.flatMap(({ report, updated }) =>
      updated === null ? [] : [{ target: report, updated }],
    ),
    waiting: [
      ...decided.flatMap(({ report, steps, waiting }) => [
        ...waitingSteps(report, steps),
        ...waitingChanges(report, waiting, now),
      ]),
      ...waitingSteps(null, account.steps),
    ],
    targets: decided,
    account,
  };
}

/** The state for the next run, once it is known whether people were notified. */
export function nextState(
  { notifications, targets, account }: Decision,
  { hasRecipients, omitted }: Delivery,
  now: Date,
): AccountState {
  const delivery = { isDelivered: hasRecipients && notifications.length > 0, omitted, now };
  return {
    account: { ...account.memory, ...afterDelivery(null, account, delivery) },
    targets: new Map(
      targets.map((target) => {
        const { report, memory, intent } = target;
        const open = hasRecipients ? {} : { intent: intent ?? memory.intent };
        return [report.issuer, { ...memory, ...open, ...afterDelivery(report, target, delivery) }];
      }),
    ),
  };
}

/** The tracks and changes to save. */
function afterDelivery(
  target: TargetReport | null,
  { steps, pending, open }: DecidedPart,
  {
    isDelivered,
    omitted,
    now,
  }: { readonly isDelivered: boolean; readonly omitted: Omitted; readonly now: Date },
): Pick<AccountMemory, 'tracks' | 'pendingChanges'> {
  return {
    tracks: steps
      .map((step) => (isDelivered ? afterMessage(step, now, omissionOf(step, target, omitted)) : step.track))
      .filter((track): track is Track => track !== null),
    pendingChanges: isDelivered
      ? open.filter(({ finding }) => omitted.has(finding)).map(({ change, at }) => ({ change, at }))
      : pending,
  };
}

function decideTarget(target: Followed, now: Date): DecidedTarget {
  const { report, memory, baseline, confirmed, intent, waiting } = target;
  const steps = lifecycleSteps(findingStates(target, now), memory.tracks, { now, baseline }, confirmed);
  const accepted = report.findings.filter((finding) => finding.accepted !== undefined);
  const open = openChanges(memory.pendingChanges, accepted);
  return { report, memory, intent, waiting, steps, pending: memory.pendingChanges, open };
}

function decideAccount(run: FollowedRun, now: Date): Decision['account'] {
  const { memory, baseline, acceptedChanges } = run;
  const steps = lifecycleSteps(findingStatesOfRun(run), memory.tracks, { now, baseline }, new Set());
  return {
    memory,
    steps,
    pending: memory.pendingChanges,
    open: openChanges(memory.pendingChanges, acceptedChanges),
  };
}

/** Changes that are to be alerted once: without those that are suppressed. */
const openChanges = (
  changes: readonly PendingChange[],
  accepted: readonly Finding[],
): readonly DescribedChange[] =>
  changes
    .map((one) => ({ ...one, finding: { ...describeChange(one.change), since: one.at } }))
    .filter(
      ({ finding: { check, message } }) =>
        !accepted.some((one) => one.check === check && one.message === message),
    );

function lifecycleSteps(
  states: readonly KnownFindingState[],
  tracks: readonly Track[],
  moment: Pick<Moment, 'now' | 'baseline'>,
  confirmed: ReadonlySet<CheckId>,
): readonly LifecycleStep[] {
  const trackOf = (key: string): Track | null => tracks.find((track) => track.key === key) ?? null;
  const room = shareOf(
    states.map(({ key, state }) => demandOf(state, trackOf(key))),
    MAX_EVIDENCE,
  );
  return states.map(({ key, state, accepted }) =>
    withFindings(
      followTrack(key, trackOf(key), state, {
        ...moment,
        accepted,
        room,
        // The confirmation of one check says nothing about the other findings of its target.
        confirmed: state.kind === 'present' && state.findings.some(({ check }) => confirmed.has(check)),
      }),
    ),
  );
}

/** How many values a track would have after a run without a limit. */
function demandOf(state: KnownFindingState['state'], track: Track | null): number {
  const before = track?.evidence.map(({ value }) => value) ?? [];
  const now = state.kind === 'present' ? state.subjects.map(({ value }) => value) : [];
  return new Set([...before, ...now]).size + (state.kind === 'present' ? SEVERITIES.length : 0);
}

function notificationsOf(
  target: TargetReport | null,
  steps: readonly LifecycleStep[],
  open: readonly DescribedChange[],
): readonly Notification[] {
  return [
    ...OCCASIONS.flatMap((occasion) => notificationsFor(target, steps, occasion)),
    ...changes(target, open, 'keys'),
    ...changes(target, open, 'change'),
  ];
}

/** What would fire now if it needed no second run. */
const waitingSteps = (
  target: TargetReport | null,
  steps: readonly LifecycleStep[],
): readonly Notification[] =>
  notificationsFor(
    target,
    steps.filter(({ waiting }) => waiting).map((step) => ({ ...step, occasion: 'firing' })),
    'firing',
  );

/**
 * Adds when each finding began. For resolved ones only identifiers are stored, so their texts are generated.
 * Once for all messages, so that findings can be compared by identity.
 */
function withFindings(step: LifecycleStep): LifecycleStep {
  const { track, occasion, findings } = step;
  if (track === null) return step;
  const own = occasion === 'resolved' ? resolvedFindings(track) : findings;
  return { ...step, findings: own.map((finding) => ({ ...finding, since: track.since })) };
}

/** For one track: the findings that a message does not name, or that it does not name the target at all. */
function omissionOf({ findings }: LifecycleStep, target: TargetReport | null, omitted: Omitted): Omission {
  return {
    findings: findings.filter((finding) => omitted.has(finding)),
    isWhole: findings.length === 0 && target !== null && omitted.has(target),
  };
}

const OCCASIONS: readonly Occasion[] = ['firing', 'reminder', 'resolved'];

/** One notification for drift, one for failures, one for all findings together. */
function notificationsFor(
  target: TargetReport | null,
  steps: readonly LifecycleStep[],
  occasion: Occasion,
): readonly Notification[] {
  const tracks = steps.flatMap((step) =>
    step.occasion === occasion && step.track !== null ? [{ track: step.track, findings: step.findings }] : [],
  );
  return FIRINGS.flatMap((kind) => {
    const own = tracks.filter(({ track }) => firingOf(track.key) === kind);
    const [first] = own.map(({ track }) => track.since).sort();
    if (first === undefined) return [];
    const findings = own.flatMap((step) => step.findings);
    const severity = kind === 'unknown' ? 'high' : severityOf(findings);
    const eventType = kind === 'update' ? 'update.refused' : (`${kind}.${occasion}` as const);
    return [{ eventType, severity, target, findings, since: first }];
  });
}

const FIRINGS: readonly (Firing | 'update')[] = ['drift', 'unknown', 'update', 'finding'];

const firingOf = (key: string): Firing | 'update' =>
  key === 'drift' || key === 'unknown' || key === 'update' ? key : 'finding';

/** Changes are alerted once. */
function changes(
  target: TargetReport | null,
  open: readonly DescribedChange[],
  kind: 'keys' | 'change',
): readonly Notification[] {
  const own = open.filter(
    ({ change }) => (kindOf(checkOfChange(change)) === 'keys' ? 'keys' : 'change') === kind,
  );
  const [first] = own.map(({ at }) => at).sort();
  if (first === undefined) return [];
  const findings = own.map(({ finding }) => finding);
  return [
    {
      eventType: kind === 'keys' ? 'keys.changed' : 'finding.firing',
      severity: severityOf(findings),
      target,
      findings,
      since: first,
    },
  ];
}

/** Changes of keys that only one run has found. */
const waitingChanges = (
  target: TargetReport,
  findings: readonly Finding[],
  now: Date,
): readonly Notification[] =>
  findings.length === 0
    ? []
    : [
        {
          eventType: 'keys.changed',
          severity: severityOf(findings),
          target,
          findings,
          since: now.toISOString(),
        },
      ];
