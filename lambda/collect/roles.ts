/** Asks IAM about roles: all of them once a run, and the policies of the few that depend on it. */
import type { MonitorConfig } from '../config/config';
import { judgeDeployRole } from '../checks/trust/deploy-roles';
import { CHECK_IDS } from '../domain/types';
import type { CheckId, Failure, Finding, Outcome, Role } from '../domain/types';
import { failure } from '../domain/errors';
import { isCircleCi } from '../oidc/issuer';
import type { Observation, ObservedTrust } from '../checks/target';
import { findTwins } from '../checks/trust/providers';
import { judgeTrust, rolesToEvaluate } from '../checks/trust/trust';
import type { EvaluatedRole, EvaluatedRoles, PendingRole, TargetTrust } from '../checks/trust/trust';
import { indexRoles } from '../checks/trust/role-index';
import type { TrustIndex } from '../checks/trust/role-index';
import { judgePrincipals } from '../checks/trust/missing-providers';
import type { LostPrincipal } from '../checks/trust/missing-providers';
import { evaluateUnparsed } from '../checks/trust/unparsed-policies';
import { count } from '../text/layout';
import { quote } from '../text/quote';
import { timeLeft } from '../deadline';
import type { Ports } from '../ports';

type Asked = Pick<Ports, 'listRoles' | 'attachedPolicies' | 'late'>;

/** What a run wants to know about trust. */
export interface TrustOptions {
  readonly config: MonitorConfig;
  /** Issuers that the event narrows to; null: all. */
  readonly selection: readonly string[] | null;
}

/** What a run saw of trust. */
export interface TrustSeen {
  readonly of: (observation: Observation) => ObservedTrust;
  /** Of principals that belong to no target. */
  readonly findings: readonly Finding[];
  /** Of the checks of what belongs to no target, those that were not made. */
  readonly unseen: readonly CheckId[];
  readonly failures: readonly Failure[];
  readonly notes: readonly string[];
}

/** What needs roles. Of PROV003 only the severity does, but it must not sink because nobody looked. */
const OF_ROLES = CHECK_IDS.filter((check) => /^(TRUST|PROV003|PROV004)/.test(check));
const NOT_CHECKED = 'PROV004 and TRUST001 to TRUST007 were not checked';

/** Begins to read roles at once, and judges them when the targets are known. `providerArns`: null where not listed. */
export function trustObserver(
  ports: Asked,
  { config, selection }: TrustOptions,
): (observations: readonly Observation[], providerArns: readonly string[] | null) => Promise<TrustSeen> {
  const asking = config.auditTrust ? inTime(ports.listRoles(), ports) : null;
  return async (observations, providerArns) => {
    const listed = await asking;
    const index = listed?.ok === true ? indexRoles(listed.value) : null;
    const trusts = await judgeAll(observations, { config, index, providerArns }, timeLeft(ports));
    const attached = await readAttached(trusts, ports);
    const lost = index === null ? [] : judgePrincipals(index, providerArns);
    const isOwn = ({ issuer }: LostPrincipal): boolean =>
      observations.some(({ target }) => target.issuer === issuer);
    return {
      of: (observation) => ({
        ...complete(trusts.get(observation), attached.policies, lost, observation),
        unseen: index === null ? OF_ROLES : attached.failures.length > 0 ? ['TRUST005'] : [],
      }),
      findings: [
        ...(index === null ? [] : evaluateUnparsed(index)),
        ...lost
          .filter((one) => selection === null && !isOwn(one) && isWatched(one, config))
          .map(({ finding }) => finding),
      ],
      unseen: [
        ...(index === null ? (['TRUST001'] as const) : []),
        ...(index === null || providerArns === null || selection !== null ? (['TRUST006'] as const) : []),
      ],
      failures: [
        // What was skipped on purpose is no failure of the run.
        ...(listed?.ok === false && listed.failure.code !== 'AWS_SKIPPED'
          ? [because(listed.failure, `No role was read: ${NOT_CHECKED}.`)]
          : []),
        ...attached.failures,
        ...outOfTime([...trusts.values()].flatMap(({ left }) => left)),
      ],
      notes: listed === null ? [`auditTrust is false, so no role was read: ${NOT_CHECKED}.`] : [],
    };
  };
}

interface Account {
  readonly config: MonitorConfig;
  readonly index: TrustIndex | null;
  readonly providerArns: readonly string[] | null;
}

/** A target's trust, and the ARNs of the roles for which there was no time. */
type SeenTrust = TargetTrust & Pick<EvaluatedRoles, 'left'>;

