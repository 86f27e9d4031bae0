/** Validates the props of the construct as a whole: at synth, before anything is deployed. */
import { Token } from 'aws-cdk-lib';
import { parseConfig } from '../../lambda/config/config';
import type { MonitorConfig } from '../../lambda/config/config';
import { ConfigError } from '../../lambda/domain/errors';
import { PERMISSIONS } from '../../lambda/permissions';
import { validateEmails } from './email';
import { parseSchedule } from './schedule';

/** Input that is not validated yet: props, or context values in their place. */
export interface PropsToValidate {
  readonly emails: readonly string[];
  readonly schedule: string;
  /** The keys of the configuration that the function shares. */
  readonly watch: unknown;
  readonly topicArn?: unknown;
  readonly alarmTopicArn?: unknown;
  readonly topicKey?: unknown;
  readonly chat?: unknown;
  readonly dashboard?: unknown;
}

/** The input of the construct, validated. */
export interface ValidatedProps {
  readonly config: MonitorConfig;
  /** Between two runs. */
  readonly minutes: number;
}

/** Fewer runs could all have met the same machine of the issuer. */
const RUNS_BEFORE_UPDATE = 3;

/** How the caller names the recipients, and the problems that it has found already. */
export interface ValidationContext {
  readonly emailsKey: string;
  readonly found: readonly string[];
}

/** Validates everything at once. Throws ConfigError with one line a problem, after the problems of `found`. */
export function validateProps(
  props: PropsToValidate,
  { emailsKey, found }: ValidationContext,
): ValidatedProps {
  const schedule = parseSchedule(props.schedule);
  const config = configOrProblems(props.watch);
  const problems = [
    ...found,
    ...validateEmails(emailsKey, props.emails),
    ...(schedule.ok ? [] : [`schedule: ${schedule.problem}`]),
    ...validateTopics(emailsKey, props),
    ...validateKey(props.topicKey),
    ...validateSwitches(props),
    ...(typeof config === 'string' ? [config] : []),
    ...(schedule.ok && typeof config !== 'string' ? validateUpdate(config, schedule.value) : []),
    ...(typeof config === 'string' ? [] : validatePolicySize(config)),
  ];
  if (problems.length > 0 || typeof config === 'string' || !schedule.ok) {
    throw new ConfigError(problems.join('\n'));
  }
  return { config, minutes: schedule.value };
}

function configOrProblems(watch: unknown): MonitorConfig | string {
  try {
    return parseConfig(watch, new Date());
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function validateTopics(
  emailsKey: string,
  { emails, topicArn, alarmTopicArn, topicKey, chat }: PropsToValidate,
): readonly string[] {
  const foreign = topicArn !== undefined;
  return [
    ...validateTopic('topicArn', topicArn),
    ...validateTopic('alarmTopicArn', alarmTopicArn),
    ...(foreign && emails.length > 0
      ? [
          `${emailsKey}: addresses are subscribed only to a topic that the stack creates. Subscribe them to topicArn yourself, or remove topicArn.`,
        ]
      : []),
    ...(foreign && topicKey !== undefined && chat !== true
      ? ['topicKey: the stack creates no topic that it could encrypt. Remove topicKey or topicArn.']
      : []),
  ];
}

/** A token represents a value that only the deployment knows. */
function validateTopic(key: string, arn: unknown): readonly string[] {
  if (arn === undefined || Token.isUnresolved(arn)) return [];
  const problems = configOrProblems({ topicArn: arn });
  return typeof problems === 'string' ? [problems.replace(/^topicArn/, key)] : [];
}

/** The ARN of a KMS key. */
export const KEY_ARN = /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,200}$/;

function validateKey(key: unknown): readonly string[] {
  if (isManagedKey(key)) {
    return [
      'topicKey: alias/aws/sns is the AWS managed key. CloudWatch cannot use it, so no alarm would be delivered. Remove topicKey, or use a customer managed key.',
    ];
  }
  if (typeof key !== 'string' || Token.isUnresolved(key) || KEY_ARN.test(key)) return [];
  return [
    `topicKey: ${JSON.stringify(key)} is not the ARN of a key (arn:<partition>:kms:<region>:<account>:key/<id>). Write true to create a key.`,
  ];
}

/** As its name, as an ARN, or as the CDK's own alias construct. */
function isManagedKey(key: unknown): boolean {
  const name: unknown = typeof key === 'object' && key !== null && 'aliasName' in key ? key.aliasName : key;
  return typeof name === 'string' && /(^|:)alias\/aws\//.test(name);
}

const validateSwitches = ({ chat, dashboard }: PropsToValidate): readonly string[] =>
  Object.entries({ chat, dashboard }).flatMap(([key, value]) =>
    value === undefined || typeof value === 'boolean'
      ? []
      : [`${key}: must be true or false; it is ${JSON.stringify(value)}.`],
  );

/** A hold-down that ends before the third run would only seem to be one. */
function validateUpdate({ update, holdDownHours }: MonitorConfig, minutes: number): readonly string[] {
  const runs = Math.floor((holdDownHours * 60) / minutes);
  if (update !== 'guarded' || runs >= RUNS_BEFORE_UPDATE) return [];
  const hours = Math.ceil((RUNS_BEFORE_UPDATE * minutes) / 60);
  return [
    `update: guarded needs ${RUNS_BEFORE_UPDATE} runs within holdDownHours, but a run every ${minutes} minutes gives ${runs} in ${holdDownHours} hours. Set holdDownHours to ${hours} or more, or use a more frequent schedule.`,
  ];
}

/** All inline policies of a role together: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_CHARACTERS = 10_240;
/** Everything else that the function's role may do, with ARNs of the greatest length. */
const OTHER_CHARACTERS = 3_500;
/** `"arn:aws-us-gov:iam::123456789012:",` */
const ARN_CHARACTERS = 36;

function validatePolicySize(config: MonitorConfig): readonly string[] {
  const providers = PERMISSIONS.filter(({ action }) => action.startsWith('iam:Update')).flatMap(
    ({ resources }) => resources(config),
  );
  const characters = providers.reduce(
    (sum, resource) => sum + resource.length + ARN_CHARACTERS,
    OTHER_CHARACTERS,
  );
  if (characters <= MAX_CHARACTERS) return [];
  return [
    `update: ${providers.length} configured providers do not fit into the policy of a role. Set discover to circleci, or remove it: then one pattern permits all CircleCI organizations. Otherwise name fewer issuers.`,
  ];
}
