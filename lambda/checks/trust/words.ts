/** Texts of findings about trust policies: how to limit a role to a project, and what was not evaluated. */
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';
import { PROJECT_CLAIM } from '../../iam-policy/tokens';
import type { TokenSource } from '../../iam-policy/tokens';

/** Part of every finding that says who can log in. */
export const CONTROL_POLICIES = 'Service and resource control policies (SCPs, RCPs) were not evaluated.';

/** The condition that limits a statement to one project. */
export function projectCondition({ kind, org, prefix }: TokenSource): object {
  return kind === 'cloud'
    ? { StringEquals: { [`${prefix}:${PROJECT_CLAIM}`]: 'PROJECT_ID' } }
    : { StringLike: { [`${prefix}:sub`]: `org/${org ?? 'ORG_ID'}/project/PROJECT_ID/user/*` } };
}

/** A condition under its own sentence, as JSON to paste. `prose` has no punctuation at its end. */
export const conditionStep = (prose: string, condition: object): string =>
  `${prose}:\n${JSON.stringify(condition, null, 2)}`;

/** What to do about a role that admits too many tokens. */
export const limitRemedy = (source: TokenSource, roleArn: string): string =>
  joinSteps(
    conditionStep(
      `Limit the statement to the projects that need the role, for example with this condition (replace ${source.kind !== 'cloud' && source.org === null ? 'ORG_ID and PROJECT_ID' : 'PROJECT_ID'})`,
      projectCondition(source),
    ),
    replacePolicyStep(roleArn),
  );

/** "statement 1 and statement 2". */
export const joinWithAnd = (names: readonly string[]): string => names.join(' and ');
