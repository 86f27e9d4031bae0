/** Evaluates the observation of one target for the report. */
import type { Failure, Finding, HostObservation, SkippedCheck, Target, TargetReport } from '../domain/types';
import { evaluateDrift } from './drift';
import type { DriftVerdict } from './drift';
import { failure } from '../domain/errors';
import { evaluateHost } from './host';
import type { HostOptions, EvaluatedHost } from './host';
import type { TargetFacts } from '../domain/facts';
import { evaluateJwks } from './jwks';
import { evaluateList, evaluateUnverified } from './lists';
import { LOGINS_FAIL } from '../domain/logins';
import { createRemedy } from '../remedies/remedy';
import { compareSeverity } from '../domain/severity';
import { evaluateUnanchored } from './anchoring';
import type { UpdateMode } from '../config/config';
import type { AnchoredOnce } from '../remedies/remedy';
import { evaluateDiscoveryFailure } from './discovery';
import { evaluateTakeover } from './takeover';
import type { CheckId } from '../domain/checks';

/** The facts of one target, with its hosts evaluated. */
export interface Observation extends Omit<TargetFacts, 'hosts'> {
  /** The JWKS host first, then the discovery host if it differs. Empty if neither is known. */
  readonly hosts: readonly EvaluatedHost[];
  /** Absent if it was not requested. */
  readonly trust?: ObservedTrust;
}

/**
 * Evaluates the hosts of several targets, each host once however many targets share it.
 */
export function evaluateHosts(facts: readonly TargetFacts[], options: HostOptions): readonly Observation[] {
  const evaluated = new Map<HostObservation, EvaluatedHost>();
  const evaluate = (observed: HostObservation): EvaluatedHost => {
    const known = evaluated.get(observed) ?? evaluateHost(observed, options);
    evaluated.set(observed, known);
    return known;
  };
  return facts.map((each) => ({ ...each, hosts: each.hosts.map(evaluate) }));
}

/** Trust around a target, by the roles and the provider itself. */
export interface ObservedTrust {
  /** ARNs of the roles that trust the provider, sorted. */
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
  /** Checks that this run skipped: their findings of earlier runs are not resolved. */
  readonly skipped: readonly CheckId[];
  /** The same for the report, with reasons. @default none */
  readonly skippedChecks?: readonly SkippedCheck[];
  /** ARNs of roles whose policies were not evaluated, or not completely. No check of these was done. */
  readonly notEvaluated: readonly string[];
}

/** The context in which a target is evaluated. */
export interface TargetContext {
  readonly update: UpdateMode;
  /** What earlier runs found anchored; null: not known. */
  readonly anchoredOnce: AnchoredOnce | null;
}

/** Evaluates one target. */
export function evaluateTarget(
  observation: Observation,
  { update, anchoredOnce }: TargetContext = { update: 'off', anchoredOnce: null },
): TargetReport {
  const { target, jwks, provider, hosts, trust } = observation;
  const known = provider?.ok === true ? provider.value : null;
  const verdict = evaluateDrift({ provider: known, hosts, anchoredOnce });
  const blind = whyNotAudited(observation);
  return {
    issuer: target.issuer,
    providerArn: target.providerArn,
    status: blind === null ? verdict.status : 'not-audited',
    enforced: verdict.enforced,
    enforcedBasis: verdict.basis,
    listed: known?.thumbprints ?? [],
    expected: verdict.expected,
    proposed: verdict.proposed,
    chains: hosts.flatMap(({ chains }) => chains.map(({ reported }) => reported)),
    signingKeys: jwks?.ok === true ? jwks.value.signingKeys.map(({ thumbprint }) => thumbprint).sort() : [],
    roles: trust?.roles ?? [],
    ...(trust === undefined || trust.notEvaluated.length === 0
      ? {}
      : { rolesNotEvaluated: trust.notEvaluated }),
    findings: sortFindings(findingsOfTarget(observation, verdict, update)),
    ...unansweredBy(hosts),
    ...(blind === null ? {} : { failure: blind }),
  };
}

