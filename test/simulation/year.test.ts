/** A fortnight of the soak: the whole year takes too long for `npm test`. YEAR_SEED repeats one. */
import { describe, expect, it } from '@jest/globals';
import { saySeed, seedFrom } from './seed';
import { Foundry } from './setting';
import { liveYear } from './year';

describe('a simulated fortnight', () => {
  it('loses no alert, raises no false one, and writes nothing wrong', async () => {
    const seed = seedFrom('YEAR_SEED');
    saySeed(`fortnight: YEAR_SEED=${seed}`);
    const { verdict, runs } = await liveYear({ seed, days: 14, foundry: await Foundry.open() });
    expect(verdict).toMatchObject({ lost: [], untrue: [], wrongWrites: [], broken: [], repeated: [] });
    expect(runs).toBeGreaterThanOrEqual(56);
    expect(verdict.messages).toBeGreaterThan(0);
  }, 120_000);
});
