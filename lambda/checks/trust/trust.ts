/**
 * The trust around one provider: which roles trust it, and what is wrong with their policies and with the
 * provider itself.
 */
import type { Finding, Target } from '../../domain/types';
import { evaluateProvider } from './providers';
import { rolesOfIssuer, rolesTrusting } from './role-index';
import type { ReadRole, TrustIndex } from './role-index';
import { recognize } from '../../oidc/profiles';
import type { ProviderTokens } from '../../oidc/profiles';
import type { Candidate, EvaluatedRole, RoleToEvaluate } from './role';

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
  /** Without those of `candidates`. */
  readonly findings: readonly Finding[];
  /** Limited to units, and of a harmless name: their managed policies decide how severe is what remains open. */
  readonly candidates: readonly Candidate[];
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

/** Evaluates one target's trust. `roles`: those of `rolesToEvaluate` of the same question. */
export function evaluateTargetTrust(
  question: TrustQuestion,
  { evaluated, left }: EvaluatedRoles,
): TargetTrust {
  const { target, exists, audiences, sameOrg, index } = question;
  const arn = target.providerArn;
  if (arn === null) {
    const lost = index === null ? [] : rolesOfIssuer(index, target.issuer);
    return { roles: arnsOf(lost), findings: [], candidates: [], notEvaluated: [] };
  }
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

/** The roles of a target whose policies are to be evaluated. */
export function rolesToEvaluate(question: TrustQuestion): readonly RoleToEvaluate[] {
  const arn = question.target.providerArn;
  if (arn === null || question.index === null) return [];
  const provider = providerOf(question);
  // Once for all roles, so that they share the grammar. Issuers on customers' hosts are recognized by the subjects in a policy.
  const byHost = recognize(provider);
  return rolesTrusting(question.index, arn).map((read) => ({
    read,
    tokens: byHost.profile === null ? recognize(provider, subjectsIn(read)) : byHost,
    providerArn: arn,
  }));
}

/** The values of all conditions on a subject. */
const subjectsIn = ({ policy }: ReadRole): readonly string[] =>
  policy.statements.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => key.endsWith(':sub')).flatMap(({ values }) => values),
  );

const arnsOf = (reads: readonly ReadRole[]): readonly string[] =>
  [...new Set(reads.map(({ role }) => role.arn))].sort();