/** In the order of the report, within one severity. */
function* findingsOfTarget(
  observation: Observation,
  verdict: DriftVerdict,
  update: UpdateMode,
): Generator<Finding> {
  const { target, jwks, provider, hosts, trust } = observation;
  const unread = documentFailure(observation);
  if (unread !== null) yield* evaluateDiscoveryFailure(unread, target.issuer);
  const unreadKeys = jwks?.ok === false ? jwks.failure : null;
  yield* evaluateTakeover(
    [unread, unreadKeys].flatMap((each) => each ?? []),
    rolesThatTrust(observation),
  );
  if (isMissing(provider)) yield providerMissing(target);
  if (whyNotAudited(observation) === null) yield* verdict.findings;
  for (const host of hosts) yield* host.findings;
  if (jwks !== null) yield* evaluateJwks(jwks);
  if (trust !== undefined) yield* trust.findings;
  if (provider?.ok !== true) return;
  const { thumbprints } = provider.value;
  yield* evaluateList(thumbprints);
  yield* evaluateUnverified(thumbprints, hosts);
  yield* evaluateUnanchored(hosts, { listed: thumbprints, enforced: verdict.enforced, update });
}

/** The roles that accept tokens of the issuer; null: not known. Without a provider there are none. */
function rolesThatTrust({ provider, trust }: Observation): readonly string[] | null {
  if (isMissing(provider)) return [];
  // PROV004 needs all roles.
  return trust === undefined || trust.skipped.includes('PROV004') ? null : trust.roles;
}

/** The most severe first, else in the given order. */
export const sortFindings = (findings: Iterable<Finding>): readonly Finding[] =>
  [...findings].sort((a, b) => compareSeverity(b.severity, a.severity));

function unansweredBy(hosts: readonly EvaluatedHost[]): Pick<TargetReport, 'unanswered'> {
  const unanswered = hosts.flatMap((host) => host.unanswered);
  return unanswered.length === 0 ? {} : { unanswered };
}

/**
 * Failure codes of fetching documents for a connection that could not be used, in whatever step it failed.
 */
const BROKEN_CONNECTION = new Set<Failure['code']>(['TCP_RESET', 'TCP_TIMEOUT', 'TLS_HANDSHAKE']);

/**
 * Why there is no discovery document. The probes of its host give a more exact reason if the connection
 * failed.
 */
function documentFailure({ discovery, hosts: [own] }: Observation): Failure | null {
  if (discovery.ok) return null;
  const probed = own?.failure ?? null;
  const isVague = BROKEN_CONNECTION.has(discovery.failure.code);
  return isVague && probed?.code.startsWith('TLS_') === true ? probed : discovery.failure;
}

/** Why thumbprints could not be evaluated; null if they were. What is unknown never becomes drift. */
function whyNotAudited(observation: Observation): Failure | null {
  const { provider, hosts } = observation;
  const unread =
    provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND' ? provider.failure : null;
  if (unread !== null && unread.code !== 'AWS_SKIPPED') return unread;
  // If only the verification failed, no document was read, and the issuer's own host is used as the JWKS
  // host.
  const unreadable = documentFailure(observation);
  if (unreadable !== null && unreadable.code !== 'TLS_UNTRUSTED') return unreadable;
  const skipped = hosts.find((host) => host.failure !== null);
  if (skipped?.failure) return skipped.failure;
  if (hosts.length === 0)
    return failure('tls', 'TLS_NO_CERTIFICATE', 'The monitor connected to no host of the issuer.');
  // Skipped on purpose, it explains least: any other failure comes first.
  return unread;
}

const isMissing = (provider: Observation['provider']): boolean =>
  provider === null || (!provider.ok && provider.failure.code === 'AWS_NOT_FOUND');

function providerMissing({ issuer, providerArn }: Target): Finding {
  return {
    check: 'PROV001',
    severity: 'high',
    message:
      providerArn === null
        ? `The account has no OIDC provider for ${issuer}. ${LOGINS_FAIL}`
        : `The OIDC provider ${providerArn} was deleted during the run. ${LOGINS_FAIL}`,
    remedy: createRemedy(issuer),
  };
}
