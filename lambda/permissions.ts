/** What the function may do in AWS: the one table from which its policy is built. */
import type { MonitorConfig } from './config/config';
import { updatableIssuers } from './config/scope';

/**
 * The resource for which an action is allowed: `*`, a resource of IAM in the function's own account (what
 * follows `:iam::ACCOUNT:` in its ARN), or a resource that the deployment created.
 */
export type PolicyResource = '*' | `iam:${string}` | 'topic' | 'chatTopic' | 'stateTable';

/** One action of the function. */
export interface Permission {
  /** As a policy names it. */
  readonly action: string;
  /** Empty: the configuration does not need it, so the policy does not have it. */
  readonly resources: (config: MonitorConfig) => readonly PolicyResource[];
}

/** `resource` of a policy for the provider of an issuer. `*` of a path is text here: IAM writes it `${*}`. */
const providerOf = (issuer: string): `iam:${string}` =>
  `iam:oidc-provider/${issuer.replace(/^https:\/\//, '').replaceAll('*', '${*}')}`;

/** The providers whose lists the monitor may replace: as few as the configuration permits. */
function updatable(config: MonitorConfig): readonly PolicyResource[] {
  const { named, prefix } = updatableIssuers(config);
  return [...(prefix === null ? [] : [`${providerOf(prefix)}*` as const]), ...named.map(providerOf)];
}

/** Resources of actions that read roles: none if the configuration skips roles. */
const forRoles =
  (resource: PolicyResource) =>
  ({ auditTrust }: MonitorConfig): readonly PolicyResource[] =>
    auditTrust ? [resource] : [];

const always = (resource: PolicyResource) => (): readonly PolicyResource[] => [resource];

/**
 * In the order in which a run needs them. `*` is used only if the Service Authorization Reference lists no
 * resource type:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const PERMISSIONS: readonly Permission[] = [
  { action: 'iam:ListOpenIDConnectProviders', resources: always('*') },
  // Optional: the alias is shown in messages beside the account number.
  { action: 'iam:ListAccountAliases', resources: ({ accountName }) => (accountName === null ? ['*'] : []) },
  { action: 'iam:GetOpenIDConnectProvider', resources: always('iam:oidc-provider/*') },
  { action: 'iam:ListRoles', resources: forRoles('*') },
  // Whether a role is powerful.
  { action: 'iam:ListAttachedRolePolicies', resources: forRoles('iam:role/*') },
  { action: 'iam:UpdateOpenIDConnectProviderThumbprint', resources: updatable },
  { action: 'dynamodb:GetItem', resources: ({ stateTable }) => (stateTable === null ? [] : ['stateTable']) },
  { action: 'dynamodb:PutItem', resources: ({ stateTable }) => (stateTable === null ? [] : ['stateTable']) },
  {
    action: 'sns:Publish',
    resources: ({ topicArn, chatTopicArn }) => [
      ...(topicArn === null ? [] : (['topic'] as const)),
      ...(chatTopicArn === null ? [] : (['chatTopic'] as const)),
    ],
  },
  // To report that nobody would receive alerts.
  {
    action: 'sns:ListSubscriptionsByTopic',
    resources: ({ topicArn }) => (topicArn === null ? [] : ['topic']),
  },
];
