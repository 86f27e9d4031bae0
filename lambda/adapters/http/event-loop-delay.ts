/** How long this process itself did not run, because it had no processor or was busy with something else. */

const BEAT_MS = 20;
/** A timer that is this late is no pause yet: timers are not exact. */
const JITTER_MS = 10;

/** A measurement of pauses, until it is stopped. */
export interface EventLoopDelay {
  /** Milliseconds since the start by which timers were late. It only grows. */
  readonly missed: () => number;
  readonly stop: () => void;
}

/**
 * Starts to count. Lambda gives a small function a fraction of a processor: it pauses for most of each tenth
 * of a second.
 */
export function measureEventLoopDelay(): EventLoopDelay {
  let missed = 0;
  let last = performance.now();
  const late = (): number => {
    const pause = performance.now() - last - BEAT_MS;
    return pause > JITTER_MS ? pause : 0;
  };
  const timer = setInterval(() => {
    missed += late();
    last = performance.now();
  }, BEAT_MS).unref();
  return {
    missed: () => missed + late(),
    stop: () => {
      clearInterval(timer);
    },
  };
}
