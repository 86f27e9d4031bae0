/** The remedies of findings about one role: what to change, and the whole corrected policy. */
import type { Finding, Role } from '../../domain/types';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import { joinSteps } from '../../remedies/command';
import { correctedPolicy } from '../../remedies/corrected-policy';
import type { CorrectedPolicy } from '../../remedies/corrected-policy';
import type { NamedWorkloads } from '../../remedies/meant-subjects';
import { correctedPolicySteps, replacePolicyStep } from '../../remedies/remedy';

/** A role whose findings are described. */
export interface RoleInQuestion {
  readonly role: Role;
  readonly source: TokenSource;
  readonly applicable: readonly ApplicableStatement[];
  readonly defaultAudience: string | null;
  /** It trusts other providers, too: about those its policy stays as it is. */
  readonly trustsOthers: boolean;
}

/** What is wrong: the positions of statements, and tokens that must not pass. */
export interface Wrong {
  readonly statements: readonly ApplicableStatement[];
  readonly witnesses: readonly Token[];
  /** The role should name workloads, such as branches. */
  readonly namesWorkloads?: NamedWorkloads;
}

/** What to do about one finding, before the policy is corrected. `advice`: one sentence or more. */
export interface Correction {
  readonly advice: string;
  readonly wrong: Wrong;
}

/** A finding about a role. */
export interface Draft extends Omit<Finding, 'remedy'> {
  /** A text if the policy needs no change. */
  readonly remedy: string | Correction;
}

/** The corrected policies of a role for several providers would undo each other, too. */
export const ONE_AT_A_TIME =
  'The role trusts other providers, too. This policy corrects only the statements for this provider. If there are findings for another provider, apply this policy, run the audit again, and then correct those findings.';

/**
 * The findings of a role with their remedies: the advice of each, and below it one corrected policy for all. Two would undo
 * each other: each replaces the whole policy of the role.
 */
export function withRemedies(question: RoleInQuestion, drafts: readonly Draft[]): readonly Finding[] {
  const wrongs = drafts.flatMap(({ remedy }) => (typeof remedy === 'string' ? [] : [remedy.wrong]));
  const ofAll = wrongs.length > 1 ? policyFor(question, wrongs) : null;
  const textOf = ({ advice, wrong }: Correction): string => {
    const corrected = ofAll ?? policyFor(question, [wrong]);
    if (corrected === null) return joinSteps(advice, replacePolicyStep(question.role.arn));
    const steps = correctedPolicySteps(question.role.arn, corrected);
    return joinSteps(advice, steps, ...(question.trustsOthers ? [ONE_AT_A_TIME] : []));
  };
  return drafts.map(({ remedy, ...finding }) => ({
    ...finding,
    remedy: typeof remedy === 'string' ? remedy : textOf(remedy),
  }));
}

/** Null: there is none that is certainly right. */
function policyFor(
  { role, source, applicable, defaultAudience }: RoleInQuestion,
  wrongs: readonly Wrong[],
): CorrectedPolicy | null {
  const statements = wrongs.flatMap((wrong) => wrong.statements);
  const named = wrongs.flatMap((wrong) => wrong.namesWorkloads ?? []);
  const namesWorkloads = named.includes('each') ? 'each' : named[0];
  return correctedPolicy({
    source,
    applicable,
    defaultAudience,
    trustPolicy: role.trustPolicy,
    wrong: new Set(statements.map(({ statement }) => statement.index)),
    witnesses: wrongs.flatMap(({ witnesses }) => witnesses),
    ...(namesWorkloads === undefined ? {} : { namesWorkloads }),
  });
}
