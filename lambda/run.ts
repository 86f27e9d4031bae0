/** One run of the monitor, step by step. The only module in which an external failure ends. */
import type { Assignment } from './config/assignment';
import { isUpdatable } from './config/scope';
import { beforeDeadline } from './deadline';
import { NOBODY, hasRecipients, needsCount } from './checks/history/account';
import { decide, nextState } from './decide';
import type { Action, Finding, Outcome, Report } from './domain/types';
import type { Notification } from './domain/notification';
import { acceptNotes } from './checks/suppressions';
import { alertUnsaved } from './alerting/unsaved';
import type { Delivered, DeliveryContext, Messages } from './alerting/deliver';
import { saveState } from './state/save';
import type { Saved } from './state/save';
import type { AccountMemory, AccountState } from './state/schema';
import { confirmBy, needsSecondObservation } from './checks/history/second-observation';
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
import { compareWithHistory, completeEvaluation, evaluateFacts } from './evaluate';
import type { RunObservations } from './evaluate';
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
  const observed = completeEvaluation(evaluation, complete, assignment, now);
  const compared = compareWithHistory(observed, assignment, now);
  const running = { assignment, account, observed, now };
  const confirmed = await observeAgain(compared.followed, running, ports);
  const { followed, loaded } = await remediateIfAsked(confirmed, running, ports);
  const decision = decide(followed, compared.run, now);
  const results = {
    action,
    account: observed.accountId,
    startedAt: now,
    finishedAt: ports.now(),
    targets: followed.map((target) => target.report),
    findings: [...compared.run.findings, ...compared.changes],
    failures: observed.failures,
    notes: [
      ...observed.notes,
      ...acceptNotes([...compared.remarks, ...followed.flatMap((target) => target.remarks)]),
    ],
    skipped: observed.skippedChecks,
    trustStore: { node: ports.node, roots: ports.trust.publicRoots.pems.length },
  };
  const report = assembleReport(results);
  if (action === 'audit') return withText(report);
  const { saved, unsavedFinding } = await alertAndSave(decision, report, { ...running, loaded }, ports);
  const failures = saved.ok ? results.failures : [...results.failures, saved.failure];
  const facts = {
    hasNoRecipients: observed.recipients?.ok === true ? observed.recipients.value === 0 : null,
    unreadableItems: observed.loaded.unreadable.length,
    conflicts: saved.ok && saved.value === 'conflict' ? 1 : 0,
    isNotSaved: !saved.ok,
  };
  ports.record(factsOf({ ...report, failures }, facts));
  if (saved.ok) return withText(report);
  const findings = unsavedFinding === null ? results.findings : [...results.findings, unsavedFinding];
  return withText(assembleReport({ ...results, findings, failures }));
}

/**
 * Delivers the messages, then saves that they were delivered: an alert may be repeated, but is never lost. Throws
 * PublishError if the topic accepts no message, and nothing is saved. A failure of the chat fails the run, too,
 * but only after the state has been saved, so that nobody gets the same mail twice.
 */
async function alertAndSave(
  decision: Decision,
  report: Omit<Report, 'text'>,
  { assignment, observed, loaded, now }: Running & { readonly loaded: LoadedState },
  ports: Ports,
): Promise<{ readonly saved: Saved; readonly unsavedFinding: Finding | null }> {
  const messages = { updates: await updatesIn(decision, ports), notifications: decision.notifications };
  const delivered = await deliverIfAny(messages, { report, remarks: stateless(loaded) }, assignment, ports);
  const recipients = await recipientsAfter(messages, observed.account.memory, now, ports);
  const delivery = { hasRecipients: hasRecipients({ recipients }), omitted: delivered.omitted };
  const { account, targets } = nextState(decision, delivery, now);
  const state = { account: { ...account, recipients }, targets };
  const saved = await saveIfPossible(state, loaded, assignment, ports);
  if (saved.ok) {
    if (delivered.failure !== null) throw delivered.failure;
    return { saved, unsavedFinding: null };
  }
  // What waits for a second run would wait for ever, so a second message may have it.
  const { finding, notifications, remarks } = alertUnsaved({
    failure: saved.failure,
    waiting: decision.waiting,
    lastSaved: observed.loaded.account?.lastRun ?? null,
    intervalMinutes: assignment.intervalMinutes ?? DEFAULT_INTERVAL_MINUTES,
    startedAt: report.startedAt,
    now: ports.now(),
  });
  const second = await deliverIfAny({ updates: [], notifications }, { report, remarks }, assignment, ports);
  const failure = delivered.failure ?? second.failure;
  if (failure !== null) throw failure;
  return { saved, unsavedFinding: finding };
}

