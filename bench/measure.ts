/** Runs one contender in a fresh process, checks its answers, and measures what it costs. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { startFunction } from '../demo/function';
import type { LocalFunction } from '../demo/function';
import { withPublicRoots } from '../demo/public-roots';
import type { Check } from './answers';
import { median } from './statistics';
import type { Account, BenchIssuer, Counted, World } from './world';

/** What all scenarios share. */
export interface Bench {
  readonly world: World;
  /** For files that contenders need. */
  readonly folder: string;
  /** The Node that runs the functions. */
  readonly node: string;
  /** Fewer rounds, and no 700 orgs. */
  readonly quick: boolean;
  /** The built files. */
  readonly bundles: Readonly<Record<'monitor' | 'requests' | 'naive', string>>;
}

/** The cost of one process, in milliseconds and MB. Of a process that is no function, only `processMs` is known. */
export interface Run {
  /** From the start of the process to its first answer. */
  readonly processMs: number;
  /** The handler's first invocation. */
  readonly firstMs?: number;
  /** The median of further invocations; NaN without them. */
  readonly warmMs?: number;
  /** Processor time until the first answer. */
  readonly cpuMs?: number;
  /** The most that was resident, further invocations included. */
  readonly memoryMb?: number;
  /** At the first invocation. */
  readonly counted?: Counted;
}

/** A function as Lambda would run it. */
export interface FunctionSubject {
  readonly bundle: string;
  readonly check: Check;
  /** How often it is invoked again. @default 0 */
  readonly warm?: number;
  /** Gives Node the heap that Lambda gives it at this memory size. @default Node's own */
  readonly lambdaMb?: number;
}

/** Throws AssertionError if an answer is wrong. */
export async function runFunction(bench: Bench, account: Account, subject: FunctionSubject): Promise<Run> {
  const { bundle, check, lambdaMb, warm = 0 } = subject;
  const heap = lambdaMb === undefined ? '' : heapOptions(lambdaMb);
  const monitor = await startFunction({
    bundle: join(__dirname, 'measured.mjs'),
    hosts: account.hosts,
    node: bench.node,
    environment: { BENCH_BUNDLE: bundle, ...environmentOf(bench, account, heap) },
  });
  try {
    const { processMs, handlerMs, counted } = await invoke(bench.world, monitor, check);
    const { cpuMs } = await usageOf(monitor);
    const again: number[] = [];
    while (again.length < warm) again.push((await invoke(bench.world, monitor, check)).handlerMs);
    const { memoryMb } = await usageOf(monitor);
    return { processMs, firstMs: handlerMs, warmMs: median(again), cpuMs, memoryMb, counted };
  } finally {
    await monitor.stop();
  }
}

/** A program that prints its answer as JSON. */
export interface CommandSubject {
  readonly program: string;
  readonly args: readonly string[];
  readonly check: Check;
}

/** Throws AssertionError if the answer is wrong. */
export async function runCommand(bench: Bench, account: Account, subject: CommandSubject): Promise<Run> {
  bench.world.count();
  const began = performance.now();
  const child = spawn(subject.program, subject.args, {
    env: { ...process.env, ...environmentOf(bench, account) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await text(child.stdout);
  const processMs = performance.now() - began;
  subject.check(output === '' ? null : JSON.parse(output), bench.world.count());
  return { processMs };
}

/** An account in which the monitor has run before: it has saved what it found. */
export async function knownAccount(bench: Bench, issuer: BenchIssuer, orgs: number): Promise<Account> {
  const account = await bench.world.openAccount(issuer, orgs);
  await runFunction(bench, account, { bundle: bench.bundles.monitor, check: () => undefined });
  return account;
}

/** The environment of every contender. */
function environmentOf(
  { world, folder }: Bench,
  { issuers, topicArn, table, url }: Account,
  nodeOptions = '',
): Record<string, string> {
  const root = join(folder, 'root.pem');
  writeFileSync(root, world.root.pem);
  const config = { issuers, topicArn, stateTable: table.name, allowPrivateNetworks: true };
  return {
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...withPublicRoots(root, nodeOptions),
    MONITOR_CONFIG: JSON.stringify(config),
  };
}

/** Lambda's runtime sizes V8's heap by the function's memory: a tenth for new objects, the rest for old ones. */
function heapOptions(megabytes: number): string {
  const young = Math.floor(megabytes / 10);
  return `--max-semi-space-size=${Math.floor(young / 2)} --max-old-space-size=${megabytes - young}`;
}

const Answer = v.object({ handlerMs: v.number(), report: v.unknown() });
const Usage = v.object({ memoryMb: v.number(), cpuMs: v.number() });

async function invoke(
  world: World,
  monitor: LocalFunction,
  check: Check,
): Promise<{ readonly processMs: number; readonly handlerMs: number; readonly counted: Counted }> {
  world.count();
  const began = performance.now();
  const invocation = await monitor.invoke({ action: 'monitor' });
  const processMs = performance.now() - began;
  const counted = world.count();
  if (!invocation.ok) throw new Error(`${invocation.errorType}: ${invocation.errorMessage}`);
  const { handlerMs, report } = v.parse(Answer, invocation.payload);
  check(report, counted);
  return { processMs, handlerMs, counted };
}

async function usageOf(monitor: LocalFunction): Promise<v.InferOutput<typeof Usage>> {
  const invocation = await monitor.invoke({ bench: 'usage' });
  return v.parse(Usage, invocation.ok ? invocation.payload : null);
}
