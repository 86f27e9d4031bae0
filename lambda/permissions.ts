/**
 * What the function may do in AWS, and which checks depend on it: the one table from which its policy is
 * built.
 */
import type { MonitorConfig } from './config/config';
import { circleCiIssuer } from './oidc/issuer';
import { checksReading, checksWithHistory } from './domain/checks';
import type { CheckId } from './domain/checks';

/**
 * The resource for which an action is allowed: `*`, a resource of IAM in the function's own account (what
 * follows `:iam::ACCOUNT:` in its ARN), or a resource that the deployment created.
 */
export type PolicyResource = '*' | `iam:${string}` | 'topic' | 'chatTopic' | 'stateTable';

/** One action of the function. */
export interface Permission {
  /** As a policy names it. */
  readonly action: string;
  /** For people: what it is for. */
  readonly purpose: string;
  /** The checks that are skipped if it is denied. */
  readonly checks: readonly CheckId[];
  /** Whether a run continues without it, and reports which checks are skipped. */
  readonly optional: boolean;
  /** Empty: the configuration does not need it, so the policy does not have it. */
  readonly resources: (config: MonitorConfig) => readonly PolicyResource[];
}

/** `resource` of a policy for the provider of an issuer. `*` of a path is text here: IAM writes it `${*}`. */
const providerOf = (issuer: string): PolicyResource =>
  `iam:oidc-provider/${issuer.replace(/^https:\/\//, '').replaceAll('*', '${*}')}`;

/** Common prefix of the providers of all CircleCI orgs. */
const CIRCLECI_ORGS = 'iam:oidc-provider/oidc.circleci.com/org/';

/** The providers whose lists the monitor may replace: as few as the configuration permits. */
function updatable({ update, discover, orgs, issuers }: MonitorConfig): readonly PolicyResource[] {
  if (update === 'off') return [];
  if (discover === 'all') return ['iam:oidc-provider/*'];
  const named = [...orgs.map(circleCiIssuer), ...issuers].map(providerOf);
  if (discover === 'none') return named;
  return [`${CIRCLECI_ORGS}*`, ...named.filter((resource) => !resource.startsWith(CIRCLECI_ORGS))];
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
  {
    action: 'iam:ListOpenIDConnectProviders',
    purpose: 'find the providers of the account',
    checks: checksReading('providers'),
    optional: false,
    resources: always('*'),
  },
  {
    action: 'iam:GetOpenIDConnectProvider',
    purpose: 'read what a provider lists',
    checks: checksReading('provider'),
    optional: false,
    resources: always('iam:oidc-provider/*'),
  },
  {
    action: 'iam:ListRoles',
    purpose: 'find the roles that trust a provider, with their trust policies',
    checks: checksReading('roles'),
    optional: true,
    resources: forRoles('*'),
  },
  {
    action: 'iam:ListAttachedRolePolicies',
    purpose: 'see whether a role is an administrator',
    checks: checksReading('attached-policies'),
    optional: true,
    resources: forRoles('iam:role/*'),
  },
  {
    action: 'iam:UpdateOpenIDConnectProviderThumbprint',
    purpose: 'add a thumbprint; only where `update` is not `off`',
    checks: [],
    optional: true,
    resources: updatable,
  },
  {
    action: 'dynamodb:GetItem',
    purpose: 'load what earlier runs found and alerted',
    checks: checksWithHistory(),
    optional: true,
    resources: ({ stateTable }) => (stateTable === null ? [] : ['stateTable']),
  },
  {
    action: 'dynamodb:PutItem',
    purpose: 'save what this run found and alerted',
    checks: [...checksWithHistory(), ...checksReading('state')],
    optional: true,
    resources: ({ stateTable }) => (stateTable === null ? [] : ['stateTable']),
  },
  {
    action: 'sns:Publish',
    purpose: 'tell people',
    checks: [],
    optional: false,
    resources: ({ topicArn, chatTopicArn }) => [
      ...(topicArn === null ? [] : (['topic'] as const)),
      ...(chatTopicArn === null ? [] : (['chatTopic'] as const)),
    ],
  },
  {
    action: 'sns:ListSubscriptionsByTopic',
    purpose: 'see whether anybody listens',
    checks: checksReading('subscriptions'),
    optional: true,
    resources: ({ topicArn }) => (topicArn === null ? [] : ['topic']),
  },
];

/**
 * The checks that depend on an action: a report must name them if the action is denied. Empty for any other
 * action.
 */
export const checksOf = (action: string): readonly CheckId[] =>
  PERMISSIONS.find((permission) => permission.action === action)?.checks ?? [];
