/** The error that IAM would return for a long trust policy at deployment, as a warning before it. */
import { Annotations } from 'aws-cdk-lib';
import type { aws_iam as iam } from 'aws-cdk-lib';

/** "Role trust policy length" of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTA = 2_048;

/** An account's number instead of the one that may be known only at deployment. */
const ACCOUNT = '0'.repeat(12);

/** Warns if a role's trust policy is longer than IAM takes without a raised quota of the account. */
export function warnOfLength(role: iam.Role, issuer: string, conditions: iam.Conditions): void {
  const length = policyLength(issuer, conditions);
  if (length <= QUOTA) return;
  Annotations.of(role).addWarningV2(
    'thumbprint-drift-monitor:policy-length',
    `The trust policy has ${length} characters. IAM accepts ${QUOTA}, or up to 4,096 if the quota "Role trust policy length" of the account was raised. Name fewer refs, or use a common prefix such as refs/heads/release/*.`,
  );
}

/** Without white space, which IAM does not count. Other partitions have longer names by a few letters. */
const policyLength = (issuer: string, conditions: iam.Conditions): number =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer.slice('https://'.length)}` },
        Condition: conditions,
      },
    ],
  }).length;
