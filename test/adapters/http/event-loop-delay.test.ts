import { describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { measureEventLoopDelay } from '../../../lambda/adapters/http/event-loop-delay';

/** Nothing runs in this thread meanwhile. */
const standStill = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

describe('measureEventLoopDelay', () => {
  it('measures how long the process did not run, before the next timer and after it', async () => {
    const delay = measureEventLoopDelay();
    try {
      standStill(200);
      expect(delay.missed()).toBeGreaterThanOrEqual(180);
      await wait(1);
      const once = delay.missed();
      expect(once).toBeGreaterThanOrEqual(180);
      standStill(200);
      expect(delay.missed() - once).toBeGreaterThanOrEqual(160);
    } finally {
      delay.stop();
    }
  });
});
