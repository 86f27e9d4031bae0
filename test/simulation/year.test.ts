/** A fortnight of the soak: the whole year takes too long for `npm test`. */
import { describe, expect, it } from '@jest/globals';
import { Foundry } from './setting';
import { liveYear } from './year';

describe('a simulated fortnight', () => {
  it('loses no alert, raises no false one, and writes nothing wrong', async () => {
    const { verdict, runs } = await liveYear({ seed: 'fortnight', days: 14, foundry: await Foundry.open() });
    expect(verdict).toMatchObject({ lost: [], untrue: [], wrongWrites: [], broken: [], repeated: [] });
    expect(runs).toBeGreaterThanOrEqual(56);
    expect(verdict.messages).toBeGreaterThan(0);
  }, 120_000);
});
