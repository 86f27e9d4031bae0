/** Texts of findings about trust policies: how to limit a role to a project, and what was not evaluated. */
import { withCommand } from '../../remedies/command';
import { replaceTrustPolicy } from '../../remedies/remedy';
import { PROJECT_CLAIM } from '../../iam-policy/tokens';
import type { TokenSource } from '../../iam-policy/tokens';

/** Part of every finding that says who can log in. */
export const NOT_READ = 'SCPs and RCPs are not read.';

/** The condition that limits a statement to one project, as JSON to paste. */
export function projectCondition({ kind, org, prefix }: TokenSource): string {
  const condition =
    kind === 'cloud'
      ? { StringEquals: { [`${prefix}:${PROJECT_CLAIM}`]: 'PROJECT_ID' } }
      : { StringLike: { [`${prefix}:sub`]: `org/${org ?? 'ORG_ID'}/project/PROJECT_ID/user/*` } };
  return JSON.stringify(condition);
}

/** What to do about a role that admits too many tokens. */
export const limitRemedy = (source: TokenSource, roleArn: string): string =>
  withCommand(
    `Limit the statement to the projects that need the role, for example by the condition ${projectCondition(source)}. Then replace the policy`,
    replaceTrustPolicy(roleArn),
  );

/** "statement 1 and statement 2". */
export const joinWithAnd = (names: readonly string[]): string => names.join(' and ');
