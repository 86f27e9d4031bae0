/** What the monitor would report of a role after its deployment (TRUST005), as a warning before it. */
import { Annotations, Token } from 'aws-cdk-lib';
import type { aws_iam as iam } from 'aws-cdk-lib';
import { isDeployName } from '../../lambda/checks/trust/within-scope';

/** The partition in front of it may be a token. */
const ADMINISTRATOR = ':iam::aws:policy/AdministratorAccess';

/** Whether a managed policy is AdministratorAccess. */
export const isAdministrator = ({ managedPolicyArn }: iam.IManagedPolicy): boolean =>
  managedPolicyArn.endsWith(ADMINISTRATOR);

/** Warns if a role that names no origin, or no ref, has the name or the rights of one that deploys. */
export function warnOfAnyRef(
  role: iam.Role,
  { roleName, managedPolicies = [] }: Pick<iam.RoleProps, 'roleName' | 'managedPolicies'>,
  { hasOrigin }: { readonly hasOrigin: boolean },
): void {
  const named = roleName !== undefined && !Token.isUnresolved(roleName) && isDeployName({ name: roleName });
  const administrator = managedPolicies.some(isAdministrator);
  if (!named && !administrator) return;
  const why = administrator ? 'has AdministratorAccess' : 'looks like a deployment role (by its name)';
  Annotations.of(role).addWarningV2(
    'thumbprint-drift-monitor:any-ref',
    hasOrigin
      ? `The role ${why}. Builds of any branch or tag of its repository can assume it. Set ref.`
      : `The role ${why}. Builds of any branch or tag of its project can assume it, and so can builds of forks if the project passes secrets to them. Set origin and ref.`,
  );
}
