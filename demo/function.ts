/** Runs the built bundle in a process of its own, as Lambda runs the deployed one. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startContainer } from './container';
import type { Container, Invocation } from './container';

export type { Invocation } from './container';

/** The function to run, and its environment. */
export interface FunctionOptions {
  /** The built file, ESM or CommonJS, with an export `handler`. */
  readonly bundle: string;
  /** The function's whole environment beside PATH and what Lambda itself sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names that only the function knows, with their addresses, as a hosts file would have them. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** @default `thumbprint-drift-monitor` of account 123456789012, in AWS_REGION or us-east-1 */
  readonly arn?: string;
  /** @default 300 */
  readonly timeoutSeconds?: number;
  /** Another Node to run it. @default this one */
  readonly node?: string;
}

/** A function that can be invoked. */
export interface LocalFunction {
  /**
   * Invokes the function once, at another time by its clock if `at` is given; calls wait for each other. The process
   * stays warm for the next. One that died or overran gives Runtime.ExitError or Sandbox.Timedout; the next one restarts.
   */
  readonly invoke: (event: unknown, at?: Date) => Promise<Invocation>;
  /** All that was written to stdout and stderr so far, with Lambda's START and END lines. */
  readonly log: () => string;
  /** Ends the process for good. Invocations under way or still to come end with Runtime.ExitError. */
  readonly stop: () => Promise<void>;
}

const STOPPED: Invocation = {
  ok: false,
  errorType: 'Runtime.ExitError',
  errorMessage: 'The function was stopped.',
};

/** There is no file to run. */
export class BundleMissing extends Error {
  override readonly name = 'BundleMissing';
}

/** Throws BundleMissing. The process starts with the first invocation, as in Lambda. */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  const bundle = resolve(options.bundle);
  await access(bundle).catch((cause: unknown) => {
    throw new BundleMissing(`There is no bundle at ${bundle}. Build it first: npm run build`, { cause });
  });
  const log: string[] = [];
  const start = (): Container =>
    startContainer({ ...withDefaults(options), bundle }, (text) => log.push(text));
  let container: Container | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const invokeNow = (event: unknown, at: Date | undefined): Promise<Invocation> => {
    if (stopped) return Promise.resolve(STOPPED);
    if (container?.over() !== false) container = start();
    return container.invoke(event, at);
  };
  return {
    invoke: (event, at) => {
      const invocation = last.then(() => invokeNow(event, at));
      last = invocation.catch(() => undefined);
      return invocation;
    },
    log: () => log.join(''),
    stop: async () => {
      stopped = true;
      await container?.stop();
    },
  };
}

function withDefaults(options: FunctionOptions): Required<FunctionOptions> {
  const region = options.environment['AWS_REGION'] ?? 'us-east-1';
  const arn = `arn:aws:lambda:${region}:123456789012:function:thumbprint-drift-monitor`;
  return { hosts: {}, arn, timeoutSeconds: 300, node: process.execPath, ...options };
}
