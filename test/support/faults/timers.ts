/** Timers that the code under test has set and not cleared, also those that would not keep a process alive. */
import { createHook } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** Counts from its start until it is asked. */
export interface TimerWatch {
  /** Where the timers that are still there were set: `lambda/io/tls.ts:12`. It ends the watch. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Enough to find who called Node's own functions. */
const MOST_FRAMES = 30;

/** Starts now. Timers of libraries are their own affair: some keep one for all of their connections. */
export function watchTimers(): TimerWatch {
  const alive = new Map<number, Error>();
  const hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') alive.set(id, whereAmI());
    },
    destroy: (id) => alive.delete(id),
  }).enable();
  return {
    stop: async () => {
      // Node tells what was cleared a turn of the event loop later.
      for (let left = 3; left > 0; left -= 1) await turn();
      hook.disable();
      return [...alive.values()].map(placeOf).filter((place) => place !== null);
    },
  };
}

/** Its stack costs much where it is read, and little where it is not: nearly all timers are cleared. */
function whereAmI(): Error {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = MOST_FRAMES;
  const here = new Error('Where am I?');
  Error.stackTraceLimit = usual;
  return here;
}

/** Null: not ours, or the timer of an AbortSignal, which nothing can clear and no process waits for. */
function placeOf({ stack = '' }: Error): string | null {
  const frames = stack.split('\n').slice(1);
  const caller = frames.findIndex((frame) => !isNodes(frame) && !frame.includes(__filename));
  if (frames.slice(0, caller).some((frame) => frame.includes('abort_controller'))) return null;
  return /lambda\/[\w/-]+\.ts:\d+/.exec(frames[caller] ?? '')?.[0] ?? null;
}

const isNodes = (frame: string): boolean => frame.includes('node:') || frame.includes('<anonymous>');
