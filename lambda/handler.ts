/** The function's entry and wiring: the only reader of environment and clock. */
import type { Context } from 'aws-lambda';
import { audit } from './audit';
import { parseConfigText } from './core/config';
import type { MonitorConfig } from './core/config';
import type { Report } from './core/domain';
import { ConfigError } from './core/errors';
import { parseEvent } from './core/event';
import { accountOfArn } from './core/issuer';
import { addressBook } from './io/addresses';
import { documentReader } from './io/http';
import { attachedPolicies, listProviders, listRoles, openIam, readProvider } from './io/iam';
import { prober } from './io/tls';
import type { Ports } from './ports';

/** Publishing and answering take their time, too: nothing new begins in the last seconds. */
const RESERVE_MS = 15_000;

/** Kept between the invocations of a container, with its connections to IAM. Certificates are never kept. */
const iam = openIam();

/** Judges configuration and event, runs once, and returns the report. */
export async function handler(event: unknown, context: Context): Promise<Report> {
  const config = parseConfigText(process.env['MONITOR_CONFIG']);
  const request = parseEvent(event);
  if (request.action !== 'audit') requireTopic(config);
  const late = startTimer(context.getRemainingTimeInMillis() - RESERVE_MS);
  const resolve = addressBook(config);
  const documents = documentReader({ resolve, trustAnchors: config.trustAnchors });
  const ports: Ports = {
    listProviders: () => listProviders(iam),
    readProvider: (arn) => readProvider(iam, arn),
    listRoles: () => listRoles(iam),
    attachedPolicies: (roleName) => attachedPolicies(iam, roleName),
    fetchDocument: documents.fetchDocument,
    probeHost: prober(resolve),
    publish: (message) => publishTo(config, message),
    now: () => new Date(),
    late: late.reached,
  };
  try {
    const account = accountOfArn(context.invokedFunctionArn);
    return await audit({ event: request, config, account }, ports);
  } finally {
    late.stop();
    await documents.close();
  }
}

const publishTo = async (
  { topicArn }: MonitorConfig,
  message: Parameters<Ports['publish']>[0],
): Promise<void> => {
  // Most runs tell nobody anything: SNS is loaded when it is needed.
  const { openSns, publish } = await import('./io/sns');
  await publish(openSns(), topicArn ?? '', message);
};

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
