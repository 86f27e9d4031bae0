/** How long this process itself did not run, for want of a processor or because it was at work on something else. */

const BEAT_MS = 20;

/** A beat that tells of its pauses until it is stopped. */
export interface Pulse {
  /** Milliseconds since the start in which no beat came though one was due. It only grows. */
  readonly missed: () => number;
  readonly stop: () => void;
}

/** Starts to count. Lambda gives a small function a fraction of a processor: it stands still for most of each tenth. */
export function startPulse(): Pulse {
  let missed = 0;
  let last = performance.now();
  const late = (): number => Math.max(0, performance.now() - last - BEAT_MS);
  const timer = setInterval(() => {
    missed += late();
    last = performance.now();
  }, BEAT_MS);
  return {
    missed: () => missed + late(),
    stop: () => {
      clearInterval(timer);
    },
  };
}
