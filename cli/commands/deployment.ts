/** A deployed monitor as AWS has it: its function, its stack, the subscriptions of its topic. Reads only. */
import type { Stack } from '@aws-sdk/client-cloudformation';
import * as v from 'valibot';
import { parseConfigText } from '../../lambda/config/config';
import type { MonitorConfig } from '../../lambda/config/config';
import { wholeConfigText } from '../../lambda/config/config-file';
import { ConfigError } from '../../lambda/domain/errors';
import { quote } from '../../lambda/text/quote';
import { awsProblem } from '../aws-problems';
import { readPackagedFile } from './packaged-file';
import { regionFor } from '../region';
import type { Shell } from '../shell';
import { UsageError } from '../usage-error';

/** What a deployment consists of. */
export interface Deployment {
  /** What the function is configured with now. */
  readonly config: MonitorConfig;
  readonly stackName: string;
  readonly resources: readonly TemplateResource[];
  /** Of the topic, if the stack made it: its own subscriptions and those that somebody added. */
  readonly subscriptions: readonly Subscription[];
  /** Whether the stack CircleCiFederation is deployed in the same account and region. */
  readonly hasFederation: boolean;
}

/** A resource as the deployed template has it; values may be intrinsic functions. */
export type TemplateResource = v.InferOutput<typeof RESOURCE>;

/** A subscriber. `endpoint`: an e-mail address, a URL or an ARN. */
export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
}

const RESOURCE = v.object({
  Type: v.string(),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
});
const TEMPLATE = v.object({
  Parameters: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(v.string(), RESOURCE),
});

/** More stacks or subscriptions than any account has, so that a faulty endpoint cannot page forever. */
const MAX_ENTRIES = 20_000;
const CLIENT = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
};

type ShellContext = Pick<Shell, 'environment' | 'interrupted'>;

/** Reads a deployment by its function's name or ARN. Throws UsageError if AWS refuses, or if it is no monitor. */
export async function readDeployment(functionName: string, shell: ShellContext): Promise<Deployment> {
  const { interrupted: abortSignal } = shell;
  const settings = { ...CLIENT, ...regionFor(functionName, shell) };
  const { name, configText } = await readFunction(functionName, settings, abortSignal);
  const config = validConfig(functionName, configText);
  const stack = await readStack(name, settings, abortSignal);
  const subscriptions =
    config.topicArn !== null && ownsAlertTopic(stack.resources, config)
      ? await readSubscriptions(config.topicArn, settings, abortSignal)
      : [];
  return { ...stack, config, subscriptions };
}

/** Whether the stack made the topic of the alerts; the topic for chat is always its own. */
export const ownsAlertTopic = (
  resources: readonly TemplateResource[],
  { chatTopicArn }: Pick<MonitorConfig, 'chatTopicArn'>,
): boolean =>
  resources.filter(({ Type }) => Type === 'AWS::SNS::Topic').length > (chatTopicArn === null ? 0 : 1);

interface Settings {
  readonly region?: string;
}

/** Makes one call; what AWS refuses becomes a sentence. */
async function call<T>(action: string, resource: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(awsProblem(error, action, resource), { cause: error });
  }
}

async function readFunction(
  functionName: string,
  settings: Settings,
  abortSignal: AbortSignal,
): Promise<{ readonly name: string; readonly configText: string | undefined }> {
  const { GetFunctionCommand, GetFunctionConfigurationCommand, LambdaClient } =
    await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(settings);
  try {
    const found = await call('lambda:GetFunctionConfiguration', functionName, () =>
      client.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }), { abortSignal }),
    );
    const { Variables, Error: refused } = found.Environment ?? {};
    if (refused !== undefined) {
      throw new UsageError(
        `AWS could not decrypt the environment of ${quote(functionName)} (${quote(refused.ErrorCode ?? '')}). Allow kms:Decrypt on its key in the caller's policy.`,
      );
    }
    const text = Variables?.['MONITOR_CONFIG'];
    if (text === undefined) {
      throw new UsageError(
        `The function ${quote(functionName)} is not a monitor: its environment has no MONITOR_CONFIG. Use the stack output MonitorFunctionName.`,
      );
    }
    const configText = await wholeConfigText(text, async (file) => {
      const { Code } = await call('lambda:GetFunction', functionName, () =>
        client.send(new GetFunctionCommand({ FunctionName: functionName }), { abortSignal }),
      );
      return readPackagedFile(Code?.Location ?? '', file, abortSignal);
    });
    return { name: found.FunctionName ?? functionName, configText };
  } finally {
    client.destroy();
  }
}

