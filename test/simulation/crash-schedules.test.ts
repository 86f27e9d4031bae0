import { describe, expect, it } from '@jest/globals';
import { SCHEDULES, SEED, failing } from './crashes';

describe('whatever the order of runs at once, and of runs that die', () => {
  it(
    `everything comes right for ${SCHEDULES} schedules from seed "${SEED}"`,
    async () => {
      expect(await failing(SCHEDULES)).toEqual([]);
    },
    120_000 + SCHEDULES * 15_000,
  );
});
