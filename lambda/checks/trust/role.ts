/** The evaluation of one role for the tokens of one provider. Only accounts with such roles load this module. */
import { actionFinding, evaluateConditions } from './conditions';
import { dependsOnRights, draftsWithinScope, isDeployName } from './within-scope';
import type { Finding, Role } from '../../domain/types';
import { applicableStatements, inBestEnvironment } from '../../iam-policy/evaluate';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import { isScoped, evaluateStatements, withinScope } from '../../iam-policy/role-trust';
import { evaluateScope } from './scope';
import type { TokenSource } from '../../iam-policy/tokens';
import { providersOf, statementsOfOtherActions } from './role-index';
import type { ReadRole } from './role-index';
import type { RecognizedTokens } from '../../oidc/profiles';
import type { Statement } from '../../iam-policy/parse';
import { withRemedies } from './remedy';
import type { RoleInQuestion } from './remedy';

/** A role, and the tokens for which it is evaluated. */
export interface RoleToEvaluate {
  readonly read: ReadRole;
  readonly tokens: Pick<RecognizedTokens, 'source' | 'defaultAudience'>;
  /** As policies name it: of an issuer that AWS itself trusts, a host name. */
  readonly providerArn: string;
}

/** A role whose rights decide about some of its findings. */
export interface Candidate {
  readonly role: Role;
  /** All findings of the role. `attached`: ARNs of its managed policies; null: not known. */
  readonly findingsWith: (attached: readonly string[] | null) => readonly Finding[];
}

/** The evaluation of one role's policy for the tokens of one provider. */
export interface EvaluatedRole {
  readonly role: Role;
  /** Empty if its rights decide: see `candidate`. */
  readonly findings: readonly Finding[];
  readonly openToAll: boolean;
  /** Null: its rights decide nothing. */
  readonly candidate: Candidate | null;
  /** The step limit was reached: what was found is true, but there may be more. */
  readonly isCut: boolean;
}

/** Evaluates one role. */
export function evaluateRole({ read, tokens, providerArn }: RoleToEvaluate): EvaluatedRole {
  const { role, policy, limit } = read;
  const { source, defaultAudience } = tokens;
  // What could not be parsed is a finding of the account: it is about every provider.
  const applicable = applicableStatements(policy.statements, source, providerArn);
  const trust = evaluateStatements({ source, applicable, limit });
  const actions = otherActions(policy.statements, source, providerArn);
  const question: RoleInQuestion = {
    role,
    source,
    applicable: [...applicable, ...actions],
    defaultAudience,
    trustsOthers: providersOf(read).some((arn) => arn !== providerArn),
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
        applicable: inBestEnvironment(applicableStatements(policy.statements, asciiSource, providerArn)),
        limit,
      })
    : null;
  const findingsWith = (attached: readonly string[] | null): readonly Finding[] =>
    withRemedies(question, [
      ...drafts,
      ...(within === null ? [] : draftsWithinScope(question, within, attached)),
    ]).map((finding) => ({ ...finding, subject: role.arn }));
  const isCandidate = within !== null && dependsOnRights(within) && !isDeployName(role);
  return {
    role,
    findings: isCandidate ? [] : findingsWith(null),
    openToAll: trust.statements.some(({ tenants, anyone }) => anyone || tenants.kind === 'open'),
    candidate: isCandidate ? { role, findingsWith } : null,
    isCut: limit.isExceeded(),
  };
}

/** The statements that name the provider and permit no login (TRUST007), as if they did. */
function otherActions(
  statements: readonly Statement[],
  source: TokenSource,
  providerArn: string,
): readonly ApplicableStatement[] {
  const asLogins = statementsOfOtherActions(statements, providerArn).map((one) => ({
    ...one,
    actions: ['sts:AssumeRoleWithWebIdentity'],
    notAction: false,
  }));
  return applicableStatements(asLogins, source, providerArn);
}
