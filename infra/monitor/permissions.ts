/** The function's policy, from the table that the function shares. */
import { Aws, aws_iam as iam } from 'aws-cdk-lib';
import type { MonitorConfig } from '../../lambda/config/config';
import { PERMISSIONS } from '../../lambda/permissions';
import type { Permission, Place } from '../../lambda/permissions';

/** ARNs of what the deployment made or was given. */
export interface Places {
  readonly topic: string;
  readonly chatTopic: string | null;
  readonly stateTable: string;
}

/** Statements of one policy. */
export interface Policy {
  readonly statements: readonly iam.PolicyStatement[];
  /** Their resources that are patterns, as security rules write them. */
  readonly patterns: readonly string[];
}

/** What is written to IAM stands in a policy of its own, so that everybody sees at a glance whether it is there. */
export interface Statements {
  readonly run: Policy;
  readonly update: Policy;
}

const isUpdate = ({ action }: Permission): boolean => action.startsWith('iam:Update');

/** The statements for a configuration, in the account and partition of the stack. */
export function statementsFor(config: MonitorConfig, places: Places): Statements {
  const build = (permissions: readonly Permission[]): Policy => ({
    statements: permissions.flatMap((permission) => statement(permission, config, places)),
    patterns: [...new Set(permissions.flatMap((permission) => permission.places(config)).flatMap(patternOf))],
  });
  return {
    run: build(PERMISSIONS.filter((permission) => !isUpdate(permission))),
    update: build(PERMISSIONS.filter(isUpdate)),
  };
}

function patternOf(place: Place): readonly string[] {
  if (!place.includes('*')) return [];
  return [place === '*' ? place : `arn:<AWS::Partition>:iam::<AWS::AccountId>:${place.slice('iam:'.length)}`];
}

function statement(
  { action, places: placesOf }: Permission,
  config: MonitorConfig,
  places: Places,
): readonly iam.PolicyStatement[] {
  const resources = placesOf(config).map((place) => arnOf(place, places));
  return resources.length === 0 ? [] : [new iam.PolicyStatement({ actions: [action], resources })];
}

function arnOf(place: Place, places: Places): string {
  if (place === '*') return '*';
  if (place === 'topic') return places.topic;
  if (place === 'chatTopic') return places.chatTopic ?? '';
  if (place === 'stateTable') return places.stateTable;
  // A new kind of place must not compile here: it would become a name in IAM.
  const inIam: `iam:${string}` = place;
  return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${inIam.slice('iam:'.length)}`;
}
