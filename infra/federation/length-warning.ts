/** The error that IAM would return for a long trust policy at deployment, as a warning before it. */
import { Annotations } from 'aws-cdk-lib';
import type { aws_iam as iam } from 'aws-cdk-lib';
import { trustPolicyOf } from './trust-policy';

/** "Role trust policy length" of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTA = 2_048;
const HIGHEST_QUOTA = 4_096;

/** Whether IAM refuses a trust policy, whatever the quota of the account is. */
export const isTooLong = (issuer: string, conditions: readonly iam.Conditions[]): boolean =>
  trustPolicyOf(issuer, conditions).length > HIGHEST_QUOTA;

/** Warns if a role's trust policy is longer than IAM takes without a raised quota of the account. */
export function warnOfLength(
  role: iam.Role,
  issuer: string,
  conditions: readonly iam.Conditions[],
  advice = 'Name fewer refs, or use a common prefix such as refs/heads/release/*.',
): void {
  const { length } = trustPolicyOf(issuer, conditions);
  if (length <= QUOTA) return;
  Annotations.of(role).addWarningV2(
    'thumbprint-drift-monitor:policy-length',
    `The trust policy has ${length} characters. IAM accepts ${QUOTA}, or up to 4,096 if the quota "Role trust policy length" of the account was raised. ${advice}`,
  );
}
