/** The command `doctor`: writes monitor.config.json from what is deployed. */
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { configDifference } from '../../lambda/config/config';
import { quote } from '../../lambda/text/quote';
import { codeOf } from '../../lambda/adapters/network-errors';
import { ownsAlertTopic, readDeployment } from './deployment';
import type { Deployment } from './deployment';
import type { DoctorFlags } from '../request';
import type { Shell } from '../shell';
import { UsageError } from '../usage-error';

/** Writes the file that `--config` names and returns what to print. Throws UsageError. */
export async function runDoctor(
  functionName: string,
  { writeConfig, config: path, force }: DoctorFlags,
  shell: Pick<Shell, 'environment' | 'interrupted'>,
): Promise<string> {
  if (!writeConfig) throw new UsageError('doctor: there is nothing to do without --write-config. Add it.');
  if (!force && existsSync(path)) throw alreadyThere(path);
  const deployment = await readDeployment(functionName, shell);
  const values = deployedValues(deployment);
  writeConfigFile(path, `${JSON.stringify(values, null, 2)}\n`, force);
  return report(path, values, deployment);
}

const alreadyThere = (path: string): UsageError =>
  new UsageError(
    `--config: ${quote(path)} exists already. Add --force to overwrite it, or --config FILE to write another file.`,
  );

/** What the app must be given so that it deploys the same again: the keys of monitor.config.json, defaults of the function left out. */
export function deployedValues({
  config,
  resources,
  subscriptions,
}: Pick<Deployment, 'config' | 'resources' | 'subscriptions'>): Readonly<Record<string, unknown>> {
  const properties = (type: string): readonly Readonly<Record<string, unknown>>[] =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const { topicArn, chatTopicArn, stateTable, ...watched } = configDifference(config);
  const isOwnTopic = ownsAlertTopic(resources, config);
  const email = isOwnTopic ? emailsOf(properties('AWS::SNS::Subscription'), subscriptions) : [];
  const [schedule] = textValues(properties('AWS::Scheduler::Schedule'), 'ScheduleExpression');
  const [alarmTopicArn] = properties('AWS::CloudWatch::Alarm')
    .flatMap(({ AlarmActions }): readonly unknown[] => (Array.isArray(AlarmActions) ? AlarmActions : []))
    .filter((arn) => typeof arn === 'string' && arn !== config.topicArn);
  const [topicKey] = properties('AWS::SNS::Topic').flatMap(({ KmsMasterKeyId }) =>
    KmsMasterKeyId === undefined ? [] : [typeof KmsMasterKeyId === 'string' ? KmsMasterKeyId : true],
  );
  const chat = chatTopicArn !== undefined;
  return {
    ...(email.length === 0 ? {} : { email }),
    ...(schedule === undefined ? {} : { schedule }),
    ...watched,
    ...(isOwnTopic ? {} : { topicArn }),
    ...(alarmTopicArn === undefined ? {} : { alarmTopicArn }),
    ...(topicKey === undefined ? {} : { topicKey }),
    ...(chat ? { chat } : {}),
    ...(properties('AWS::CloudWatch::Dashboard').length === 0 ? {} : { dashboard: true }),
    ...(email.length === 0 && isOwnTopic && !chat ? { recipients: 'none' } : {}),
  };
}

const textValues = (
  properties: readonly Readonly<Record<string, unknown>>[],
  key: string,
): readonly string[] => properties.map((values) => values[key]).filter((value) => typeof value === 'string');

/** Those of the stack first: leaving one out would delete its subscription. Then those that somebody added by hand. */
function emailsOf(
  inTemplate: readonly Readonly<Record<string, unknown>>[],
  subscriptions: Deployment['subscriptions'],
): readonly string[] {
  const deployed = textValues(
    inTemplate.filter(({ Protocol }) => Protocol === 'email'),
    'Endpoint',
  );
  const added = subscriptions.filter(({ protocol }) => protocol === 'email').map(({ endpoint }) => endpoint);
  return [...new Set([...deployed, ...added])];
}

/** Overwrites by way of a draft, so that an interruption leaves the old file intact. */
function writeConfigFile(path: string, text: string, force: boolean): void {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    if (!force) {
      writeFileSync(path, text, { flag: 'wx' });
      return;
    }
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    if (codeOf(error) === 'EEXIST') throw alreadyThere(path);
    throw new UsageError(
      `--config: ${quote(path)} cannot be written (${codeOf(error) || 'unknown error'}). Correct the path or its permissions.`,
      { cause: error },
    );
  }
}

const APP_STACK = 'ThumbprintDriftMonitor';

function report(
  path: string,
  values: Readonly<Record<string, unknown>>,
  { stackName, subscriptions, hasFederation }: Deployment,
): string {
  const others = subscriptions.filter(({ protocol }) => protocol !== 'email').length;
  const notes = [
    ...(stackName === APP_STACK
      ? []
      : [`The stack is ${quote(stackName)}, not ${APP_STACK}: this CDK app can read it, but not update it.`]),
    ...(others === 0
      ? []
      : [
          `Subscriptions of other protocols than e-mail: ${others}. The file does not contain them, and a deployment does not change them.`,
        ]),
    ...(hasFederation
      ? [
          'The stack CircleCiFederation is deployed, too: add its keys under "federation", as docs/configuration.md describes.',
        ]
      : []),
  ];
  return [
    `Wrote ${path}: ${Object.keys(values).join(', ')}.`,
    ...notes,
    'To see what a deployment would change: npx cdk diff',
    '',
  ].join('\n');
}
