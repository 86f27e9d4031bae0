/**
 * The trust around one provider: which roles trust it, and what is wrong with their policies and with the
 * provider itself.
 */
import { actionFinding, evaluateConditions } from './conditions';
import { dependsOnRights, draftsWithinScope, isDeployName } from './within-scope';
import type { ScopedRole } from './within-scope';
import type { Finding, Role, Target } from '../../domain/types';
import { applicableStatements } from '../../iam-policy/evaluate';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import { evaluateProvider } from './providers';
import { isScoped, evaluateStatements, withinScope } from '../../iam-policy/role-trust';
import { evaluateScope } from './scope';
import type { TokenSource } from '../../iam-policy/tokens';
import { hasOtherAction, rolesOfIssuer, rolesTrusting } from './role-index';
import type { ReadRole, TrustIndex } from './role-index';
import { recognize } from '../../oidc/profiles';
import type { ProviderTokens, RecognizedTokens } from '../../oidc/profiles';
import type { Statement } from '../../iam-policy/parse';
import { withRemedies } from './remedy';
import type { RoleInQuestion } from './remedy';

/** What is known about one target for its evaluation. */
export interface TrustQuestion {
  readonly target: Target;
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
  /** Limited to units, and of a harmless name: their managed policies decide how severe is what remains open. */
  readonly candidates: readonly ScopedRole[];
  /**
   * ARNs of roles that trust the provider and were not evaluated, or not completely: what else is wrong with
   * them is not known.
   */
  readonly notEvaluated: readonly string[];
}

/** The roles of a target that were evaluated. */
export interface EvaluatedRoles {
  readonly evaluated: readonly EvaluatedRole[];
  /** ARNs of those for which there was no time. */
  readonly left: readonly string[];
}

/**
 * Evaluates one target's trust. `roles`: the results of `rolesToEvaluate` of the same question.
 */
export function evaluateTargetTrust(question: TrustQuestion, roles = evaluateAll(question)): TargetTrust {
  const { target, exists, audiences, sameOrg, index } = question;
  const arn = target.providerArn;
  if (arn === null) {
    const lost = index === null ? [] : rolesOfIssuer(index, target.issuer);
    return { roles: arnsOf(lost), findings: [], candidates: [], notEvaluated: [] };
  }
  const { evaluated, left } = roles;
  const trusting = index === null ? [] : arnsOf(rolesTrusting(index, arn));
  const openToAll = evaluated.filter((one) => one.openToAll).map(({ role }) => role.arn);
  const { source, defaultAudience } = recognize(providerOf(question));
  const ofProvider = exists
    ? evaluateProvider({
        arn,
        source,
        defaultAudience,
        audiences,
        sameOrg,
        roles: index === null ? null : trusting,
        openToAll,
      })
    : [];
  return {
    roles: trusting,
    findings: [...ofProvider, ...evaluated.flatMap(({ findings }) => findings)],
    candidates: evaluated.flatMap(({ candidate }) => candidate ?? []),
    notEvaluated: [...left, ...evaluated.filter(({ isCut }) => isCut).map(({ role }) => role.arn)].sort(),
  };
}

const providerOf = ({ target: { issuer, providerArn }, audiences }: TrustQuestion): ProviderTokens => ({
  issuer,
  providerArn,
  audiences,
});

/** A role whose evaluation is pending: it may take some time, and is the same whenever it is done. */
export interface PendingRole {
  readonly role: Role;
  readonly evaluate: () => EvaluatedRole;
}

/** The roles of a target whose policies are to be evaluated. */
export function rolesToEvaluate(question: TrustQuestion): readonly PendingRole[] {
  const arn = question.target.providerArn;
  if (arn === null || question.index === null) return [];
  const provider = providerOf(question);
  // Once for all roles, so that they share the grammar. Issuers on customers' hosts are recognized by the subjects in a policy.
  const byHost = recognize(provider);
  return rolesTrusting(question.index, arn).map((read) => ({
    role: read.role,
    evaluate: () => {
      const tokens = byHost.profile === null ? recognize(provider, subjectsIn(read)) : byHost;
      return evaluateRole(read, tokens, arn);
    },
  }));
}

/** The values of all conditions on a subject. */
const subjectsIn = ({ policy }: ReadRole): readonly string[] =>
  policy.statements.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => key.endsWith(':sub')).flatMap(({ values }) => values),
  );

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
  /** Null: its managed policies decide nothing. */
  readonly candidate: ScopedRole | null;
  /** The step limit was reached: what was found is true, but there may be more. */
  readonly isCut: boolean;
}

/** Evaluates one role. `providerArn`: as policies name it: of an issuer that AWS itself trusts, a host name. */
export function evaluateRole(
  { role, policy, limit }: ReadRole,
  { source, defaultAudience }: Pick<RecognizedTokens, 'source' | 'defaultAudience'>,
  providerArn: string,
): EvaluatedRole {
  // What could not be parsed is a finding of the account: it is about every provider.
  const applicable = applicableStatements(policy.statements, source, providerArn);
  const trust = evaluateStatements({ source, applicable, limit });
  const actions = otherActions(policy.statements, source, providerArn);
  const question: RoleInQuestion = {
    role,
    source,
    applicable: [...applicable, ...actions],
    defaultAudience,
  };
  const drafts = [
    ...evaluateScope(question, trust),
    ...evaluateConditions(question, trust),
    ...(actions.length === 0 ? [] : [actionFinding(question, actions)]),
  ];
  // Most roles are scoped: only then is the policy applied a second time.
  const asciiSource = { ...source, hasAsciiSubjects: true } as const;
  const within = isScoped(trust)
    ? withinScope(trust, {
        source: asciiSource,
        applicable: applicableStatements(policy.statements, asciiSource, providerArn),
        limit,
      })
    : null;
  const scoped = within === null ? null : { question, within, drafts };
  const isCandidate = within !== null && dependsOnRights(within) && !isDeployName(role);
  const ofScope = scoped === null || isCandidate ? [] : [...draftsWithinScope(scoped, null)];
  return {
    role,
    findings: withRemedies(question, [...drafts, ...ofScope]).map((finding) => ({
      ...finding,
      subject: role.arn,
    })),
    openToAll: trust.statements.some(({ tenants, anyone }) => anyone || tenants.kind === 'open'),
    candidate: isCandidate ? scoped : null,
    isCut: limit.isExceeded(),
  };
}

/** The statements that name the provider and permit no login (TRUST007), as if they did. */
function otherActions(
  statements: readonly Statement[],
  source: TokenSource,
  providerArn: string,
): readonly ApplicableStatement[] {
  const asLogins = statements
    .filter((statement) => hasOtherAction(statement, providerArn))
    .map((one) => ({ ...one, actions: ['sts:AssumeRoleWithWebIdentity'], notAction: false }));
  return applicableStatements(asLogins, source, providerArn);
}
