/** What the function may do in its account: one row an action, from which its policy is built. */
import { Aws, aws_iam as iam } from 'aws-cdk-lib';

/** A permission, and what it is for. `resource` is an ARN behind the partition and account, or `*`. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly purpose: string;
}

/** In the order in which a run needs them. */
export const PERMISSIONS: readonly Permission[] = [
  // The Service Authorization Reference lists no resource type for this action.
  { action: 'iam:ListOpenIDConnectProviders', resource: '*', purpose: 'find the providers of the account' },
  {
    action: 'iam:GetOpenIDConnectProvider',
    resource: 'oidc-provider/*',
    purpose: 'read what a provider lists',
  },
];

/** The statements of the function's policy, for the account and partition of its stack. */
export const iamStatements = (): readonly iam.PolicyStatement[] =>
  PERMISSIONS.map(
    ({ action, resource }) =>
      new iam.PolicyStatement({
        actions: [action],
        resources: [resource === '*' ? '*' : `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${resource}`],
      }),
  );
