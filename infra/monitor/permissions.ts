/** The function's policy, from the table that the function shares. */
import { Aws, aws_iam as iam } from 'aws-cdk-lib';
import type { MonitorConfig } from '../../lambda/config/config';
import { PERMISSIONS } from '../../lambda/permissions';
import type { Permission, PolicyResource } from '../../lambda/permissions';

/** ARNs of what the deployment made or was given. */
export interface DeployedResources {
  readonly topic: string;
  readonly chatTopic: string | null;
  readonly stateTable: string;
}

/** Statements of one policy. */
export interface RolePolicy {
  readonly statements: readonly iam.PolicyStatement[];
  /** Their resources that are patterns, as security rules write them. */
  readonly patterns: readonly string[];
}

/** Writes to IAM are in a policy of their own, so that readers find at a glance whether it is there. */
export interface Statements {
  readonly run: RolePolicy;
  readonly update: RolePolicy;
}

const isUpdate = ({ action }: Permission): boolean => action.startsWith('iam:Update');

/** The statements for a configuration, in the account and partition of the stack. */
export function statementsFor(config: MonitorConfig, resources: DeployedResources): Statements {
  const build = (permissions: readonly Permission[]): RolePolicy => ({
    statements: permissions.flatMap((permission) => statement(permission, config, resources)),
    patterns: [
      ...new Set(permissions.flatMap((permission) => permission.resources(config)).flatMap(patternOf)),
    ],
  });
  return {
    run: build(PERMISSIONS.filter((permission) => !isUpdate(permission))),
    update: build(PERMISSIONS.filter(isUpdate)),
  };
}

function patternOf(resource: PolicyResource): readonly string[] {
  if (!resource.includes('*')) return [];
  return [
    resource === '*'
      ? resource
      : `arn:<AWS::Partition>:iam::<AWS::AccountId>:${resource.slice('iam:'.length)}`,
  ];
}

function statement(
  permission: Permission,
  config: MonitorConfig,
  deployed: DeployedResources,
): readonly iam.PolicyStatement[] {
  const resources = permission.resources(config).map((resource) => arnOf(resource, deployed));
  return resources.length === 0 ? [] : [new iam.PolicyStatement({ actions: [permission.action], resources })];
}

function arnOf(resource: PolicyResource, resources: DeployedResources): string {
  if (resource === '*') return '*';
  if (resource === 'topic') return resources.topic;
  if (resource === 'chatTopic') return resources.chatTopic ?? '';
  if (resource === 'stateTable') return resources.stateTable;
  // A new kind of resource must not compile here: it would become a name in IAM.
  const inIam: `iam:${string}` = resource;
  return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${inIam.slice('iam:'.length)}`;
}