async function judgeAll(
  observations: readonly Observation[],
  { config, index, providerArns }: Account,
  mayGoOn: () => Promise<boolean>,
): Promise<ReadonlyMap<Observation, SeenTrust>> {
  const twinsOf = findTwins(providerArns ?? []);
  const trusts = new Map<Observation, SeenTrust>();
  for (const observation of observations) {
    const { target, provider } = observation;
    const question = {
      target,
      configuredIssuers: config.issuers,
      exists: provider?.ok !== false || provider.failure.code !== 'AWS_NOT_FOUND',
      audiences: provider?.ok === true ? provider.value.audiences : null,
      twins: target.providerArn === null ? [] : twinsOf(target.providerArn),
      index,
    };
    const roles = await evaluateInTime(rolesToEvaluate(question), mayGoOn);
    trusts.set(observation, { ...judgeTrust(question, roles), left: roles.left });
  }
  return trusts;
}

/** Between two roles the run may end: those that are left are named, and nothing is said of them. */
async function evaluateInTime(
  pending: readonly PendingRole[],
  mayGoOn: () => Promise<boolean>,
): Promise<EvaluatedRoles> {
  const evaluated: EvaluatedRole[] = [];
  for (const { evaluate } of pending) {
    if (!(await mayGoOn())) break;
    evaluated.push(evaluate());
  }
  return { evaluated, left: pending.slice(evaluated.length).map(({ role }) => role.arn) };
}

/** Of the names in a message; all of them stand at the targets. */
const MAX_NAMED = 10;

function outOfTime(arns: readonly string[]): readonly Failure[] {
  const roles = [...new Set(arns)].sort();
  if (roles.length === 0) return [];
  const more = roles.length - MAX_NAMED;
  const named = roles.slice(0, MAX_NAMED).map((arn) => quote(arn));
  const message = `The run ended before the trust policies of ${count(roles.length, 'role')} were evaluated: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}. Nothing is known of them, so nothing that earlier runs found is resolved.`;
  return [failure('deadline', 'DEADLINE_EXCEEDED', message)];
}

interface Attached {
  readonly policies: ReadonlyMap<string, readonly string[]>;
  readonly failures: readonly Failure[];
}

/** A role that trusts several providers is asked once. One that is gone by now needs no verdict. */
async function readAttached(trusts: ReadonlyMap<Observation, SeenTrust>, ports: Asked): Promise<Attached> {
  const candidates = [...trusts.values()].flatMap((trust) => trust.candidates);
  const roles = [...new Map(candidates.map((role) => [role.arn, role] as const)).values()];
  const answers = await Promise.all(
    roles.map(async ({ arn, name }) => ({ arn, answer: await inTime(ports.attachedPolicies(name), ports) })),
  );
  const failed = answers.flatMap(({ answer }) =>
    answer.ok || answer.failure.code === 'AWS_NOT_FOUND' ? [] : [answer.failure],
  );
  const words = `TRUST005 was judged by names alone for ${failed.length} of ${roles.length} roles.`;
  return {
    policies: new Map(
      answers.flatMap(({ arn, answer }) => (answer.ok ? [[arn, answer.value] as const] : [])),
    ),
    failures: failed.slice(0, 1).map((first) => because(first, words)),
  };
}

function complete(
  trust: TargetTrust | undefined,
  policies: ReadonlyMap<string, readonly string[]>,
  lost: readonly LostPrincipal[],
  { target }: Observation,
): Omit<ObservedTrust, 'unseen'> {
  if (trust === undefined) return { roles: [], findings: [], notEvaluated: [] };
  const { roles, findings, candidates, notEvaluated, source } = trust;
  const deploying = candidates.flatMap((role: Role) =>
    source === null ? [] : judgeDeployRole(role, policies.get(role.arn) ?? null, source),
  );
  const own = lost.filter(({ issuer }) => issuer === target.issuer).map(({ finding }) => finding);
  return { roles, findings: [...findings, ...deploying, ...own], notEvaluated };
}

/** What `discover` leaves alone is left alone here, too. */
function isWatched({ issuer }: LostPrincipal, { discover, issuers }: MonitorConfig): boolean {
  return discover === 'all' || (discover === 'circleci' && isCircleCi(issuer, issuers));
}

const because = (cause: Failure, consequence: string): Failure => ({
  ...cause,
  message: `${cause.message} ${consequence}`,
});

const inTime = <T>(answer: Promise<Outcome<T>>, { late }: Asked): Promise<Outcome<T>> =>
  Promise.race([
    answer,
    late.then((): Outcome<T> => ({
      ok: false,
      failure: failure('deadline', 'DEADLINE_EXCEEDED', 'The run ended before IAM had told all roles.'),
    })),
  ]);
