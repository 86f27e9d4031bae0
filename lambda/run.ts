/** One run of the monitor, step by step. The only module in which an external failure ends. */
import type { Assignment } from './config/assignment';
import { NOBODY, needsCount } from './checks/history/account';
import { describeChange } from './checks/history/change';
import { decide } from './decide';
import type { FollowedRun } from './decide';
import type { Action, Finding, Outcome, Report } from './domain/types';
import type { Notification } from './domain/notification';
import { acceptFindings, acceptNotes } from './checks/suppressions';
import type { AcceptRemark } from './checks/suppressions';
import { isNearLimit } from './state/item-size';
import { nearLimit } from './checks/history/not-saved';
import { confirmBy, followTarget, needsSecondLook } from './checks/history/follow';
import { evaluateHosts, evaluateTarget } from './checks/target';
import { assembleReport, withText } from './report/assemble';
import type { AccountFacts } from './domain/facts';
import { factsOf } from './domain/run-facts';
import type { Ports } from './ports';
import type { LoadedState } from './state/load';
import type { Remediated } from './remediation/remediate';
import { collectAgain, collectInputs } from './inputs';
import type { TargetPorts } from './inputs';
import { readAttachedPolicies } from './collect/account';
import { completeEvaluation, evaluateFacts } from './evaluate';
import type { RunObservations } from './evaluate';
import { notify } from './alerting/notify';
import type { Followed } from './checks/history/followed';
import type { Decision } from './alerting/decision';

export type { Assignment } from './config/assignment';

/** Runs once. Throws EventError, AccessError and PublishError; every other failure is in the report. */
export async function runOnce(assignment: Assignment, ports: Ports): Promise<Report> {
  const { action } = assignment.event;
  if (action === 'test-alert') return testAlert(assignment, ports);
  const now = ports.now();
  const inputs = await collectInputs(assignment, ports);
  const evaluation = await evaluateFacts(inputs, assignment, ports, now);
  const attachedPolicies = await readAttachedPolicies(evaluation.trust.candidates, ports);
  const account = { ...inputs.account, attachedPolicies };
  const recipients = await countIfNeeded(inputs.loaded, action, ports, now);
  const complete = { account, loaded: inputs.loaded, recipients };
  const { observed, acceptedChanges, remarks } = acceptOfAccount(
    completeEvaluation(evaluation, complete, assignment, now),
    assignment,
    now,
  );
  const running = { assignment, account, observed, now };
  const evaluated = await lookAgain(followAll(assignment, observed, now), running, ports);
  const { followed, loaded } = await remediateIfAsked(evaluated, running, ports);
  const { decision, warnings } = decideWithin(followed, runOf(observed, acceptedChanges), now);
  const results = {
    action,
    account: observed.accountId,
    startedAt: now,
    finishedAt: ports.now(),
    targets: followed.map((target) => target.report),
    findings: [...observed.account.findings, ...warnings, ...changesOf(observed, acceptedChanges)],
    failures: observed.failures,
    notes: [...observed.notes, ...acceptNotes([...remarks, ...followed.flatMap((target) => target.remarks)])],
    trustStore: { node: ports.node, roots: ports.trust.publicRoots.pems.length },
  };
  const report = assembleReport(results);
  if (action === 'audit') return withText(report);
  const { intervalMinutes = DEFAULT_INTERVAL_MINUTES } = assignment;
  const { saved, finding } = await notify(
    {
      decision,
      updates: await updatesIn(decision, ports),
      account: observed.account.memory,
      loaded,
      report,
      intervalMinutes,
    },
    ports,
  );
  const failures = saved.ok ? results.failures : [...results.failures, saved.failure];
  const facts = {
    hasNoRecipients: observed.recipients?.ok === true ? observed.recipients.value === 0 : null,
    unreadableItems: loaded.unreadable.length,
    conflicts: saved.ok ? saved.value : 0,
    isNotSaved: !saved.ok,
  };
  ports.record(factsOf({ ...report, failures }, facts));
  if (saved.ok) return withText(report);
  return withText(
    assembleReport({
      ...results,
      findings: finding === null ? results.findings : [...results.findings, finding],
      failures,
    }),
  );
}

/** The subscriptions of the topic. Null: not counted in this run. */
async function countIfNeeded(
  { account, isStateless }: LoadedState,
  action: Action,
  { countRecipients }: Pick<Ports, 'countRecipients'>,
  now: Date,
): Promise<Outcome<number> | null> {
  const mustCount = action === 'audit' || isStateless || needsCount(account, now);
  return countRecipients !== null && mustCount ? countRecipients() : null;
}

/** Most runs update nothing, so the modules for updates are loaded only if there is one. */
async function updatesIn(
  { updates }: Decision,
  { now }: Pick<Ports, 'now'>,
): Promise<readonly Notification[]> {
  if (updates.length === 0) return [];
  const { updatedNotification } = await import('./remediation/plan');
  return updates.map(({ target, updated }) => updatedNotification(target, updated, now()));
}

/** The default interval of the schedule in the stack. */
const DEFAULT_INTERVAL_MINUTES = 6 * 60;

