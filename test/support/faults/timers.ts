/** Timers that the code under test has set and not cleared, also those that would not keep a process alive. */
import { getBuiltinModule } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';

/** Counts from its start until the result is read. */
export interface TimerWatch {
  /** The sources of the timers that are still there: `lambda/adapters/tls/tls.ts:12`. It ends the watch. */
  readonly stop: () => Promise<readonly string[]>;
}

type Call = (...values: readonly unknown[]) => unknown;

/**
 * Starts now, in place of the functions that set timers: hooks of Node for all asynchronous work would take a fifth
 * of a run. Timers of libraries are not counted: some use one for all of their connections.
 */
export function watchTimers(): TimerWatch {
  const alive = new Map<unknown, Error>();
  const isOver = (timer: unknown): boolean => alive.delete(timer);
  const promises = getBuiltinModule('node:timers/promises');
  const undo = [
    surround(globalThis, 'setTimeout', (set) => (run, ...rest) => {
      const here = whereAmI();
      const timer = set(
        (...values: readonly unknown[]) => {
          isOver(timer);
          call(run, values);
        },
        ...rest,
      );
      alive.set(timer, here);
      return timer;
    }),
    surround(globalThis, 'setInterval', (set) => (...values) => {
      const timer = set(...values);
      alive.set(timer, whereAmI());
      return timer;
    }),
    ...['clearTimeout', 'clearInterval'].map((name) =>
      surround(globalThis, name, (clear) => (timer) => {
        isOver(timer);
        return clear(timer);
      }),
    ),
    surround(promises, 'setTimeout', (set) => (...values) => {
      const timer = set(...values);
      alive.set(timer, whereAmI());
      const end = (): boolean => isOver(timer);
      Promise.resolve(timer).then(end, end);
      return timer;
    }),
  ];
  return {
    stop: async () => {
      // A waiter on an aborted timer is notified a turn later.
      await turn();
      for (const back of undo) back();
      return [...alive.values()].map(placeOf).filter((place) => place !== null);
    },
  };
}

/** Replaces a function; the answer reverts it. Properties of the other one are found on it, too. */
function surround(owner: object, name: string, around: (inner: Call) => Call): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name) ?? {};
  const original: unknown = Reflect.get(owner, name);
  const surrounding = around((...values) => call(original, values));
  if (typeof original === 'function') Object.setPrototypeOf(surrounding, original);
  Object.defineProperty(owner, name, { configurable: true, writable: true, value: surrounding });
  return () => Object.defineProperty(owner, name, before);
}

function call(what: unknown, values: readonly unknown[]): unknown {
  if (typeof what !== 'function') throw new TypeError('Only functions can be called.');
  const result: unknown = Reflect.apply(what, undefined, values);
  return result;
}

/** Enough to find who called, beyond the functions of this file. */
const MAX_FRAMES = 6;

/** Its stack is expensive to read, and cheap otherwise: nearly all timers are cleared. */
function whereAmI(): Error {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = MAX_FRAMES;
  const here = new Error('Where am I?');
  Error.stackTraceLimit = usual;
  return here;
}

/** Null: not ours. */
function placeOf({ stack = '' }: Error): string | null {
  const caller = stack
    .split('\n')
    .slice(1)
    .find((frame) => !frame.includes(__filename) && !frame.includes('<anonymous>'));
  return /lambda\/[\w/-]+\.ts:\d+/.exec(caller ?? '')?.[0] ?? null;
}
