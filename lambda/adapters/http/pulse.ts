/** How long this process itself did not run, for want of a processor or because it was at work on something else. */

const BEAT_MS = 20;
/** A beat that is this late is no pause yet: timers are not exact. */
const JITTER_MS = 10;

/** A beat that tells of its pauses until it is stopped. */
export interface EventLoopDelay {
  /** Milliseconds since the start in which no beat came though one was due. It only grows. */
  readonly missed: () => number;
  readonly stop: () => void;
}

/** Starts to count. Lambda gives a small function a fraction of a processor: it stands still for most of each tenth. */
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
