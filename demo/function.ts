/** Runs the built bundle in a process of its own, as Lambda runs the deployed one. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import * as v from 'valibot';

/** How an invocation ended. Payloads went through JSON; errors are as Lambda's clients see them. */
export type Invocation =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

/** The function to run, and its environment. */
interface FunctionOptions {
  /** The built file, ESM or CommonJS, with an export `handler`. */
  readonly bundle: string;
  /** The function's whole environment beside PATH and what Lambda itself sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names that only the function knows, with their addresses, as a hosts file would have them. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** Another Node to run it. @default this one */
  readonly node?: string;
}

/** A function that can be invoked. */
export interface LocalFunction {
  /**
   * Invokes the function once, at another time by its clock if `at` is given; calls wait for each other. The process
   * stays warm for the next. One that died gives Runtime.ExitError; the next one restarts it.
   */
  readonly invoke: (event: unknown, at?: Date) => Promise<Invocation>;
  /** All that was written to stdout and stderr so far, with Lambda's START and END lines. */
  readonly log: () => string;
  /** Ends the process for good. Invocations under way or still to come end with Runtime.ExitError. */
  readonly stop: () => Promise<void>;
}

const NAME = 'thumbprint-drift-monitor';
const TIMEOUT_MS = 300_000;

/** What `runtime.mjs` sends back. */
const REPLY = v.union([
  v.object({ payload: v.string() }),
  v.object({ error: v.object({ errorType: v.string(), errorMessage: v.string() }) }),
]);

/** Rejects if there is no such file. The process starts with the first invocation, as in Lambda. */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  await access(options.bundle);
  const log: string[] = [];
  let running: Running | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const invokeNow = (event: unknown, at: Date | undefined): Promise<Invocation> => {
    if (stopped) return Promise.resolve(failed('The function was stopped'));
    if (running === undefined || isOver(running)) running = startProcess(options, (text) => log.push(text));
    return invoke(running, options, event, at);
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
      running?.child.kill('SIGKILL');
      await running?.end;
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  /** When all that it wrote has been read. */
  readonly end: Promise<Invocation>;
}

const isOver = ({ child }: Running): boolean => child.exitCode !== null || child.signalCode !== null;

function startProcess(
  { bundle, environment, hosts, node = process.execPath }: FunctionOptions,
  write: (text: string) => void,
): Running {
  const folder = dirname(resolve(bundle));
  const child = fork(join(__dirname, 'runtime.mjs'), [resolve(bundle)], {
    execPath: node,
    // Loaders of this process, tsx for one, do not concern the function.
    execArgv: [],
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    env: {
      PATH: process.env['PATH'],
      TZ: ':UTC',
      ...(hosts === undefined ? {} : { LOCAL_HOSTS: JSON.stringify(hosts) }),
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: NAME,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      LAMBDA_TASK_ROOT: folder,
    },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      write(text.toString());
    });
  }
  const end = new Promise<Invocation>((done) => {
    child.once('error', ({ message }) => {
      done(failed(message));
    });
    child.once('close', (code, signal) => {
      done(failed(signal ?? `exit status ${String(code)}`));
    });
  });
  return { child, end };
}

async function invoke(
  { child, end }: Running,
  { environment }: FunctionOptions,
  event: unknown,
  at: Date | undefined,
): Promise<Invocation> {
  const id = randomUUID();
  const answer = answerOf(child, id);
  const request = {
    id,
    arn: `arn:aws:lambda:${environment['AWS_REGION'] ?? 'us-east-1'}:123456789012:function:${NAME}`,
    name: NAME,
    deadline: Date.now() + TIMEOUT_MS,
    event: JSON.stringify(event ?? null),
    at: at?.toISOString() ?? null,
  };
  // The end of the process reports a process that is gone, not this callback.
  child.send(request, () => undefined);
  return Promise.race([answer, end]);
}

const failed = (why: string): Invocation => ({
  ok: false,
  errorType: 'Runtime.ExitError',
  errorMessage: `Runtime exited with error: ${why}`,
});

/** The reply comes on another pipe than the log: both are awaited, so that the log is whole when an invocation ends. */
async function answerOf(child: ChildProcess, id: string): Promise<Invocation> {
  const reply = new Promise<unknown>((done) => child.once('message', done));
  const [message] = await Promise.all([reply, textIn(child.stdout, `END RequestId: ${id}`)]);
  const parsed = v.parse(REPLY, message);
  if ('error' in parsed) return { ok: false, ...parsed.error };
  return { ok: true, payload: JSON.parse(parsed.payload) };
}

const textIn = (stream: Readable | null, text: string): Promise<void> =>
  new Promise((done) => {
    let read = '';
    const look = (chunk: Buffer): void => {
      read += chunk.toString();
      if (!read.includes(text)) return;
      stream?.off('data', look);
      done();
    };
    stream?.on('data', look);
  });
