import { describe, expect, it } from '@jest/globals';
import { SCHEDULES, SEED, failing } from './crashes';

describe('any order of concurrent runs, and of runs that crash', () => {
  it(
    `ends in a correct state for ${SCHEDULES} schedules from seed "${SEED}"`,
    async () => {
      expect(await failing(SCHEDULES)).toEqual([]);
    },
    120_000 + SCHEDULES * 15_000,
  );
});
