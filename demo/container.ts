/** One process that serves invocations, as one Lambda container does, until it dies or overruns. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import * as v from 'valibot';

/** How an invocation ended. Payloads went through JSON; errors are as Lambda's clients see them. */
export type Invocation =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

/** The input of a process. */
export interface ContainerOptions {
  /** Absolute path of the built file. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Names that only this process knows, with their addresses. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly arn: string;
  readonly timeoutSeconds: number;
  /** The Node that runs it. */
  readonly node: string;
}

/** A started process. */
export interface Container {
  /** Never rejects for what happens in the process. One at a time. */
  readonly invoke: (event: unknown, at?: Date) => Promise<Invocation>;
  /** True as soon as no further invocation can succeed. */
  readonly over: () => boolean;
  readonly stop: () => Promise<void>;
}

const MEMORY_MB = '256';

/** What `runtime.mjs` sends back. */
const REPLY = v.union([
  v.object({ payload: v.string() }),
  v.object({ error: v.object({ errorType: v.string(), errorMessage: v.string() }) }),
]);

/** Starts the process; what it writes goes to `write`. */
export function startContainer(options: ContainerOptions, write: (text: string) => void): Container {
  const child = spawnRuntime(options);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      write(text.toString());
    });
  }
  let over = false;
  const end = endOf(child).finally(() => (over = true));
  const kill = (): void => {
    over = true;
    child.kill('SIGKILL');
  };
  return {
    invoke: (event, at) => invoke({ child, end, kill, options }, event, at),
    over: () => over,
    stop: async () => {
      kill();
      await end;
    },
  };
}

function spawnRuntime({ bundle, environment, hosts, arn, node }: ContainerOptions): ChildProcess {
  return fork(join(__dirname, 'runtime.mjs'), [bundle], {
    execPath: node,
    // Loaders of this process, tsx for one, do not concern the function.
    execArgv: [],
    cwd: dirname(bundle),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    env: {
      PATH: process.env['PATH'],
      TZ: ':UTC',
      ...(Object.keys(hosts).length === 0 ? {} : { LOCAL_HOSTS: JSON.stringify(hosts) }),
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: nameIn(arn),
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: MEMORY_MB,
      LAMBDA_TASK_ROOT: dirname(bundle),
    },
  });
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME` */
const nameIn = (arn: string): string => arn.split(':')[6] ?? '';

/** Why the process ended, in Lambda's words, once all that it wrote has been read. */
const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.on('error', ({ message }) => {
      if (child.pid === undefined) resolve(`Runtime could not start: ${message}`);
    });
    child.once('close', (code, signal) => {
      if (signal !== null) resolve(`Runtime exited with error: signal: ${signal}`);
      else if (code === 0) resolve('Runtime exited without providing a reason');
      else resolve(`Runtime exited with error: exit status ${code ?? 'unknown'}`);
    });
  });

interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<string>;
  readonly kill: () => void;
  readonly options: ContainerOptions;
}

async function invoke(
  { child, end, kill, options }: Running,
  event: unknown,
  at: Date | undefined,
): Promise<Invocation> {
  const { arn, timeoutSeconds } = options;
  const id = randomUUID();
  const answer = answerOf(child, id);
  const timer = startTimer(timeoutSeconds * 1000);
  const request = {
    id,
    arn,
    name: nameIn(arn),
    deadline: timer.deadline,
    event: JSON.stringify(event ?? null),
    at: at?.toISOString() ?? null,
  };
  // The end of the process reports a process that is gone, not this callback.
  child.send(request, () => undefined);
  const exited = end.then((why) => failed(id, 'Runtime.ExitError', why));
  const overran = timer.reached.then(() => {
    kill();
    return failed(id, 'Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  });
  try {
    return await Promise.race([answer, exited, overran]);
  } finally {
    timer.stop();
  }
}

const failed = (id: string, errorType: string, why: string): Invocation => ({
  ok: false,
  errorType,
  errorMessage: `RequestId: ${id} Error: ${why}`,
});

/** The reply comes on another pipe than the log: both are awaited, so that the log is whole when an invocation ends. */
async function answerOf(child: ChildProcess, id: string): Promise<Invocation> {
  const reply = new Promise<unknown>((resolve) => child.once('message', resolve));
  const [message] = await Promise.all([reply, textIn(child.stdout, `END RequestId: ${id}`)]);
  const parsed = v.parse(REPLY, message);
  if ('error' in parsed) return { ok: false, ...parsed.error };
  return { ok: true, payload: JSON.parse(parsed.payload) };
}

const textIn = (stream: Readable | null, text: string): Promise<void> =>
  new Promise((resolve) => {
    let read = '';
    const look = (chunk: Buffer): void => {
      read += chunk.toString();
      if (!read.includes(text)) return;
      stream?.off('data', look);
      resolve();
    };
    stream?.on('data', look);
  });

function startTimer(milliseconds: number): { deadline: number; reached: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  const stop = (): void => {
    clearTimeout(timer);
  };
  return { deadline: Date.now() + milliseconds, reached, stop };
}
