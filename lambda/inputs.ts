/** Collects everything for a run: what the account lists, what hosts serve, and the state of earlier runs. */
import { needsCount, rememberAccount } from './checks/history/account';
import type { RememberedAccount } from './checks/history/account';
import type { Failure, Outcome } from './domain/types';
import { AccessError } from './domain/errors';
import { narrow } from './config/event';
import { accountOfArn, issuerOfProviderArn } from './oidc/issuer';
import { evaluateHosts } from './checks/target';
import type { Observation } from './checks/target';
import { configuredIssuers, findTargets } from './collect/targets';
import type { Assignment } from './config/assignment';
import { issuerCollector } from './collect/issuers';
import { readAttachedPolicies, readRoles } from './collect/roles';
import { evaluateTrust, trustResults } from './checks/trust/account';
import type { ListedAccount, TrustOptions, TrustResults } from './checks/trust/account';
import { mayBegin } from './deadline';
import type { TargetFacts } from './domain/facts';
import type { Ports } from './ports';
import { beginLoad } from './state/load';
import type { LoadedState, StateLoading } from './state/load';

/** What was collected. */
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

/**
 * Collects everything, each thing once. Throws EventError and AccessError. A provider is read after the
 * memory that it is compared with: else another run could change and save something in between, and this one,
 * with an old list and a new memory, would report the opposite change.
 */
export async function observe(assignment: Assignment, ports: Ports, now: Date): Promise<RunObservations> {
  const collector = issuerCollector(ports, assignment.config);
  const configured = configuredTo(assignment);
  configured.forEach(collector.begin);
  const loading = beginLoad(configured, ports.store);
  const reading = assignment.config.auditTrust ? readRoles(ports) : null;
  const listed = await listAfter(loading, ports);
  const unlisted = listed.ok ? null : listed.failure;
  if (unlisted?.code === 'AWS_ACCESS_DENIED') throw new AccessError(unlisted.message);
  const targets = selectTargets(assignment, listed);
  const issuers = targets.map(({ issuer }) => issuer);
  issuers.forEach(collector.begin);
  const loaded = await loading.of(issuers);
  const facts = await Promise.all(targets.map((target) => collector.collect(target, unlisted)));
  refuseIfAllDenied(facts);
  const observations = evaluateHosts(facts, { ...assignment.config, trust: ports.trust, now });
  const trust = await observeTrust(
    observations,
    { roles: await reading, providerArns: listed.ok ? listed.value : null },
    { config: assignment.config, selection: assignment.event.selection },
    ports,
  );
  const alwaysCount = assignment.event.action === 'audit';
  const { recipients, ...account } = await loadAccount(loaded, listed, ports, { now, alwaysCount });
  return {
    observations: observations.map((observation) => ({ ...observation, ...trustOf(observation, trust) })),
    loaded,
    account: {
      ...account,
      findings: [...account.findings, ...trust.findings],
      skipped: new Set([...account.skipped, ...trust.skipped]),
    },
    accountId: assignment.account ?? accountOfProviders(listed),
    recipients,
    failures: [
      // What was skipped on purpose is no failure of the run; each target has it.
      ...[
        isSkipped(unlisted) ? null : unlisted,
        loaded.failure,
        recipients?.ok === false ? recipients.failure : null,
      ].filter((failure): failure is Failure => failure !== null),
      ...trust.failures,
    ],
    notes: trust.notes,
  };
}

/**
 * The providers are listed while the memory is loaded, and nearly always both agree. If they do not, the
 * memory may be the newer one, of a concurrent run: a second listing is newer than both.
 */
async function listAfter(
  { agreesWith }: Pick<StateLoading, 'agreesWith'>,
  { listProviders }: Pick<Ports, 'listProviders'>,
): Promise<Outcome<readonly string[]>> {
  const listed = await listProviders();
  // A run that may list nothing ends here: it waits for the loading first, so that no request remains open.
  const arns = listed.ok ? listed.value : [];
  const agrees = await agreesWith({ arns, issuers: arns.map(issuerOfProviderArn) });
  return !listed.ok || agrees ? listed : listProviders();
}

const isSkipped = (unlisted: Failure | null): boolean => unlisted?.code === 'AWS_SKIPPED';

/** The second look at some of the targets: probes with new connections, documents fetched again. */
export async function observeAgain(
  { config }: Assignment,
  observations: readonly Observation[],
  ports: Ports,
  now: Date,
): Promise<readonly Observation[]> {
  const collector = issuerCollector(ports, config);
  const facts = await Promise.all(observations.map(({ target }) => collector.collect(target, null)));
  // A policy would be the same the second time: it needs no second look.
  return evaluateHosts(facts, { ...config, trust: ports.trust, now }).map((each, index) => {
    const trust = observations[index]?.trust;
    return trust === undefined ? each : { ...each, trust };
  });
}

/**
 * Trust around all targets: evaluates policies, and reads the managed policies of the few roles that depend
 * on them.
 */
export async function observeTrust(
  observations: readonly Observation[],
  listed: ListedAccount,
  options: TrustOptions,
  ports: Pick<Ports, 'attachedPolicies' | 'deadline'>,
): Promise<TrustResults> {
  const evaluated = await evaluateTrust(observations, options.config, listed, () => mayBegin(ports.deadline));
  const attached = await readAttachedPolicies(evaluated.candidates, ports);
  return trustResults(evaluated, attached, options);
}

function trustOf(observation: Observation, { targets }: TrustResults): Pick<Observation, 'trust'> {
  const trust = targets.get(observation);
  return trust === undefined ? {} : { trust };
}

/** The account after a run; the topic's subscriptions are counted if necessary. */
export async function loadAccount(
  { account, isStateless }: LoadedState,
  providers: Outcome<readonly string[]>,
  ports: Pick<Ports, 'countRecipients'>,
  moment: { readonly now: Date; readonly alwaysCount: boolean },
): Promise<RememberedAccount & { readonly recipients: Outcome<number> | null }> {
  const mustCount = moment.alwaysCount || isStateless || needsCount(account, moment.now);
  const recipients = ports.countRecipients !== null && mustCount ? await ports.countRecipients() : null;
  const collected = { providers: providers.ok ? providers.value : null, recipients };
  return { ...rememberAccount(account, collected, moment.now), recipients };
}

/** What the configuration names needs no listing, so it begins at the same time. */
const configuredTo = ({ event, config }: Assignment): readonly string[] =>
  configuredIssuers(config).filter((issuer) => event.selection === null || event.selection.includes(issuer));

function selectTargets(
  { event, config }: Assignment,
  listed: Outcome<readonly string[]>,
): ReturnType<typeof findTargets> {
  const permitted = findTargets(config, listed.ok ? listed.value : []);
  const chosen = narrow(
    event,
    permitted.map(({ issuer }) => issuer),
  );
  return permitted.filter(({ issuer }) => chosen.includes(issuer));
}

/**
 * If access to one provider is denied, that is a target's failure; if access to all is denied, the deployment
 * is broken.
 */
function refuseIfAllDenied(facts: readonly TargetFacts[]): void {
  const denied = facts.flatMap(({ provider }): readonly Failure[] =>
    provider?.ok === false && provider.failure.code === 'AWS_ACCESS_DENIED' ? [provider.failure] : [],
  );
  const [first] = denied;
  const read = facts.filter(({ target }) => target.providerArn !== null);
  if (first !== undefined && denied.length === read.length) throw new AccessError(first.message);
}

function accountOfProviders(listed: Outcome<readonly string[]>): string | null {
  const [first] = listed.ok ? listed.value : [];
  return first === undefined ? null : accountOfArn(first);
}
