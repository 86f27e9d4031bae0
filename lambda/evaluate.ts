/** Evaluates what a run collected of its account: hosts, trust, and the account itself. Collects nothing. */
import { rememberAccount } from './checks/history/account';
import type { RememberedAccount } from './checks/history/account';
import { evaluateHosts } from './checks/target';
import type { Observation } from './checks/target';
import { evaluateTrust, trustResults } from './checks/trust/account';
import type { EvaluatedTrust, TrustResults } from './checks/trust/account';
import type { Assignment } from './config/assignment';
import { mayBegin } from './deadline';
import type { AccountFacts } from './domain/facts';
import type { Failure, Outcome } from './domain/types';
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
    trust: await evaluateTrust(observations, config, account, () => mayBegin(deadline)),
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
  { event, config }: Pick<Assignment, 'event' | 'config'>,
  now: Date,
): RunObservations {
  const { providerArns } = account;
  const trust = trustResults(evaluated, account.attachedPolicies, { config, selection: event.selection });
  const providers = providerArns.ok ? providerArns.value : null;
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
    notes: trust.notes,
  };
}

/** What was skipped on purpose is no failure of the run; each target has it. */
const failureOfListing = ({ providerArns }: AccountFacts): readonly Failure[] =>
  providerArns.ok || providerArns.failure.code === 'AWS_SKIPPED' ? [] : [providerArns.failure];

function trustOf(observation: Observation, { targets }: TrustResults): Pick<Observation, 'trust'> {
  const trust = targets.get(observation);
  return trust === undefined ? {} : { trust };
}
