/** Runs one function in a fresh process, and in the same process again, and measures its cost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { startFunction } from '../demo/function';
import type { LocalFunction } from '../demo/function';
import { withPublicRoots } from '../demo/public-roots';
import type { Counted } from './protocol';
import { median } from './statistics';
import type { BenchAccount, World } from './world';

/** One invocation. */
export interface Sample {
  /** From the start of its process, or of the invocation in a warm one, to the answer. */
  readonly wallMs: number;
  /** The handler alone. */
  readonly handlerMs: number;
  readonly seen: Counted;
}

/** A process from start to end. `cpuMs` and `memoryMb` are what it had used after the first invocation. */
export interface Life {
  readonly cold: Sample;
  readonly warm: readonly Sample[];
  readonly cpuMs: number;
  /** The most that was resident, after the last invocation. */
  readonly memoryMb: number;
}

/** In the middle of one process. */
export const warmMs = (life: Life): number => median(life.warm.map(({ handlerMs }) => handlerMs));

/** Returns what is wrong with an answer; null if it is right. */
export type Judge = (answer: unknown, seen: Counted) => string | null;

/** What is measured. */
export interface Subject {
  /** The built file. */
  readonly bundle: string;
  readonly judge: Judge;
  /** @default monitor */
  readonly action?: 'monitor' | 'audit';
  /** How often the warm process is invoked again. @default 0 */
  readonly warm?: number;
  /** Replaces the configuration of every contender; `stateTable: null` takes the state away. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Starts Node as Lambda does with this memory size. @default as Node starts by itself */
  readonly lambdaMb?: number;
}

/** What bench and functions share. */
export interface Place {
  readonly world: World;
  /** For files that the functions need. */
  readonly folder: string;
  /** The Node that runs the functions. */
  readonly node: string;
}

/** A contender gave a wrong answer: its numbers are worth nothing. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

const Answer = v.object({ handlerMs: v.number(), report: v.unknown() });
const Usage = v.object({ memoryMb: v.number(), cpuMs: v.number() });

/** Throws WrongAnswer. */
export async function measure(place: Place, account: BenchAccount, subject: Subject): Promise<Life> {
  const monitor = await openSubject(place, account, subject);
  try {
    await place.world.count();
    const cold = await sample(place, monitor, subject);
    const first = await usage(monitor);
    const warm: Sample[] = [];
    for (let time = 0; time < (subject.warm ?? 0); time += 1)
      warm.push(await sample(place, monitor, subject));
    const last = await usage(monitor);
    return { cold, warm, cpuMs: first.cpuMs, memoryMb: last.memoryMb };
  } finally {
    await monitor.stop();
  }
}

/** The configuration of every contender. */
export function environmentOf(
  { world, folder }: Place,
  account: BenchAccount,
  config = {},
  nodeOptions = '',
): Record<string, string> {
  const root = join(folder, 'root.pem');
  writeFileSync(root, world.root);
  const { issuers, topicArn, table, url } = account;
  return {
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...withPublicRoots(root, nodeOptions),
    MONITOR_CONFIG: JSON.stringify({
      issuers,
      topicArn,
      stateTable: table.name,
      allowPrivateNetworks: true,
      ...config,
    }),
  };
}

/** The function, ready for its first invocation. */
export function openSubject(
  place: Place,
  account: BenchAccount,
  { bundle, config, lambdaMb }: Subject,
): Promise<LocalFunction> {
  return startFunction({
    bundle: join(__dirname, 'measured.mjs'),
    hosts: account.hosts,
    node: place.node,
    environment: {
      BENCH_BUNDLE: bundle,
      ...environmentOf(place, account, config, lambdaMb === undefined ? '' : lambdaOptions(lambdaMb)),
    },
  });
}

/** Lambda's own runtime sizes V8's heap by the function's memory: a tenth for new objects, the rest for old ones. */
const lambdaOptions = (megabytes: number): string => {
  const young = Math.floor(megabytes / 10);
  return `--max-semi-space-size=${Math.floor(young / 2)} --max-old-space-size=${megabytes - young}`;
};

async function sample(
  { world }: Place,
  monitor: LocalFunction,
  { judge, action = 'monitor' }: Subject,
): Promise<Sample> {
  const began = performance.now();
  const invocation = await monitor.invoke({ action });
  const wallMs = performance.now() - began;
  const seen = await world.count();
  if (!invocation.ok) throw new WrongAnswer(`${invocation.errorType}: ${invocation.errorMessage}`);
  const { handlerMs, report } = v.parse(Answer, invocation.payload);
  const wrong = judge(report, seen);
  if (wrong !== null) throw new WrongAnswer(wrong);
  return { wallMs, handlerMs, seen };
}

async function usage(monitor: LocalFunction): Promise<v.InferOutput<typeof Usage>> {
  const invocation = await monitor.invoke({ bench: 'usage' });
  return v.parse(Usage, invocation.ok ? invocation.payload : null);
}
