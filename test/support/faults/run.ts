/** One run of the monitor, as the function makes it, with limits of its own; and all its effects. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { parseConfig } from '../../../lambda/config/config';
import type { Report } from '../../../lambda/domain/types';
import { parseEvent } from '../../../lambda/config/event';
import { invoke } from '../../../lambda/invocation';
import type { AwsClients } from '../../../lambda/invocation';
import type { AwsLimits } from '../../../lambda/adapters/aws-limits';
import { HTTP_LIMITS } from '../../../lambda/adapters/http/http';
import { PROBE_LIMITS } from '../../../lambda/adapters/tls/tls';
import { openNetwork } from '../../../lambda/wiring';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import type { NetworkLimits } from '../../../lambda/wiring';
import { ACCOUNT } from './items';
import type { Attributes } from './items';
import { looksAsUsual } from './stage';
import type { Stage } from './stage';
import { watchTimers } from './timers';

const TOTAL_MS = { hosts: 1_500, connections: 4_000, aws: 10_000 } as const;

/** Long enough for a busy machine; short if the test waits for no answer. */
const limitsOf = ({ settings, world }: Stage): NetworkLimits => {
  const isSilent = settings.silent === 'hosts' || settings.silent === 'connections';
  const times = isSilent
    ? { connectMs: 800, handshakeMs: 800, timeoutMs: 200 }
    : { connectMs: 10_000, handshakeMs: 10_000, timeoutMs: 5_000 };
  const totalMs = TOTAL_MS[settings.silent ?? 'aws'];
  const { handshakeMs, timeoutMs } = times;
  const connectMs = settings.connectMs ?? times.connectMs;
  const { resolver, records } = world.nameService;
  return {
    addresses: { timeoutMs, retryDelayMs: 1, resolver, records },
    documents: { ...HTTP_LIMITS, connectMs, totalMs, retryDelayMs: 1 },
    probes: { ...PROBE_LIMITS, connectMs, handshakeMs },
  };
};

const HOUR_MS = 3_600_000;
/** Times in which a run has long ended, unless something hangs. */
const OVERDUE_MS = 40_000;

/** A machine message, as far as it is checked. */
const MACHINE = v.object({
  text: v.string(),
  events: v.array(
    v.object({
      eventType: v.string(),
      issuer: v.nullable(v.string()),
      findings: v.array(v.object({ check: v.string(), message: v.string() })),
    }),
  ),
});

export type Machine = Readonly<v.InferOutput<typeof MACHINE>> & { readonly subject: string };

/** The result of a run. `report` is null exactly if `error` is not. */
export interface Run {
  readonly report: Report | null;
  readonly error: unknown;
  readonly messages: readonly Machine[];
  /** The lists before and after. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly after: ReadonlyMap<string, readonly string[]>;
  readonly itemsBefore: ReadonlyMap<string, Attributes>;
  readonly itemsAfter: ReadonlyMap<string, Attributes>;
  /** What clients received at each issuer. */
  readonly truth: ReadonlyMap<string, readonly string[]>;
  readonly overran: boolean;
  /** Connections to hosts that outlived the run. */
  readonly leftOpen: number;
  /** Calls of AWS whose answers no client waits for. */
  readonly leftCalls: number;
  /** The sources of the monitor's own timers that outlived the run. */
  readonly timersLeft: readonly string[];
  /** Bytes that hosts sent to it. */
  readonly taken: number;
}

/** Clients try twice, but once if AWS does not answer. */
function awsLimitsOf({ settings: { silent } }: Stage, more: Partial<AwsLimits>): AwsLimits {
  const times = silent === 'aws' ? { attempts: 1, requestMs: 1_000 } : { attempts: 2, requestMs: 10_000 };
  return { retryMode: 'standard', connectMs: 10_000, ...times, ...more };
}

/** As many concurrent runs as the settings say. */
export async function runAt(
  stage: Stage,
  at: Date,
  limits: Partial<AwsLimits> = {},
): Promise<readonly Run[]> {
  const { world } = stage;
  const clients = stage.containers.clients(awsLimitsOf(stage, limits));
  const truth = new Map(world.hosts.map((host) => [host.issuer, host.truth]));
  const [before, itemsBefore] = [await stage.lists(), await stage.items()];
  const sent = sentBy(stage);
  const timers = watchTimers();
  const ends = await Promise.all(Array.from({ length: stage.settings.runs }, () => end(stage, clients, at)));
  const timersLeft = await timers.stop();
  const leftCalls = await outliving(world.proxy.open);
  const leftOpen = await outliving(() => world.hosts.reduce((sum, { front }) => sum + front.open(), 0));
  const messages = (await stage.account.received()).map(({ Subject = '', Message }) => ({
    ...v.parse(MACHINE, JSON.parse(Message)),
    subject: Subject,
  }));
  const seen = { before, after: await stage.lists(), itemsBefore, itemsAfter: await stage.items(), truth };
  return ends.map((one, index) => ({
    ...one,
    ...seen,
    leftOpen,
    leftCalls,
    timersLeft,
    taken: sentBy(stage) - sent,
    messages: index === 0 ? messages : [],
  }));
}

async function end(
  stage: Stage,
  clients: AwsClients,
  at: Date,
): Promise<Pick<Run, 'report' | 'error' | 'overran'>> {
  const overdue = new AbortController();
  const timer = sleep(OVERDUE_MS, null, { signal: overdue.signal }).catch(() => null);
  try {
    const report = await Promise.race([once(stage, clients, at), timer]);
    return { report, error: null, overran: report === null };
  } catch (error) {
    return { report: null, error, overran: false };
  } finally {
    overdue.abort();
  }
}

/** As the handler does it: event and configuration are validated first. */
async function once(stage: Stage, clients: AwsClients, at: Date): Promise<Report> {
  const { world, settings, update } = stage;
  const { topicArn } = stage.account;
  const event = parseEvent(settings.event);
  const config = parseConfig({
    issuers: world.hosts.map(({ issuer }) => issuer),
    discover: 'none',
    trustAnchors: world.root.pem,
    allowPrivateNetworks: settings.allowPrivateNetworks,
    topicArn,
    stateTable: world.table.name,
    update,
    ...settings.config,
  });
  const network = openNetwork(config, openTrustStore([]), limitsOf(stage));
  return invoke(
    { event, config, account: ACCOUNT },
    {
      clients,
      network: looksAsUsual(settings) ? world.bystanders.before(network) : network,
      milliseconds: settings.milliseconds,
      record: (facts) => stage.facts.push(facts),
      now: () => new Date(at.getTime() + settings.hoursOff * HOUR_MS),
      wait: () => Promise.resolve(),
      node: process.version,
    },
  );
}

const sentBy = ({ world }: Stage): number => world.hosts.reduce((sum, { front }) => sum + front.sent(), 0);

/** How many are left when those that were closed are gone, which takes some turns of the event loop. */
async function outliving(open: () => number): Promise<number> {
  for (let waited = 0; open() > 0 && waited < 400; waited += 1) await sleep(5);
  return open();
}
