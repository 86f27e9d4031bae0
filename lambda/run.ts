/** One run of the monitor, as a story. The only place where a failure of the outside world stops. */
import type { Assignment } from './config/assignment';
import { NOBODY } from './checks/history/account';
import { describeChange } from './checks/history/change';
import { decide } from './decide';
import type { FollowedRun } from './decide';
import type { Finding, Report } from './domain/types';
import type { Notification } from './domain/notification';
import { acceptFindings, acceptNotes } from './checks/suppressions';
import type { AcceptRemark } from './checks/suppressions';
import { isNearLimit } from './state/item-size';
import { nearLimit } from './checks/history/not-saved';
import { confirmBy, followTarget, needsSecondLook } from './checks/history/follow';
import { judgeTarget } from './checks/target';
import { assembleReport, withText } from './report/assemble';
import { factsOf } from './domain/run-facts';
import type { Ports } from './ports';
import type { Repaired } from './remediation/remediate';
import { see, seeAgain } from './observe';
import type { Sight } from './observe';
import { tell } from './alerting/notify';
import type { Followed } from './checks/history/followed';
import type { Decision } from './alerting/decision';

export type { Assignment } from './config/assignment';

/** Runs once. Throws EventError, AccessError and PublishError; every other fault stands in the report. */
export async function audit(assignment: Assignment, ports: Ports): Promise<Report> {
  const { action } = assignment.event;
  if (action === 'test-alert') return testAlert(assignment, ports);
  const now = ports.now();
  const { sight, acceptedNews, remarks } = acceptOfAccount(
    await see(assignment, ports, now),
    assignment,
    now,
  );
  const running = { assignment, sight, ports, now };
  const judged = await lookAgain(follow(assignment, sight, now), running);
  const { followed, recalled } = await repairIn(judged, running);
  const { decision, warnings } = decideWithin(followed, runOf(sight, acceptedNews), now);
  const results = {
    action,
    account: sight.accountId,
    startedAt: now,
    finishedAt: ports.now(),
    targets: followed.map((target) => target.report),
    findings: [...sight.account.findings, ...warnings, ...newsOf(sight, acceptedNews)],
    failures: sight.failures,
    notes: [...sight.notes, ...acceptNotes([...remarks, ...followed.flatMap((target) => target.remarks)])],
    trustStore: { node: ports.node, roots: ports.trust.publicRoots.pems.length },
  };
  const report = assembleReport(results);
  if (action === 'audit') return withText(report);
  const { intervalMinutes = DEFAULT_INTERVAL_MINUTES } = assignment;
  const { saved, finding } = await tell(
    {
      decision,
      updates: await updatesIn(decision, ports),
      account: sight.account.memory,
      recalled,
      report,
      intervalMinutes,
    },
    ports,
  );
  ports.record(
    factsOf(report, {
      nobodyListens: sight.recipients?.ok === true ? sight.recipients.value === 0 : null,
      unreadableItems: recalled.unreadable.length,
      conflicts: saved.ok ? saved.value : 0,
      isNotSaved: !saved.ok,
    }),
  );
  if (saved.ok) return withText(report);
  return withText(
    assembleReport({
      ...results,
      findings: finding === null ? results.findings : [...results.findings, finding],
      failures: [...results.failures, saved.failure],
    }),
  );
}

/** Most runs update nothing: what only an update needs is loaded with it. */
async function updatesIn({ updates }: Decision, { now }: Ports): Promise<readonly Notification[]> {
  if (updates.length === 0) return [];
  const { updatedNotification } = await import('./remediation/plan');
  return updates.map(({ target, updated }) => updatedNotification(target, updated, now()));
}

/** The rate at which the stack runs the function unless somebody sets another. */
const DEFAULT_INTERVAL_MINUTES = 6 * 60;

/** Decides, and warns where what must be stored comes near the limit of an item: known before anything is delivered. */
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
  return { decision: decide(followed, { ...run, findings: [...run.findings, ...warnings] }, now), warnings };
}

/** A run that has seen everything. */
interface Running {
  readonly assignment: Assignment;
  readonly sight: Sight;
  readonly ports: Ports;
  readonly now: Date;
}

/** Most deployments never write: what only an update needs is loaded with it. */
async function repairIn(
  judged: readonly Followed[],
  { assignment, sight, ports, now }: Running,
): Promise<Repaired> {
  if (assignment.config.update === 'off') return { followed: judged, recalled: sight.recalled };
  const { repair } = await import('./remediation/remediate');
  return repair(judged, sight, assignment, ports, now);
}

const runOf = ({ account, recalled, failures }: Sight, acceptedNews: readonly Finding[]): FollowedRun => ({
  ...account,
  acceptedNews,
  isBlind: failures.length > 0,
  baseline: recalled.account === null,
});

function follow({ config }: Assignment, sight: Sight, now: Date): readonly Followed[] {
  const { accountId } = sight;
  const { account, target, isStateless } = sight.recalled;
  return sight.observations.map((observation) =>
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

/** What of the account's own findings somebody has acknowledged. */
function acceptOfAccount(
  sight: Sight,
  { config }: Assignment,
  now: Date,
): {
  readonly sight: Sight;
  readonly acceptedNews: readonly Finding[];
  readonly remarks: readonly AcceptRemark[];
} {
  const { recalled, accountId: account } = sight;
  const { memory, findings, unseen } = sight.account;
  const news = memory.news.map(({ change }) => describeChange(change));
  const accepting = acceptFindings([...findings, ...news], config.accept, {
    issuer: null,
    account,
    baselines: recalled.isStateless ? null : (recalled.account?.baselines ?? []),
    isNew: recalled.account === null,
    unseen,
    exists: [],
    now,
  });
  return {
    sight: {
      ...sight,
      account: {
        memory: { ...memory, baselines: accepting.baselines },
        findings: accepting.findings.slice(0, findings.length),
        unseen,
      },
    },
    acceptedNews: accepting.findings
      .slice(findings.length)
      .filter((finding) => finding.accepted !== undefined),
    remarks: accepting.remarks,
  };
}

/** The account's changes, those marked that somebody has acknowledged. */
const newsOf = ({ account }: Sight, acceptedNews: readonly Finding[]): readonly Finding[] =>
  account.memory.news.map(({ change }) => {
    const finding = describeChange(change);
    const isSame = ({ check, message }: Finding): boolean =>
      check === finding.check && message === finding.message;
    return acceptedNews.find(isSame) ?? finding;
  });

/** Nobody is woken by a single handshake: what is critical and new is looked at twice. */
async function lookAgain(
  followed: readonly Followed[],
  { assignment, sight, ports, now }: Running,
): Promise<readonly Followed[]> {
  if (assignment.event.action !== 'monitor') return followed;
  const mayUpdate = assignment.config.update !== 'off';
  const doubtful = sight.observations.filter((_, index) => {
    const target = followed[index];
    return target !== undefined && needsSecondLook(target, now, mayUpdate);
  });
  if (doubtful.length === 0) return followed;
  const second = new Map(
    (await seeAgain(assignment, doubtful, ports, now)).map((seen) => [seen.target.issuer, judgeTarget(seen)]),
  );
  return followed.map((target) => {
    const again = second.get(target.report.issuer);
    return again === undefined ? target : confirmBy(target, again);
  });
}

async function testAlert({ account }: Assignment, ports: Ports): Promise<Report> {
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