/** Does not check whether trust anchors are still valid: they are written as they were deployed. */
function validConfig(functionName: string, text: string | undefined): MonitorConfig {
  try {
    return parseConfigText(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(
      `The configuration of ${quote(functionName)} is not valid for this version:\n${error.message}`,
      {
        cause: error,
      },
    );
  }
}

async function readStack(
  functionName: string,
  settings: Settings,
  abortSignal: AbortSignal,
): Promise<Pick<Deployment, 'stackName' | 'resources' | 'hasFederation'>> {
  const { CloudFormationClient, GetTemplateCommand, paginateDescribeStacks } =
    await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(settings);
  try {
    const stacks = await call('cloudformation:DescribeStacks', '*', () =>
      collectPages(
        paginateDescribeStacks({ client, stopOnSameToken: true }, {}, { abortSignal }),
        ({ Stacks = [] }) => Stacks,
      ),
    );
    const stackName = stackOf(functionName, stacks);
    const { TemplateBody = '' } = await call('cloudformation:GetTemplate', stackName, () =>
      client.send(new GetTemplateCommand({ StackName: stackName }), { abortSignal }),
    );
    return {
      stackName,
      resources: resourcesIn(stackName, TemplateBody),
      hasFederation: stacks.some(({ StackName }) => StackName === 'CircleCiFederation'),
    };
  } finally {
    client.destroy();
  }
}

/** By its output MonitorFunctionName, which every stack of the app has. */
function stackOf(functionName: string, stacks: readonly Stack[]): string {
  const stack = stacks.find(({ Outputs = [] }) =>
    Outputs.some(
      ({ OutputKey, OutputValue }) => OutputKey === 'MonitorFunctionName' && OutputValue === functionName,
    ),
  );
  if (stack?.StackName !== undefined) return stack.StackName;
  throw new UsageError(
    `No stack in this account and region has the output MonitorFunctionName with the value ${quote(functionName)}, so its subscriptions and its dashboard are not known. doctor can read only a monitor that this CDK app deployed.`,
  );
}

function resourcesIn(stackName: string, body: string): readonly TemplateResource[] {
  const parsed = v.safeParse(TEMPLATE, jsonOrNull(body));
  if (!parsed.success) {
    throw new UsageError(
      `The template of the stack ${quote(stackName)} was not written by the CDK, so doctor cannot read it. Write monitor.config.json by hand.`,
    );
  }
  if ('ExistingTopicArn' in parsed.output.Parameters) {
    throw new UsageError(
      `The stack ${quote(stackName)} was deployed from the single-file template, so its configuration is in the parameters of the stack. Only the CDK app uses monitor.config.json.`,
    );
  }
  return Object.values(parsed.output.Resources);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function readSubscriptions(
  topicArn: string,
  settings: Settings,
  abortSignal: AbortSignal,
): Promise<readonly Subscription[]> {
  const { SNSClient, paginateListSubscriptionsByTopic } = await import('@aws-sdk/client-sns');
  const client = new SNSClient(settings);
  try {
    return await call('sns:ListSubscriptionsByTopic', topicArn, () =>
      collectPages(
        paginateListSubscriptionsByTopic(
          { client, stopOnSameToken: true },
          { TopicArn: topicArn },
          { abortSignal },
        ),
        ({ Subscriptions = [] }) =>
          Subscriptions.map(({ Protocol = '', Endpoint = '' }) => ({
            protocol: Protocol,
            endpoint: Endpoint,
          })),
      ),
    );
  } finally {
    client.destroy();
  }
}

async function collectPages<P, T>(
  pages: AsyncIterable<P>,
  entriesOf: (page: P) => readonly T[],
): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...entriesOf(page));
    if (found.length > MAX_ENTRIES) break;
  }
  return found;
}
