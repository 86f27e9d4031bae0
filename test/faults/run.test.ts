import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAt } from '../support/faults/run';
import { Stage } from '../support/faults/stage';
import { suite } from '../support/faults/suite';
import { startWorld } from '../support/faults/world';
import type { World } from '../support/faults/world';

suite('Run');

const HOUR_MS = 3_600_000;

describe('over several runs', () => {
  let world: World;
  let stage: Stage;

  beforeAll(async () => {
    world = await startWorld();
    stage = await Stage.open(world, 'off');
  });
  afterAll(async () => {
    await stage.close();
    await world.close();
  });

  /** The kinds of events in the messages of runs, six hours apart. */
  async function told(from: number, runs: number): Promise<readonly (readonly string[])[]> {
    const kinds: (readonly string[])[] = [];
    for (let run = from; run < from + runs; run += 1) {
      const [one] = await runAt(stage, new Date(world.begin.getTime() + run * 6 * HOUR_MS));
      expect(one?.error).toBeNull();
      kinds.push((one?.messages ?? []).flatMap(({ events }) => events.map(({ eventType }) => eventType)));
    }
    return kinds;
  }

  it('tells what the first run finds in one message (fault 39)', async () => {
    expect(await told(0, 2)).toEqual([expect.arrayContaining(['drift.firing']), []]);
  });

  it('tells once that nothing can be checked, when three runs have seen nothing, and then that it is over (fault 40)', async () => {
    for (const { name } of world.hosts) world.names.set(name, 'nxdomain');
    expect(await told(2, 4)).toEqual([[], [], Array(3).fill('unknown.firing'), []]);
    await stage.heal();
    expect((await told(6, 3)).flat()).toEqual(expect.arrayContaining(Array(3).fill('unknown.resolved')));
  });
});
