/** The remedy of findings about one role: what to change, and the whole corrected policy. */
import type { Role } from '../../domain/types';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import { joinSteps } from '../../remedies/command';
import { correctedPolicy } from '../../remedies/corrected-policy';
import { correctedPolicySteps, replacePolicyStep } from '../../remedies/remedy';

/** A role whose findings are described. */
export interface RoleInQuestion {
  readonly role: Role;
  readonly source: TokenSource;
  readonly applicable: readonly ApplicableStatement[];
  readonly defaultAudience: string | null;
}

/** What is wrong: the positions of statements, and tokens that must not pass. */
export interface Wrong {
  readonly statements: readonly ApplicableStatement[];
  readonly witnesses: readonly Token[];
  /** The role should name workloads, such as branches. */
  readonly namesWorkloads?: true;
}

/** `advice`: one sentence or more. Below it, the corrected policy if there is one that is certainly right. */
export function remedyFor(question: RoleInQuestion, { statements, ...wrong }: Wrong, advice: string): string {
  const { role, ...rest } = question;
  const corrected = correctedPolicy({
    ...rest,
    trustPolicy: role.trustPolicy,
    wrong: new Set(statements.map(({ statement }) => statement.index)),
    ...wrong,
  });
  return joinSteps(
    advice,
    corrected === null ? replacePolicyStep(role.arn) : correctedPolicySteps(role.arn, corrected),
  );
}
