/** How long this process itself did not run, because it had no processor or was busy with something else. */

const INTERVAL_MS = 20;

/** A measurement of pauses, until it is stopped. */
export interface EventLoopDelay {
  /** Milliseconds since the start by which timers were late. */
  readonly missed: () => number;
  readonly stop: () => void;
}

/**
 * Starts to count. Lambda gives a small function a fraction of a processor: it pauses for most of each tenth
 * of a second. `monitorEventLoopDelay` of Node knows nothing of the time before its first timer, nor of a
 * pause at whose end the answer is read before the next timer.
 */
export function measureEventLoopDelay(): EventLoopDelay {
  let missed = 0;
  let due = performance.now() + INTERVAL_MS;
  const late = (): number => Math.max(0, performance.now() - due);
  const timer = setInterval(() => {
    missed += late();
    due = performance.now() + INTERVAL_MS;
  }, INTERVAL_MS).unref();
  return {
    missed: () => missed + late(),
    stop: () => {
      clearInterval(timer);
    },
  };
}
