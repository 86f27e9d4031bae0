/** The tests of one group: each fault once, as a whole run, with its row and the invariants. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { violations } from '../invariants';
import { CATALOGUE, distinctFaults } from './catalogue';
import type { Fault, Group } from './fault';
import { titleOf } from './fault';
import { play } from './story';
import { startWorld } from './world';
import type { World, WorldOptions } from './world';

/** A busy machine takes its time. */
const PATIENCE_MS = 120_000;

/** Registers them. `faults`: of the group, by default one for each expectation of a row. */
export function suite(
  group: Group,
  {
    name = group,
    faults = distinctFaults(CATALOGUE[group]),
    isThere = true,
    ...options
  }: Partial<SuiteOptions> = {},
): void {
  jest.setTimeout(PATIENCE_MS);
  const where = isThere ? describe : describe.skip;
  where(`faults, ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(options);
    });
    afterAll(() => world.close());

    it.each(faults.map((fault) => [titleOf(fault), fault] as const))('%s', async (_, fault) => {
      const victim = fault.victim === 'drifting' ? world.drifting : world.one;
      const update = fault.update === true ? 'guarded' : 'off';
      const story = await play(world, [{ fault, victim }], { update });
      expect([...story.unmet, ...violations(story)]).toEqual([]);
    });
  });
}

interface SuiteOptions extends WorldOptions {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Whether what it needs is on the machine; without it the tests are skipped. */
  readonly isThere: boolean;
}
