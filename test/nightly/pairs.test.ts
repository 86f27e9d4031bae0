/** Faults two at a time: for every pair the invariants hold. FAULT_PAIRS and FAULT_SEED choose how many, and which. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { titleOf } from '../support/faults/fault';
import { drawPairs } from '../support/faults/pairs';
import type { Pair } from '../support/faults/pairs';
import { play } from '../support/faults/story';
import { startWorld } from '../support/faults/world';
import type { World } from '../support/faults/world';
import { violations } from '../support/invariants';

const COUNT = Number(process.env['FAULT_PAIRS'] ?? 50);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
/** Memory that the first pairs allocate for good is no growth. */
const WARM = 10;
const MAX_GROWTH_MIB = 64;

jest.setTimeout(120_000);

const nameOf = ({ acts, update }: Pair): string =>
  `${acts.map(({ fault, place }) => `${titleOf(fault)} (${place})`).join(' + ')}, updates ${update}`;

/** In MiB, after garbage collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed / 2 ** 20;
}

describe(`${COUNT} pairs of faults, FAULT_SEED=${SEED}`, () => {
  let world: World;
  let warm = Infinity;
  let played = 0;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  const pairs = drawPairs(COUNT, SEED).map((pair, index) => [index + 1, nameOf(pair), pair] as const);

  it.each(pairs)('pair %d: %s', async (_, __, { acts, update }) => {
    const placed = acts.map(({ fault, place }) => ({ fault, victim: world[place] }));
    expect(violations(await play(world, placed, { update }))).toEqual([]);
    played += 1;
    if (played === WARM) warm = heap();
  });

  const ifGrown = COUNT > WARM ? it : it.skip;
  ifGrown('leave memory as it was', () => {
    expect(heap() - warm).toBeLessThan(MAX_GROWTH_MIB);
  });
});
