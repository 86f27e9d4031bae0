/** The function's entry and wiring: the only reader of environment and clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { audit } from './audit';
import { parseConfigText } from './core/config';
import type { MonitorConfig } from './core/config';
import type { Report } from './core/domain';
import { ConfigError } from './core/errors';
import { isScheduled, parseEvent } from './core/event';
import { accountOfArn } from './core/issuer';
import { readConfigText } from './io/config-file';
import {
  attachedPolicies,
  listProviders,
  listRoles,
  openIam,
  readProvider,
  updateThumbprints,
} from './io/iam';
import { openTelemetry } from './io/telemetry';
import type { Telemetry } from './io/telemetry';
import type { Store } from './core/store';
import type { Ports } from './ports';
import { openNetwork } from './wiring';

/** Publishing and answering take their time, too: nothing new begins in the last seconds. */
const RESERVE_MS = 15_000;

/** Kept between the invocations of a container, with its connections to IAM. Certificates are never kept. */
const iam = openIam();
/** Most runs tell nobody anything: what only some need is loaded when it is needed. */
const sns = lazily(async () => {
  const { openSns, ...calls } = await import('./io/sns');
  return { client: openSns(), ...calls };
});
const dynamo = lazily(async () => {
  const { openDynamo, storeIn } = await import('./io/state');
  const client = openDynamo();
  return (table: string) => storeIn(client, table);
});

/** Judges configuration and event, runs once, and returns the report. */
export async function handler(event: unknown, context: Context): Promise<Report> {
  const telemetry = openTelemetry(context.functionName);
  try {
    return await run(event, context, telemetry);
  } catch (error) {
    if (isScheduled(event)) telemetry.failed();
    throw error;
  }
}

async function run(event: unknown, context: Context, telemetry: Telemetry): Promise<Report> {
  const request = parseEvent(event);
  const { MONITOR_CONFIG, LAMBDA_TASK_ROOT } = process.env;
  const config = parseConfigText(await readConfigText(MONITOR_CONFIG, LAMBDA_TASK_ROOT));
  if (request.action !== 'audit') requireTopic(config);
  const late = startTimer(context.getRemainingTimeInMillis() - RESERVE_MS);
  const network = openNetwork(config);
  const ports: Ports = {
    listProviders: () => listProviders(iam),
    readProvider: (arn) => readProvider(iam, arn),
    listRoles: () => listRoles(iam),
    attachedPolicies: (roleName) => attachedPolicies(iam, roleName),
    updateThumbprints: (arn, list) => updateThumbprints(iam, arn, list),
    fetchDocument: network.fetchDocument,
    probeHost: network.probeHost,
    ...messengers(config),
    store: await openStore(config),
    record: telemetry.finished,
    now: () => new Date(),
    wait: (milliseconds) => sleep(milliseconds),
    late: late.reached,
  };
  try {
    const account = accountOfArn(context.invokedFunctionArn);
    return await audit({ event: request, config, account }, ports);
  } finally {
    late.stop();
    await network.close();
  }
}

type Messengers = Pick<Ports, 'publish' | 'publishChat' | 'countRecipients'>;

function messengers({ topicArn, chatTopicArn }: MonitorConfig): Messengers {
  return {
    publish: async (message) => {
      const { client, publish } = await sns();
      await publish(client, topicArn ?? '', message);
    },
    publishChat:
      chatTopicArn === null
        ? null
        : async (message) => {
            const { client, publishChat } = await sns();
            await publishChat(client, chatTopicArn, message);
          },
    countRecipients:
      topicArn === null
        ? null
        : async () => {
            const { client, countRecipients } = await sns();
            return countRecipients(client, topicArn);
          },
  };
}

const openStore = async ({ stateTable }: MonitorConfig): Promise<Store | null> =>
  stateTable === null ? null : (await dynamo())(stateTable);

function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

function requireTopic({ topicArn }: MonitorConfig): void {
  if (topicArn === null) {
    throw new ConfigError(
      'topicArn: is not set, so an alert would reach nobody. Set it, or invoke with {"action":"audit"}.',
    );
  }
}

function startTimer(milliseconds: number): { reached: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds));
  });
  return {
    reached,
    stop: () => {
      clearTimeout(timer);
    },
  };
}
