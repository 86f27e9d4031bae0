/**
 * Trust around all targets of a run: evaluates the policies of roles as long as there is time, and combines
 * the results.
 */
import type { MonitorConfig } from '../../config/config';
import { isDiscovered } from '../../config/scope';
import type { Failure, Finding, Role, SkippedCheck, Target } from '../../domain/types';
import { failure } from '../../domain/errors';
import { BUILT_IN_TOKENS } from '../../oidc/profiles';
import { count } from '../../text/layout';
import { quote } from '../../text/quote';
import type { Observation, ObservedTrust } from '../target';
import { evaluatePrincipals } from './missing-providers';
import type { LostPrincipal } from './missing-providers';
import { findProvidersOfSameOrg } from './providers';
import { indexRoles } from './role-index';
import type { TrustIndex } from './role-index';
import type { EvaluatedRole, RoleToEvaluate, evaluateRole } from './role';
import { evaluateTargetTrust, rolesToEvaluate } from './trust';
import type { EvaluatedRoles, TargetTrust } from './trust';
import { evaluateUnparsed } from './unparsed-policies';
import { checkOf, checksReading } from '../../domain/checks';
import { skipAll } from '../../domain/skipped';
import { POLICY_CHECKS, becauseOf } from '../coverage';
import type { CheckId } from '../../domain/checks';
import { firstAndMore } from '../../text/list';
import type { AccountFacts, AttachedPolicies } from '../../domain/facts';

/** The options of an evaluation of trust. */
export interface TrustOptions {
  readonly config: MonitorConfig;
  /** Issuers that the event narrows to; null: all. */
  readonly selection: readonly string[] | null;
}

/** The trust of all targets, before managed policies are read. */
export interface EvaluatedTrust {
  readonly roles: AccountFacts['roles'];
  /** Null: not listed. */
  readonly providerArns: readonly string[] | null;
  /** Why they were not listed; null: they were. */
  readonly listing: Failure | null;
  readonly index: TrustIndex | null;
  readonly trusts: ReadonlyMap<Observation, EvaluatedTarget>;
  /** Findings about roles that trust an issuer that AWS itself trusts. */
  readonly builtIn: readonly BuiltIn[];
  /** Roles whose managed policies decide about TRUST005, each once. */
  readonly candidates: readonly Role[];
}

/** What a run found about trust. */
export interface TrustResults {
  readonly targets: ReadonlyMap<Observation, ObservedTrust>;
  /** Findings about principals that belong to no target. */
  readonly findings: readonly Finding[];
  /** Skipped checks of what belongs to no target. */
  readonly skipped: readonly CheckId[];
  /** The same for the report, with reasons, as far as they were skipped for the whole account. */
  readonly skippedChecks: readonly SkippedCheck[];
  readonly failures: readonly Failure[];
  readonly notes: readonly string[];
}

/**
 * Checks that need roles. Of PROV003 only the severity does, but it must not fall because the roles were not
 * read.
 */
const OF_ROLES = checksReading('roles');
/** Those that need to know the rights of a role. */
const OF_RIGHTS: readonly CheckId[] = ['TRUST005', 'TRUST010'];
/** Those of them that do not run without roles. */
const ROLE_CHECKS = OF_ROLES.filter((id) => checkOf(id).passesWith === 'roles');
const NOT_CHECKED = 'PROV004 and TRUST001 to TRUST010 were not checked';

/** Evaluates the policies of all targets. `mayGoOn` is called between two roles. */
export async function evaluateTrust(
  observations: readonly Observation[],
  { roles, providerArns: listed }: Pick<AccountFacts, 'roles' | 'providerArns'>,
  mayGoOn: () => Promise<boolean>,
): Promise<EvaluatedTrust> {
  const providerArns = listed.ok ? listed.value : null;
  const index = roles?.ok === true ? indexRoles(roles.value) : null;
  const trusts = await evaluateTargets(observations, { index, providerArns }, mayGoOn);
  const candidates = [...trusts.values()].flatMap((trust) => trust.candidates.map(({ role }) => role));
  return {
    roles,
    providerArns,
    listing: listed.ok ? null : listed.failure,
    index,
    trusts,
    builtIn: index === null ? [] : await evaluateBuiltIn(index),
    candidates: [...new Map(candidates.map((role) => [role.arn, role] as const)).values()],
  };
}