/** Most runs have no message, so the modules for messages are loaded only if there is one. */
async function deliverIfAny(
  messages: Messages,
  context: Omit<DeliveryContext, keyof Shown>,
  { config }: Pick<Assignment, 'config'>,
  ports: Pick<Ports, 'publish' | 'publishChat' | 'accountAlias' | 'deadline'>,
): Promise<Delivered> {
  if (!hasMessages(messages)) return { omitted: new Set(), failure: null };
  const { deliver } = await import('./alerting/deliver');
  const { docsUrl } = config;
  return deliver(messages, { ...context, docsUrl, accountName: await nameOfAccount(config, ports) }, ports);
}

/** What the configuration adds to messages. */
type Shown = Pick<DeliveryContext, 'accountName' | 'docsUrl'>;

/** The configured name of the account, or its alias. A message is complete without it. */
async function nameOfAccount(
  { accountName }: Assignment['config'],
  { accountAlias, deadline }: Pick<Ports, 'accountAlias' | 'deadline'>,
): Promise<string | null> {
  if (accountName !== null) return accountName;
  const alias = await beforeDeadline(
    accountAlias().then((name) => ({ name })),
    deadline,
  );
  return alias === 'late' ? null : alias.name;
}

const hasMessages = ({ updates, notifications }: Messages): boolean =>
  updates.length + notifications.length > 0;

const stateless = ({ failure }: LoadedState): readonly string[] =>
  failure === null
    ? []
    : ['The state table could not be read, so this message may repeat findings that you know.'];

/**
 * Recipients are counted once a day. The last one may have unsubscribed since, so a run that publishes a message
 * counts them again.
 */
async function recipientsAfter(
  messages: Messages,
  { recipients }: AccountMemory,
  now: Date,
  { countRecipients }: Pick<Ports, 'countRecipients'>,
): Promise<AccountMemory['recipients']> {
  const at = now.toISOString();
  const isFresh = recipients?.checkedAt === at;
  if (countRecipients === null || isFresh || !hasMessages(messages)) return recipients;
  const counted = await countRecipients();
  return !counted.ok || counted.value > 0 ? recipients : { confirmed: 0, checkedAt: at };
}

async function saveIfPossible(
  next: AccountState,
  loaded: LoadedState,
  { account }: Assignment,
  { store }: Pick<Ports, 'store'>,
): Promise<Saved> {
  if (store === null || loaded.isStateless) return { ok: true, value: 'saved' };
  return saveState(next, loaded, { store, account });
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

/** A single handshake never causes an alert: what is critical and new needs a second observation. */
async function observeAgain(
  followed: readonly Followed[],
  { assignment, account, observed, now }: Running,
  ports: TargetPorts & Pick<Ports, 'trust'>,
): Promise<readonly Followed[]> {
  if (assignment.event.action !== 'monitor') return followed;
  const doubtful = observed.observations.filter((_, index) => {
    const target = followed[index];
    if (target === undefined) return false;
    return needsSecondObservation(target, now, isUpdatable(target.report.issuer, assignment.config));
  });
  if (doubtful.length === 0) return followed;
  const targets = doubtful.map(({ target }) => target);
  const facts = await collectAgain(targets, account, assignment, ports);
  const second = new Map(
    evaluateHosts(facts, { ...assignment.config, trust: ports.trust, now }).map((each, index) => {
      // A policy would be the same the second time.
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
  { account, config }: Pick<Assignment, 'account' | 'config'>,
  ports: Pick<Ports, 'now' | 'countRecipients' | 'publish' | 'accountAlias' | 'deadline'>,
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
  await ports.publish(composeTest(report, await nameOfAccount(config, ports)));
  return withText(report);
}
