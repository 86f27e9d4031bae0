/** The function's entry: the only reader of environment and clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Context } from 'aws-lambda';
import { parseConfigText } from './config/config';
import type { Report } from './domain/types';
import { isScheduled, parseEvent } from './config/event';
import { accountOfArn } from './oidc/issuer';
import { invoke } from './invocation';
import type { AwsClients } from './invocation';
import { readConfigFile } from './adapters/config-file';
import { wholeConfigText } from './config/config-file';
import { openIam } from './adapters/iam';
import { openDynamo, storeIn } from './adapters/dynamodb';
import { openTelemetry } from './adapters/telemetry';
import type { Telemetry } from './adapters/telemetry';
import { openNetwork } from './wiring';
import { openTrustStore } from './x509/trust-store';

/** Reserved for publishing and returning the report: nothing new begins in the last seconds. */
const RESERVE_MS = 15_000;

const sns = lazily(async () => (await import('./adapters/sns')).openSns());
/**
 * What every run needs is loaded with this file: Lambda initialises a function with a whole processor, and
 * runs it with less.
 */
const dynamo = openDynamo();
/** Reused between the invocations of a container, with its connections. Certificates are never reused. */
const clients: AwsClients = { iam: openIam(), sns, store: (table) => storeIn(dynamo, table) };

/** What counts as publicly trusted, whatever else the process trusts. */
const trust = openTrustStore(rootCertificates);

/** Validates configuration and event, runs once, and returns the report. */
export async function handler(event: unknown, context: Context): Promise<Report> {
  const telemetry = openTelemetry(context.functionName);
  try {
    return await run(event, context, telemetry);
  } catch (error) {
    if (isScheduled(event)) telemetry.failed(error);
    throw error;
  }
}

async function run(event: unknown, context: Context, telemetry: Telemetry): Promise<Report> {
  const request = parseEvent(event);
  const { MONITOR_CONFIG, MONITOR_INTERVAL_MINUTES, LAMBDA_TASK_ROOT } = process.env;
  const config = parseConfigText(
    await wholeConfigText(MONITOR_CONFIG, (name) => readConfigFile(name, LAMBDA_TASK_ROOT)),
    new Date(),
  );
  const account = accountOfArn(context.invokedFunctionArn);
  return invoke(
    { event: request, config, account, ...intervalOf(MONITOR_INTERVAL_MINUTES) },
    {
      clients,
      network: openNetwork(config, trust),
      node: process.version,
      milliseconds: context.getRemainingTimeInMillis() - RESERVE_MS,
      record: telemetry.finished,
      now: () => new Date(),
      wait: (milliseconds) => sleep(milliseconds),
    },
  );
}

/** Absent: another version of the stack created the function. */
function intervalOf(text: string | undefined): { readonly intervalMinutes?: number } {
  const minutes = Number(text);
  return Number.isFinite(minutes) && minutes > 0 ? { intervalMinutes: minutes } : {};
}

function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}
