/**
 * The trust around one provider: which roles trust it, and what is wrong with their policies and with the
 * provider itself.
 */
import { evaluateConditions } from './conditions';
import { isDeployName, evaluateDeployRole } from './deploy-roles';
import type { Finding, Role, Target } from '../../domain/types';
import { applicableStatements } from '../../iam-policy/evaluate';
import { evaluateProvider } from './providers';
import { isOpenToForks, isScoped, evaluateStatements } from '../../iam-policy/role-trust';
import type { RoleTrust } from '../../iam-policy/role-trust';
import { evaluateScope } from './scope';
import type { TokenSource } from '../../iam-policy/tokens';
import { rolesOfIssuer, rolesTrusting } from './role-index';
import type { ReadRole, TrustIndex } from './role-index';
import { tokenSource } from '../../oidc/profiles/circleci';

/** What is known about one target for its evaluation. */
export interface TrustQuestion {
  readonly target: Target;
  readonly configuredIssuers: readonly string[];
  /** False: it was deleted during the run. */
  readonly exists: boolean;
  /** `ClientIDList`; null: not known, or no provider. */
  readonly audiences: readonly string[] | null;
  /** The account's other providers for the same org. */
  readonly sameOrg: readonly string[];
  /** Null: roles were not read. */
  readonly index: TrustIndex | null;
}

/** The answer for one target. */
export interface TargetTrust {
  /** ARNs, sorted. */
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
  /** Scoped to projects but to no origin, and of a harmless name: their policies decide about TRUST005. */
  readonly candidates: readonly Role[];
  /**
   * ARNs of roles that trust the provider and were not evaluated, or not completely: what else is wrong with
   * them is not known.
   */
  readonly notEvaluated: readonly string[];
  /** Null if it is not CircleCI's. */
  readonly source: TokenSource | null;
}

/** The roles of a target that were evaluated. */
export interface EvaluatedRoles {
  readonly evaluated: readonly EvaluatedRole[];
  /** ARNs of those for which there was no time. */
  readonly left: readonly string[];
}

/**
 * Evaluates one target's trust. Roles of issuers that are not CircleCI's are listed, and their policies are
 * not evaluated. `roles`: the results of `rolesToEvaluate` of the same question.
 */
export function evaluateTargetTrust(question: TrustQuestion, roles = evaluateAll(question)): TargetTrust {
  const { target, exists, audiences, sameOrg, index } = question;
  const arn = target.providerArn;
  const source = sourceOf(question);
  if (arn === null) {
    const lost = index === null ? [] : rolesOfIssuer(index, target.issuer);
    return { roles: arnsOf(lost), findings: [], candidates: [], notEvaluated: [], source };
  }
  const { evaluated, left } = roles;
  const trusting = index === null ? [] : arnsOf(rolesTrusting(index, arn));
  const openToAll = evaluated.filter((one) => one.openToAll).map(({ role }) => role.arn);
  const ofProvider = exists
    ? evaluateProvider({
        arn,
        source,
        audiences,
        sameOrg,
        roles: index === null ? null : trusting,
        openToAll,
      })
    : [];
  return {
    roles: trusting,
    findings: [...ofProvider, ...evaluated.flatMap(({ findings }) => findings)],
    candidates: evaluated.filter(({ candidate }) => candidate).map(({ role }) => role),
    notEvaluated: [...left, ...evaluated.filter(({ isCut }) => isCut).map(({ role }) => role.arn)].sort(),
    source,
  };
}

const sourceOf = ({ target, configuredIssuers, audiences }: TrustQuestion): TokenSource | null =>
  tokenSource(target.issuer, configuredIssuers, audiences);

/** A role whose evaluation is pending: it may take some time, and is the same whenever it is done. */
export interface PendingRole {
  readonly role: Role;
  readonly evaluate: () => EvaluatedRole;
}

/** The roles of a target whose policies are to be evaluated. */
export function rolesToEvaluate(question: TrustQuestion): readonly PendingRole[] {
  const arn = question.target.providerArn;
  const source = sourceOf(question);
  if (arn === null || source === null || question.index === null) return [];
  return rolesTrusting(question.index, arn).map((read) => ({
    role: read.role,
    evaluate: () => evaluateRole(read, source, arn),
  }));
}

const evaluateAll = (question: TrustQuestion): EvaluatedRoles => ({
  evaluated: rolesToEvaluate(question).map(({ evaluate }) => evaluate()),
  left: [],
});

const arnsOf = (reads: readonly ReadRole[]): readonly string[] =>
  [...new Set(reads.map(({ role }) => role.arn))].sort();

/** The evaluation of one role's policy for the tokens of one provider. */
export interface EvaluatedRole {
  readonly role: Role;
  readonly findings: readonly Finding[];
  readonly openToAll: boolean;
  readonly candidate: boolean;
  /** The step limit was reached: what was found is true, but there may be more. */
  readonly isCut: boolean;
}

function evaluateRole(
  { role, policy, limit }: ReadRole,
  source: TokenSource,
  providerArn: string,
): EvaluatedRole {
  // What could not be parsed is a finding of the account: it is about every provider.
  const applicable = applicableStatements(policy.statements, source, providerArn);
  const trust = evaluateStatements({ source, applicable, limit });
  const forkSource = { ...source, hasAsciiSubjects: true } as const;
  // Most roles are not scoped: then the policy is not applied a second time.
  const openToForks =
    isScoped(trust) &&
    isOpenToForks(trust, {
      source: forkSource,
      applicable: applicableStatements(policy.statements, forkSource, providerArn),
      limit,
    });
  const deploying = openToForks ? evaluateDeployRole(role, null, source) : [];
  const findings = [...evaluateScope(role.arn, trust), ...evaluateConditions(role.arn, trust), ...deploying];
  return {
    role,
    findings: findings.map((finding) => ({ ...finding, subject: role.arn })),
    openToAll: isOpenToAll(trust),
    candidate: openToForks && !isDeployName(role),
    isCut: limit.isExceeded(),
  };
}

const isOpenToAll = ({ statements }: RoleTrust): boolean =>
  statements.some(({ orgs, anyone }) => anyone || orgs.kind === 'open');
