/** Collects what a run starts from: facts about the account and its issuers, and the state of earlier runs. */
import { readProviders, readRoles, rolesOfProviders } from './collect/account';
import { IssuerContacts, contactIssuers } from './collect/issuers';
import { selectTargets, targetFacts } from './collect/targets';
import type { Assignment } from './config/assignment';
import { configuredIssuers } from './config/scope';
import { AccessError } from './domain/errors';
import type { AccountFacts, TargetFacts } from './domain/facts';
import type { Failure, Outcome, Target } from './domain/types';
import { accountOfArn } from './oidc/issuer';
import type { Ports } from './ports';
import { loadState, withEarlier } from './state/load';
import type { LoadedState } from './state/load';

/** Everything that a run evaluates. */
export interface RunInputs {
  /** Without the managed policies of roles: the evaluation says which it needs. */
  readonly account: AccountFacts;
  readonly targets: readonly TargetFacts[];
  readonly loaded: LoadedState;
}

/** What collects targets: their issuers and their providers. */
export type TargetPorts = Pick<Ports, 'fetchDocument' | 'probeHost' | 'readProvider' | 'deadline'>;

/**
 * Collects everything, each thing once. Throws EventError and AccessError. A provider is read after the
 * memory that it is compared with: else another run could change and save something in between, and this one,
 * with an old list and a new memory, would report the opposite change.
 */
export async function collectInputs(
  assignment: Assignment,
  ports: TargetPorts & Pick<Ports, 'listProviders' | 'listRoles' | 'store'>,
): Promise<RunInputs> {
  const contacts = new IssuerContacts(ports, assignment.config);
  // What the configuration names needs no listing, so it begins at the same time.
  const configured = configuredTo(assignment);
  for (const issuer of configured) void contacts.contact(issuer);
  const loading = loadState(ports.store, assignment.account);
  const readingRoles = assignment.config.auditTrust ? readRoles(ports) : null;
  const providerArns = await listAfter(loading, ports);
  if (!providerArns.ok && providerArns.failure.code === 'AWS_ACCESS_DENIED') {
    throw new AccessError(providerArns.failure.message, { cause: providerArns.failure });
  }
  const targets = selectTargets([{ providerArns }], assignment).flat();
  const contacting = contactIssuers(targets, contacts);
  const loaded = await loadWithEarlier(loading, targets, ports);
  const [providers, issuers] = await Promise.all([readProviders(arnsOf(targets), ports), contacting]);
  const facts = targets.map((target) => targetFacts(target, { providerArns, providers }, issuers));
  refuseIfAllDenied(facts);
  const roles = await readingRoles;
  const account: AccountFacts = {
    id: assignment.account ?? accountOfProviders(providerArns),
    providerArns,
    providers,
    // Parsed after the last probe: until then a computation would look like a slow host.
    roles: roles?.ok === true ? { ok: true, value: rolesOfProviders(roles.value) } : roles,
    attachedPolicies: [],
  };
  return { account, targets: facts, loaded };
}

/**
 * Collects some of the targets a second time: probes with new connections, documents and lists are read
 * again.
 */
export async function collectAgain(
  targets: readonly Target[],
  account: AccountFacts,
  { config }: Pick<Assignment, 'config'>,
  ports: TargetPorts,
): Promise<readonly TargetFacts[]> {
  const [issuers, providers] = await Promise.all([
    contactIssuers(targets, new IssuerContacts(ports, config)),
    readProviders(arnsOf(targets), ports),
  ]);
  return targets.map((target) => targetFacts(target, { ...account, providers }, issuers));
}

/** Version 1 of the monitor may have left the state of earlier runs. */
async function loadWithEarlier(
  loading: ReturnType<typeof loadState>,
  targets: readonly Target[],
  { store }: Pick<Ports, 'store'>,
): Promise<LoadedState> {
  const { loaded, isNew } = await loading;
  if (!isNew || store === null) return loaded;
  return withEarlier(
    loaded,
    store,
    targets.map(({ issuer }) => issuer),
  );
}

/**
 * The providers are listed while the state is loaded, and nearly always both agree. If they do not, the state
 * may be the newer one, of a concurrent run: a second listing is newer than both.
 */
async function listAfter(
  loading: ReturnType<typeof loadState>,
  { listProviders }: Pick<Ports, 'listProviders'>,
): Promise<Outcome<readonly string[]>> {
  const listed = await listProviders();
  // A run that may list nothing ends here: it waits for the loading first, so that no request remains open.
  const { loaded } = await loading;
  if (!listed.ok) return listed;
  const known = new Set(loaded.account?.providers ?? listed.value);
  const agrees = known.size === listed.value.length && listed.value.every((arn) => known.has(arn));
  return agrees ? listed : listProviders();
}

const configuredTo = ({ event, config }: Assignment): readonly string[] =>
  configuredIssuers(config).filter((issuer) => event.selection === null || event.selection.includes(issuer));

const arnsOf = (targets: readonly Target[]): readonly string[] =>
  targets.flatMap(({ providerArn }) => (providerArn === null ? [] : [providerArn]));

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
  if (first !== undefined && denied.length === read.length)
    throw new AccessError(first.message, { cause: first });
}

function accountOfProviders(listed: Outcome<readonly string[]>): string | null {
  const [first] = listed.ok ? listed.value : [];
  return first === undefined ? null : accountOfArn(first);
}