/** Decides, and warns if an item to be saved is near its size limit: known before anything is delivered. */
function decideWithin(
  followed: readonly Followed[],
  run: FollowedRun,
  now: Date,
): { readonly decision: Decision; readonly warnings: readonly Finding[] } {
  const decision = decide(followed, run, now);
  const { targets, account } = decision.memories(true);
  const near = [...targets.map(({ memory }) => memory), account].filter(isNearLimit);
  if (near.length === 0) return { decision, warnings: [] };
  const warnings = [nearLimit(near.length)];
  return {
    decision: decide(followed, { ...run, findings: [...run.findings, ...warnings] }, now),
    warnings,
  };
}

/** A run that has collected everything. */
interface Running {
  readonly assignment: Assignment;
  readonly account: AccountFacts;
  readonly observed: RunObservations;
  readonly now: Date;
}

/** Most deployments never write, so the modules for updates are loaded only if there is one. */
async function remediateIfAsked(
  evaluated: readonly Followed[],
  { assignment, observed, now }: Running,
  ports: Ports,
): Promise<Remediated> {
  if (assignment.config.update === 'off') return { followed: evaluated, loaded: observed.loaded };
  const { remediate } = await import('./remediation/remediate');
  return remediate(evaluated, observed, assignment, ports, now);
}

const runOf = (
  { account, loaded, failures }: RunObservations,
  acceptedChanges: readonly Finding[],
): FollowedRun => ({
  ...account,
  acceptedChanges,
  isBlind: failures.length > 0,
  baseline: loaded.account === null,
});

function followAll({ config }: Assignment, observed: RunObservations, now: Date): readonly Followed[] {
  const { accountId } = observed;
  const { account, target, isStateless } = observed.loaded;
  return observed.observations.map((observation) =>
    followTarget(observation, {
      accept: config.accept,
      account: accountId,
      now,
      update: config.update,
      memory: target(observation.target.issuer),
      isFirstRun: isStateless || account === null,
      isStateless,
    }),
  );
}

/** Applies the suppressions to the account's own findings. */
function acceptOfAccount(
  observed: RunObservations,
  { config }: Assignment,
  now: Date,
): {
  readonly observed: RunObservations;
  readonly acceptedChanges: readonly Finding[];
  readonly remarks: readonly AcceptRemark[];
} {
  const { loaded, accountId: account } = observed;
  const { memory, findings, skipped } = observed.account;
  const news = memory.news.map(({ change }) => describeChange(change));
  const accepting = acceptFindings([...findings, ...news], config.accept, {
    issuer: null,
    account,
    baselines: loaded.isStateless ? null : (loaded.account?.baselines ?? []),
    isNew: loaded.account === null,
    skipped,
    exists: [],
    now,
  });
  return {
    observed: {
      ...observed,
      account: {
        memory: { ...memory, baselines: accepting.baselines },
        findings: accepting.findings.slice(0, findings.length),
        skipped,
      },
    },
    acceptedChanges: accepting.findings
      .slice(findings.length)
      .filter((finding) => finding.accepted !== undefined),
    remarks: accepting.remarks,
  };
}

/** The account's changes, with the suppressed ones marked. */
const changesOf = ({ account }: RunObservations, acceptedChanges: readonly Finding[]): readonly Finding[] =>
  account.memory.news.map(({ change }) => {
    const finding = describeChange(change);
    const isSame = ({ check, message }: Finding): boolean =>
      check === finding.check && message === finding.message;
    return acceptedChanges.find(isSame) ?? finding;
  });

/** A single handshake never causes an alert: what is critical and new needs a second look. */
async function lookAgain(
  followed: readonly Followed[],
  { assignment, account, observed, now }: Running,
  ports: TargetPorts & Pick<Ports, 'trust'>,
): Promise<readonly Followed[]> {
  if (assignment.event.action !== 'monitor') return followed;
  const mayUpdate = assignment.config.update !== 'off';
  const doubtful = observed.observations.filter((_, index) => {
    const target = followed[index];
    return target !== undefined && needsSecondLook(target, now, mayUpdate);
  });
  if (doubtful.length === 0) return followed;
  const targets = doubtful.map(({ target }) => target);
  const facts = await collectAgain(targets, account, assignment, ports);
  const second = new Map(
    evaluateHosts(facts, { ...assignment.config, trust: ports.trust, now }).map((each, index) => {
      // A policy would be the same the second time: it needs no second look.
      const trust = doubtful[index]?.trust;
      return [each.target.issuer, evaluateTarget(trust === undefined ? each : { ...each, trust })] as const;
    }),
  );
  return followed.map((target) => {
    const again = second.get(target.report.issuer);
    return again === undefined ? target : confirmBy(target, again);
  });
}

async function testAlert(
  { account }: Pick<Assignment, 'account'>,
  ports: Pick<Ports, 'now' | 'countRecipients' | 'publish'>,
): Promise<Report> {
  const now = ports.now();
  const counted = (await ports.countRecipients?.()) ?? null;
  const report = assembleReport({
    action: 'test-alert',
    account,
    startedAt: now,
    finishedAt: now,
    targets: [],
    findings: counted?.ok === true && counted.value === 0 ? [NOBODY] : [],
    failures: counted?.ok === false ? [counted.failure] : [],
  });
  const { composeTest } = await import('./alerting/message/message');
  await ports.publish(composeTest(report));
  return withText(report);
}
