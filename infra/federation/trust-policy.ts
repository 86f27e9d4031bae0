/** The trust policy of a role before it is deployed, as a text. */
import type { aws_iam as iam } from 'aws-cdk-lib';

/** Instead of the account's number, which may be known only at deployment. */
const ACCOUNT = '0'.repeat(12);

/** Of the role and the provider that `trustPolicyOf` is about. Other partitions have longer names by a few letters. */
export const arnBeforeDeployment = (resource: string): string => `arn:aws:iam::${ACCOUNT}:${resource}`;

/** The ARN of an issuer's provider. */
export const providerArnOf = (issuer: string): string =>
  arnBeforeDeployment(`oidc-provider/${issuer.slice('https://'.length)}`);

/** One statement for each set of conditions. Without white space, which IAM does not count. */
export const trustPolicyOf = (issuer: string, conditions: readonly iam.Conditions[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: conditions.map((Condition) => ({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: providerArnOf(issuer) },
      Condition,
    })),
  });
