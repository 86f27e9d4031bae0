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
  const alive = new Map<number, string>();
  const hook = createHook({
    init: (id, type) => {
      const place = type === 'Timeout' ? placeOf(framesHere()) : null;
      if (place !== null) alive.set(id, place);
    },
    destroy: (id) => alive.delete(id),
  }).enable();
  return {
    stop: async () => {
      // Node tells what was cleared a turn of the event loop later.
      for (let left = 3; left > 0; left -= 1) await turn();
      hook.disable();
      return [...alive.values()];
    },
  };
}

function framesHere(): readonly string[] {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = MOST_FRAMES;
  const { stack = '' } = new Error('Where am I?');
  Error.stackTraceLimit = usual;
  return stack.split('\n').slice(1);
}

/** Null: not ours, or the timer of an AbortSignal, which nothing can clear and no process waits for. */
function placeOf(frames: readonly string[]): string | null {
  const caller = frames.findIndex((frame) => !isNodes(frame) && !frame.includes(__filename));
  if (frames.slice(0, caller).some((frame) => frame.includes('abort_controller'))) return null;
  return /lambda\/[\w/-]+\.ts:\d+/.exec(frames[caller] ?? '')?.[0] ?? null;
}

const isNodes = (frame: string): boolean => frame.includes('node:') || frame.includes('<anonymous>');
