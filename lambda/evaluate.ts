/** Evaluates what a run collected of its account: hosts, trust, and the account itself. Collects nothing. */
import { HISTORY_CHECKS, becauseOf } from './checks/coverage';
import { acceptFindings } from './checks/suppressions';
import type { AcceptRemark } from './checks/suppressions';
import { describeChange } from './checks/history/change';
import { followTarget } from './checks/history/follow';
import type { Followed } from './checks/history/followed';
import { nearLimit } from './checks/history/not-saved';
import type { FollowedRun } from './decide';
import { isNearLimit } from './state/fit';
import { rememberAccount } from './checks/history/account';
import type { RememberedAccount } from './checks/history/account';
import { evaluateHosts } from './checks/target';
import type { Observation } from './checks/target';
import { evaluateTrust, trustResults } from './checks/trust/account';
import type { EvaluatedTrust, TrustResults } from './checks/trust/account';
import { notSelectedNote } from './collect/not-selected';
import type { Assignment } from './config/assignment';
import { updateModeOf } from './config/scope';
import { mayBegin } from './deadline';
import type { AccountFacts } from './domain/facts';
import { skipAll } from './domain/skipped';
import type { Failure, Finding, Outcome, SkippedCheck } from './domain/types';
import type { RunInputs } from './inputs';
import type { Ports } from './ports';
import type { LoadedState } from './state/load';

/** The evaluated targets, as far as no managed policy decides. */
export interface Evaluation {
  readonly observations: readonly Observation[];
  readonly trust: EvaluatedTrust;
}

/** What a run has evaluated, before it is compared with earlier runs. */
export interface RunObservations {
  readonly observations: readonly Observation[];
  readonly loaded: LoadedState;
  readonly account: RememberedAccount;
  /** Null if neither the function nor a provider names it. */
  readonly accountId: string | null;
  /** Subscriptions of the topic; null: not counted in this run. */
  readonly recipients: Outcome<number> | null;
  /** Failures that belong to no target. */
  readonly failures: readonly Failure[];
  /** What the configuration excludes from the run. */
  readonly notes: readonly string[];
  /** Checks of the account that did not run, for the report. */
  readonly skippedChecks: readonly SkippedCheck[];
}

/** Evaluates hosts and, as long as there is time, the trust policies of roles. */
export async function evaluateFacts(
  { account, targets }: Pick<RunInputs, 'account' | 'targets'>,
  { config }: Pick<Assignment, 'config'>,
  { trust, deadline }: Pick<Ports, 'trust' | 'deadline'>,
  now: Date,
): Promise<Evaluation> {
  const observations = evaluateHosts(targets, { ...config, trust, now });
  return {
    observations,
    trust: await evaluateTrust(observations, account, () => mayBegin(deadline)),
  };
}

/** What a run knows when everything is collected. `recipients`: null if they were not counted. */
export interface CompleteInputs extends Pick<RunInputs, 'account' | 'loaded'> {
  readonly recipients: Outcome<number> | null;
}

/** Completes the evaluation of the targets with that of the account. */
export function completeEvaluation(
  { observations, trust: evaluated }: Evaluation,
  { account, loaded, recipients }: CompleteInputs,
  assignment: Pick<Assignment, 'event' | 'config' | 'selectBy'>,
  now: Date,
): RunObservations {
  const { event, config } = assignment;
  const { providerArns } = account;
  const trust = trustResults(evaluated, account.attachedPolicies, { config, selection: event.selection });
  const providers = providerArns.ok ? providerArns.value : null;
  const notSelected = notSelectedNote(assignment, providers ?? []);
  const remembered = rememberAccount(loaded.account, { providers, recipients }, now);
  return {
    observations: observations.map((observation) => ({ ...observation, ...trustOf(observation, trust) })),
    loaded,
    account: {
      ...remembered,
      findings: [...remembered.findings, ...trust.findings],
      skipped: new Set([...remembered.skipped, ...trust.skipped]),
    },
    accountId: account.id,
    recipients,
    failures: [
      ...failureOfListing(account),
      ...(loaded.failure === null ? [] : [loaded.failure]),
      ...(recipients?.ok === false ? [recipients.failure] : []),
      ...trust.failures,
    ],
    notes: [...(notSelected === null ? [] : [notSelected]), ...trust.notes],
    skippedChecks: [
      ...trust.skippedChecks,
      ...(recipients?.ok === false ? [{ check: 'OPS001', ...becauseOf(recipients.failure) } as const] : []),
      ...(loaded.isStateless ? skipAll(HISTORY_CHECKS, { code: 'no-state', reason: NO_STATE }) : []),
    ],
  };
}

const NO_STATE = 'The results of earlier runs are not known, so checks that compare with them did not run.';

/** What was skipped on purpose is no failure of the run; each target has it. */
const failureOfListing = ({ providerArns }: AccountFacts): readonly Failure[] =>
  providerArns.ok || providerArns.failure.code === 'AWS_SKIPPED' ? [] : [providerArns.failure];

function trustOf(observation: Observation, { targets }: TrustResults): Pick<Observation, 'trust'> {
  const trust = targets.get(observation);
  return trust === undefined ? {} : { trust };
}

/** The results of an account, compared with those of earlier runs. */
export interface ComparedAccount {
  readonly followed: readonly Followed[];
  /** What belongs to no target. */
  readonly run: FollowedRun;
  /** Its changes, those of earlier runs that nobody has been notified of included. */
  readonly changes: readonly Finding[];
  /** About the `accept` entries that were applied to what belongs to no target. */
  readonly remarks: readonly AcceptRemark[];
}

/** Compares what was evaluated with earlier runs, and applies the suppressions. */
export function compareWithHistory(
  { observations, loaded, account, accountId, failures }: RunObservations,
  { config }: Pick<Assignment, 'config'>,
  now: Date,
): ComparedAccount {
  const { isStateless } = loaded;
  const { memory, skipped } = account;
  const findings = [...account.findings, ...(isNearLimit(loaded) ? [nearLimit(loaded.bytes)] : [])];
  const changes = memory.pendingChanges.map(({ change }) => describeChange(change));
  const accepting = acceptFindings([...findings, ...changes], config.accept, {
    issuer: null,
    account: accountId,
    baselines: isStateless ? null : (loaded.account?.baselines ?? []),
    isNew: loaded.account === null,
    skipped,
    exists: [],
    now,
  });
  const [own, changed] = [
    accepting.findings.slice(0, findings.length),
    accepting.findings.slice(findings.length),
  ];
  return {
    followed: observations.map((observation) =>
      followTarget(observation, {
        accept: config.accept,
        account: accountId,
        now,
        update: updateModeOf(observation.target.issuer, config),
        memory: loaded.targets.get(observation.target.issuer) ?? null,
        isFirstRun: isStateless || loaded.account === null,
        isStateless,
      }),
    ),
    run: {
      memory: { ...memory, baselines: accepting.baselines },
      findings: own,
      acceptedChanges: changed.filter(({ accepted }) => accepted !== undefined),
      skipped,
      isBlind: failures.length > 0,
      baseline: loaded.account === null,
    },
    changes: changed,
    remarks: accepting.remarks,
  };
}
