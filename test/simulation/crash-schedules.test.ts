import { beforeAll, describe, expect, it } from '@jest/globals';
import { SCHEDULES, SEED, failing } from './crashes';
import { saySeed, seedsFrom } from './seed';

beforeAll(() => {
  saySeed(`schedules: SCHEDULE_SEED=${SEED} SCHEDULES=${SCHEDULES}`);
});

describe('any order of concurrent runs, and of runs that crash', () => {
  it(
    `ends in a correct state for ${SCHEDULES} schedules`,
    async () => {
      expect(await failing(seedsFrom(SEED, SCHEDULES))).toEqual([]);
    },
    120_000 + SCHEDULES * 15_000,
  );
});
