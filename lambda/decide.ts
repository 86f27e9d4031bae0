/**
 * Decides what people are notified of after a run, and the state for the next run. Pure: depends on memory,
 * findings and the time.
 */
import type { Finding, TargetReport } from './domain/types';
import type { Firing } from './domain/event-types';
import { checkOfChange, describeChange } from './checks/history/change';
import { MAX_EVIDENCE, shareOf } from './state/evidence';
import { limitAccount, limitTarget } from './state/item-size';
import { ACCOUNT_ITEM } from './state/schema';
import type { AccountMemory, PendingChange, Track } from './state/schema';
import { findingStates, findingStatesOfRun } from './checks/history/state-of-findings';
import type { KnownFindingState } from './checks/history/state-of-findings';
import { SEVERITIES, severityOf } from './domain/severity';
import { resolvedFindings } from './alerting/resolved';
import { followTrack, afterMessage } from './alerting/lifecycle';
import type { Occasion, Moment, Omission, LifecycleStep } from './alerting/lifecycle';
import { speaksUp } from './domain/notification';
import type { Notification } from './domain/notification';
import type { Decision, Omitted } from './alerting/decision';
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
  const ofTargets = targets.map((target) => ({ ...target, steps: decideTarget(target, now) }));
  const ofRun = followRun(run, now);
  const all = [...ofTargets.flatMap(({ steps }) => steps.notifications), ...ofRun.notifications];
  const notifications = all.some(speaksUp) ? all : [];
  return {
    notifications,
    updates: targets.flatMap(({ report, updated }) =>
      updated === null ? [] : [{ target: report, updated }],
    ),
    waiting: [
      ...ofTargets.map(({ report, steps }) => ({ id: report.issuer, notifications: steps.waiting })),
      { id: ACCOUNT_ITEM, notifications: ofRun.waiting },
    ],
    memories: (hasRecipients, omitted = new Set()) => {
      const isDelivered = hasRecipients && notifications.length > 0;
      return {
        targets: ofTargets.map(({ report, memory, intent, steps }) => {
          const open = hasRecipients ? {} : { intent: intent ?? memory.intent };
          return {
            issuer: report.issuer,
            memory: limitTarget({ ...memory, ...open, ...steps.rest(isDelivered, omitted) }),
          };
        }),
        account: limitAccount({ ...run.memory, ...ofRun.rest(isDelivered, omitted) }),
      };
    },
  };
}

/** The tracks and changes to save, once it is known whether people were notified. */
interface FollowedSteps {
  readonly notifications: readonly Notification[];
  readonly waiting: readonly Notification[];
  readonly rest: (
    isDelivered: boolean,
    omitted: Omitted,
  ) => { readonly tracks: readonly Track[]; readonly news: readonly PendingChange[] };
}

function decideTarget(target: Followed, now: Date): FollowedSteps {
  const { report, memory, baseline, confirmed } = target;
  const steps = lifecycleSteps(findingStates(target, now), memory.tracks, { now, baseline }, confirmed);
  const accepted = report.findings.filter((finding) => finding.accepted !== undefined);
  const followed = notificationsOf(report, steps, { news: memory.news, accepted }, now);
  return { ...followed, waiting: [...followed.waiting, ...waitingChanges(report, target.waiting, now)] };
}

function followRun(run: FollowedRun, now: Date): FollowedSteps {
  const { memory, baseline } = run;
  const states = findingStatesOfRun(run);
  const steps = lifecycleSteps(states, memory.tracks, { now, baseline }, new Set());
  return notificationsOf(null, steps, { news: memory.news, accepted: run.acceptedChanges }, now);
}

/** Changes that are to be alerted once, and the suppressed findings among them. */
interface Changes {
  readonly news: readonly PendingChange[];
  readonly accepted: readonly Finding[];
}

const openChanges = ({ news, accepted }: Changes): readonly Described[] =>
  news
    .map((one) => ({ ...one, finding: describeChange(one.change) }))
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
    followTrack(key, trackOf(key), state, {
      ...moment,
      accepted,
      room,
      // The confirmation of one check says nothing about the other findings of its target.
      confirmed: state.kind === 'present' && state.findings.some(({ check }) => confirmed.has(check)),
    }),
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
  followed: readonly LifecycleStep[],
  changed: Changes,
  now: Date,
): FollowedSteps {
  const steps = followed.map(withFindings);
  const open = openChanges(changed);
  return {
    notifications: [
      ...OCCASIONS.flatMap((occasion) => notificationsFor(target, steps, occasion)),
      ...changes(target, open, 'keys'),
      ...changes(target, open, 'change'),
    ],
    waiting: notificationsFor(
      target,
      steps.flatMap((step): readonly LifecycleStep[] =>
        step.waiting ? [{ ...step, occasion: 'firing' }] : [],
      ),
      'firing',
    ),
    rest: (isDelivered, omitted) => ({
      tracks: steps
        .map((step) =>
          isDelivered ? afterMessage(step, now, omissionOf(step, target, omitted)) : step.track,
        )
        .filter((track): track is Track => track !== null),
      news: isDelivered
        ? open.filter(({ finding }) => omitted.has(finding)).map(({ change, at }) => ({ change, at }))
        : changed.news,
    }),
  };
}

/**
 * For resolved findings only identifiers are stored: their texts are generated once, so that they can be
 * compared.
 */
const withFindings = (step: LifecycleStep): LifecycleStep =>
  step.occasion === 'resolved' && step.track !== null
    ? { ...step, findings: resolvedFindings(step.track) }
    : step;

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

/** A change with its text. */
interface Described extends PendingChange {
  readonly finding: Finding;
}

/** Changes are alerted once. */
function changes(
  target: TargetReport | null,
  news: readonly Described[],
  kind: 'keys' | 'change',
): readonly Notification[] {
  const own = news.filter(
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
