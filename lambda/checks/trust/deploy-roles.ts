/** TRUST005: roles with far-reaching permissions that builds of any ref of any fork can assume. */
import type { Finding, Role } from '../../domain/types';
import type { TokenSource } from '../../iam-policy/tokens';
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';
import { CONTROL_POLICIES, conditionStep } from './words';

/** Names that people give to roles that deploy. */
const DEPLOY_NAMES = /deploy|release|publish|terraform|admin|(?:^|[^a-z])prod(?:uction)?(?:[^a-z]|$)/i;
const ADMINISTRATOR = /^arn:[a-z0-9-]+:iam::aws:policy\/AdministratorAccess$/;

/** Any id, and nothing longer. */
const ANY_UUID = '????????-????-????-????-????????????';

/** Whether a role's name alone says that it deploys. */
export const isDeployName = ({ name }: Pick<Role, 'name'>): boolean => DEPLOY_NAMES.test(name);

/**
 * TRUST005 of a role that is scoped to projects, but to no origin. `attached`: ARNs of its managed policies;
 * null: not known. Inline policies are not read.
 */
export function evaluateDeployRole(
  role: Role,
  attached: readonly string[] | null,
  { prefix }: TokenSource,
): readonly Finding[] {
  const isAdministrator = attached?.some((arn) => ADMINISTRATOR.test(arn)) === true;
  if (!isAdministrator && !isDeployName(role)) return [];
  const why = isAdministrator
    ? 'has the policy AdministratorAccess'
    : 'looks like a deployment role (by its name)';
  // After user/*, somebody could choose the name of a branch so that it ends in the wanted origin and ref.
  const pattern = `org/ORG_ID/project/PROJECT_ID/user/${ANY_UUID}/vcs-origin/ORIGIN/vcs-ref/refs/heads/main`;
  return [
    {
      check: 'TRUST005',
      severity: 'medium',
      subject: role.arn,
      message: `${role.arn} ${why}, and builds of every branch and tag of its projects can assume it, including builds of forks if the project passes secrets to them. ${CONTROL_POLICIES}`,
      remedy: joinSteps(
        conditionStep(
          'Use CIRCLE_OIDC_TOKEN_V2, and limit the role to a repository and ref with this condition (replace ORG_ID, PROJECT_ID and ORIGIN)',
          { StringLike: { [`${prefix}:sub`]: pattern } },
        ),
        replacePolicyStep(role.arn),
      ),
    },
  ];
}