/** Combines the results of the trust policies and the managed policies of roles. */
export function trustResults(
  evaluated: EvaluatedTrust,
  attachedPolicies: readonly AttachedPolicies[],
  options: TrustOptions,
): TrustResults {
  const { index, trusts, roles, providerArns } = evaluated;
  const attached = policiesByRole(attachedPolicies);
  const lost = index === null ? [] : evaluatePrincipals(index, providerArns);
  const skipped: readonly CheckId[] =
    index === null ? OF_ROLES : attached.failures.length > 0 ? OF_RIGHTS : [];
  return {
    targets: new Map(
      [...trusts].map(([observation, trust]) => [
        observation,
        {
          roles: trust.roles,
          findings: [...findingsAround(observation.target, trust, attached.policies, lost)],
          notEvaluated: trust.notEvaluated,
          skipped,
          skippedChecks: [...skippedOfRoles(trust, roles, attached)],
        },
      ]),
    ),
    findings: [...findingsOfNoTarget(evaluated, lost, options)],
    skipped: [...skippedOfNoTarget(evaluated, options)],
    skippedChecks: [...skippedOfAccount(evaluated)],
    failures: [...failuresOf(evaluated, attached)],
    notes: roles === null ? [`auditTrust is false, so no role was read: ${NOT_CHECKED}.`] : [],
  };
}

/** Of one target: its provider, its roles, and principals of its issuer without a usable provider. */
function* findingsAround(
  { issuer }: Target,
  { findings, candidates }: EvaluatedTarget,
  policies: PoliciesByRole['policies'],
  lost: readonly LostPrincipal[],
): Generator<Finding> {
  yield* findings;
  for (const { role, findingsWith } of candidates) yield* findingsWith(policies.get(role.arn) ?? null);
  for (const one of lost) if (one.issuer === issuer) yield one.finding;
}

function* findingsOfNoTarget(
  { index, trusts, builtIn }: EvaluatedTrust,
  lost: readonly LostPrincipal[],
  { config, selection }: TrustOptions,
): Generator<Finding> {
  if (index !== null) {
    yield* evaluateUnparsed(index);
    for (const { issuer, findings } of builtIn) if (isDiscovered(issuer, config)) yield* findings;
  }
  // A run for some issuers reports nothing of the others.
  if (selection !== null) return;
  const issuers = new Set([...trusts.keys()].map(({ target }) => target.issuer));
  for (const one of lost) if (!issuers.has(one.issuer) && isDiscovered(one.issuer, config)) yield one.finding;
}

/** Findings about roles that trust an issuer that AWS itself trusts: there is no provider, and so no target. */
interface BuiltIn {
  readonly issuer: string;
  readonly findings: readonly Finding[];
}

async function evaluateBuiltIn({ byProvider }: TrustIndex): Promise<readonly BuiltIn[]> {
  const roles = [...BUILT_IN_TOKENS].flatMap(([providerArn, tokens]) =>
    (byProvider.get(providerArn) ?? []).map((read) => ({ read, tokens, providerArn })),
  );
  if (roles.length === 0) return [];
  const evaluateRole = await loadEvaluation();
  return roles.map((one) => {
    const { findings, candidate } = evaluateRole(one);
    return { issuer: `https://${one.providerArn}`, findings: candidate?.findingsWith(null) ?? findings };
  });
}

/** A tenth of the code, which accounts without such roles do not load. */
const loadEvaluation = async (): Promise<typeof evaluateRole> => (await import('./role')).evaluateRole;

function* skippedOfNoTarget(
  { index, providerArns }: EvaluatedTrust,
  { selection }: TrustOptions,
): Generator<CheckId> {
  if (index === null) yield 'TRUST001';
  if (index === null || providerArns === null || selection !== null) yield 'TRUST006';
}

/** Why no role was read; null: they were. */
function whyNoRoles(roles: AccountFacts['roles']): Omit<SkippedCheck, 'check'> | null {
  if (roles === null) return { code: 'audit-trust-off', reason: TRUST_OFF };
  if (roles.ok) return null;
  const because = becauseOf(roles.failure);
  return because.code === 'not-read' ? { ...because, code: 'roles-not-read' } : because;
}

/** With reasons: of the account as a whole. */
function* skippedOfAccount({ roles, listing }: EvaluatedTrust): Generator<SkippedCheck> {
  const noRoles = whyNoRoles(roles);
  if (noRoles !== null) yield* skipAll(['TRUST001', 'TRUST006'], noRoles);
  else if (listing !== null) yield { check: 'TRUST006', ...becauseOf(listing) };
}

/** With reasons: of one target. */
function* skippedOfRoles(
  { notEvaluated, left, candidates }: EvaluatedTarget,
  roles: AccountFacts['roles'],
  { failed }: PoliciesByRole,
): Generator<SkippedCheck> {
  const noRoles = whyNoRoles(roles);
  if (noRoles !== null) yield* skipAll(ROLE_CHECKS, noRoles);
  const ofPolicies = POLICY_CHECKS.filter((check) => ROLE_CHECKS.includes(check));
  if (left.length > 0) yield* skipAll(ofPolicies, { code: 'no-time', reason: NO_TIME, roles: left });
  const cut = notEvaluated.filter((arn) => !left.includes(arn));
  if (cut.length > 0) yield* skipAll(ofPolicies, { code: 'step-limit', reason: STEP_LIMIT, roles: cut });
  const unread = candidates.map(({ role }) => role.arn).filter((arn) => failed.has(arn));
  const first = failed.get(unread[0] ?? '');
  if (first !== undefined) yield* skipAll(OF_RIGHTS, { ...becauseOf(first), roles: unread });
}

