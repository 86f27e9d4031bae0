/** One invocation with its given dependencies: the clients of a container, a network, a clock. */
import type { Assignment } from './config/assignment';
import { runOnce } from './run';
import type { MonitorConfig } from './config/config';
import type { Report } from './domain/types';
import { ConfigError } from './domain/errors';
import type { Store } from './domain/store';
import {
  accountAlias,
  attachedPolicies,
  listProviders,
  listRoles,
  readProvider,
  updateThumbprints,
} from './adapters/iam';
import type { openIam } from './adapters/iam';
import type { openSns } from './adapters/sns';
import type { Ports } from './ports';
import type { Network } from './wiring';

/** Reused between the invocations of a container. What only some runs need is loaded when it is needed. */
export interface AwsClients {
  readonly iam: ReturnType<typeof openIam>;
  readonly sns: () => Promise<ReturnType<typeof openSns>>;
  readonly store: (table: string) => Store;
}

/** The dependencies of one invocation. */
export interface Surroundings extends Pick<Ports, 'record' | 'now' | 'wait' | 'node'> {
  readonly clients: AwsClients;
  /** For this run alone: it is closed at its end. */
  readonly network: Network;
  /** For how long new work may begin, without the time for publishing and returning the report. */
  readonly milliseconds: number;
}

/** Runs once. Throws ConfigError, EventError, AccessError and PublishError. */
export async function invoke(assignment: Assignment, surroundings: Surroundings): Promise<Report> {
  const { clients, network, milliseconds, record, now, wait, node } = surroundings;
  const { event, config } = assignment;
  const deadline = new AbortController();
  // A run that has nothing left to wait for ends, so the timer alone keeps no process alive.
  const timer = setTimeout(
    () => {
      deadline.abort();
    },
    Math.max(0, milliseconds),
  ).unref();
  try {
    if (event.action !== 'audit') requireTopic(config);
    const ports: Ports = {
      ...iamPorts(clients, network.over),
      ...messengers(config, clients),
      fetchDocument: network.fetchDocument,
      probeHost: network.probeHost,
      trust: network.trust,
      node,
      store: config.stateTable === null ? null : clients.store(config.stateTable),
      record,
      now,
      wait,
      deadline: deadline.signal,
    };
    return await runOnce(assignment, ports);
  } finally {
    clearTimeout(timer);
    await network.close();
  }
}

type InvocationRequest =
  'accountAlias' | 'listProviders' | 'readProvider' | 'listRoles' | 'attachedPolicies' | 'updateThumbprints';

/** Near its deadline a run ends before its requests do. It always waits for a write. */
const iamPorts = ({ iam }: AwsClients, over: AbortSignal): Pick<Ports, InvocationRequest> => ({
  accountAlias: () => accountAlias(iam, over),
  listProviders: () => listProviders(iam),
  readProvider: (arn) => readProvider(iam, arn, over),
  listRoles: () => listRoles(iam, over),
  attachedPolicies: (roleName) => attachedPolicies(iam, roleName, over),
  updateThumbprints: (arn, list) => updateThumbprints(iam, arn, list),
});

type Messengers = Pick<Ports, 'publish' | 'publishChat' | 'countRecipients'>;

function messengers({ topicArn, chatTopicArn }: MonitorConfig, { sns }: AwsClients): Messengers {
  return {
    publish: async (message) => {
      const { publish } = await import('./adapters/sns');
      await publish(await sns(), topicArn ?? '', message);
    },
    publishChat:
      chatTopicArn === null
        ? null
        : async (message) => {
            const { publishChat } = await import('./adapters/sns');
            await publishChat(await sns(), chatTopicArn, message);
          },
    countRecipients:
      topicArn === null
        ? null
        : async () => {
            const { countRecipients } = await import('./adapters/sns');
            return countRecipients(await sns(), topicArn);
          },
  };
}

function requireTopic({ topicArn }: MonitorConfig): void {
  if (topicArn === null) {
    throw new ConfigError(
      'topicArn: is not set, so no alert can be sent. Set it and deploy, or invoke with {"action":"audit"}.',
    );
  }
}
