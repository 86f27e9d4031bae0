/** Timers that the code under test has set and not cleared, also those that would not keep a process alive. */
import { getBuiltinModule } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';

/** Counts from its start until it is asked. */
export interface TimerWatch {
  /** Where the timers that are still there were set: `lambda/adapters/tls/tls.ts:12`. It ends the watch. */
  readonly stop: () => Promise<readonly string[]>;
}

type Call = (...values: readonly unknown[]) => unknown;

/**
 * Starts now, in the place of the functions that set timers: hooks of Node for all asynchronous work would take a fifth
 * of a run. Timers of libraries are their own affair: some keep one for all of their connections.
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
      // Who waited for an aborted timer hears of it a turn later.
      await turn();
      for (const back of undo) back();
      return [...alive.values()].map(placeOf).filter((place) => place !== null);
    },
  };
}

/** Puts a function in another one's place; the answer takes it back. What hangs on the other one is found on it, too. */
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

/** Its stack costs much where it is read, and little where it is not: nearly all timers are cleared. */
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