const TRUST_OFF = 'auditTrust is false, so no role was read.';
const NO_TIME = 'The run ended before the trust policies were evaluated.';
const STEP_LIMIT = 'The trust policies are too complex to evaluate completely.';

function* failuresOf(
  { roles, trusts, candidates }: EvaluatedTrust,
  attached: PoliciesByRole,
): Generator<Failure> {
  // What was skipped on purpose is no failure of the run.
  if (roles?.ok === false && roles.failure.code !== 'AWS_SKIPPED') {
    yield because(roles.failure, `No role was read: ${NOT_CHECKED}.`);
  }
  const [first] = attached.failures;
  if (first !== undefined) {
    const byNames = `For ${attached.failures.length} of ${candidates.length} roles, the managed policies could not be read: ${OF_RIGHTS.join(' and ')} were evaluated by the name of the role only.`;
    yield because(first, byNames);
  }
  const left = [...new Set([...trusts.values()].flatMap((trust) => trust.left))].sort();
  if (left.length > 0) {
    const named = firstAndMore(left, MAX_NAMED, { show: quote });
    const message = `The run ended before the trust policies of ${count(left.length, 'role')} were evaluated: ${named}. Findings of earlier runs about them are not resolved.`;
    yield failure('deadline', 'DEADLINE_EXCEEDED', message);
  }
}

/** Limit of the names in a message; the targets in the report have all of them. */
const MAX_NAMED = 10;

/** `failures`: of roles whose policies could not be read. */
interface PoliciesByRole {
  readonly policies: ReadonlyMap<string, readonly string[]>;
  readonly failures: readonly Failure[];
  /** The same by role. */
  readonly failed: ReadonlyMap<string, Failure>;
}

/** A role that was deleted meanwhile has no policies, and that is no failure. */
function policiesByRole(attached: readonly AttachedPolicies[]): PoliciesByRole {
  const failed = attached.flatMap(({ roleArn, policies }) =>
    policies.ok || policies.failure.code === 'AWS_NOT_FOUND' ? [] : [[roleArn, policies.failure] as const],
  );
  return {
    policies: new Map(
      attached.flatMap(({ roleArn, policies }) => (policies.ok ? [[roleArn, policies.value] as const] : [])),
    ),
    failures: failed.map(([, failure]) => failure),
    failed: new Map(failed),
  };
}

interface IndexedAccount {
  readonly index: TrustIndex | null;
  readonly providerArns: readonly string[] | null;
}

/** A target's trust, and the ARNs of the roles for which there was no time. */
export type EvaluatedTarget = TargetTrust & Pick<EvaluatedRoles, 'left'>;

async function evaluateTargets(
  observations: readonly Observation[],
  { index, providerArns }: IndexedAccount,
  mayGoOn: () => Promise<boolean>,
): Promise<ReadonlyMap<Observation, EvaluatedTarget>> {
  const sameOrgAs = findProvidersOfSameOrg(providerArns ?? []);
  const trusts = new Map<Observation, EvaluatedTarget>();
  for (const observation of observations) {
    const { target, provider } = observation;
    const question = {
      target,
      exists: provider?.ok !== false || provider.failure.code !== 'AWS_NOT_FOUND',
      audiences: provider?.ok === true ? provider.value.audiences : null,
      sameOrg: target.providerArn === null ? [] : sameOrgAs(target.providerArn),
      index,
    };
    const roles = await evaluateInTime(rolesToEvaluate(question), mayGoOn);
    trusts.set(observation, { ...evaluateTargetTrust(question, roles), left: roles.left });
  }
  return trusts;
}

/** Between two roles the run may end: those that are left are named as not evaluated. */
async function evaluateInTime(
  roles: readonly RoleToEvaluate[],
  mayGoOn: () => Promise<boolean>,
): Promise<EvaluatedRoles> {
  if (roles.length === 0) return { evaluated: [], left: [] };
  const evaluateRole = await loadEvaluation();
  const evaluated: EvaluatedRole[] = [];
  for (const role of roles) {
    if (!(await mayGoOn())) break;
    evaluated.push(evaluateRole(role));
  }
  return { evaluated, left: roles.slice(evaluated.length).map(({ read }) => read.role.arn) };
}

const because = (cause: Failure, consequence: string): Failure => ({
  ...cause,
  message: `${cause.message} ${consequence}`,
});
