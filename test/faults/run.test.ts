import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chainOf, show } from '../support/faults/hosts';
import { runAt } from '../support/faults/run';
import type { Machine } from '../support/faults/run';
import { Stage } from '../support/faults/stage';
import { suite } from '../support/faults/suite';
import { startWorld } from '../support/faults/world';
import type { World } from '../support/faults/world';

suite('Run');

const HOUR_MS = 3_600_000;

/** All that one of many runs, six hours apart, tells. */
async function eventsOf(stage: Stage, run: number): Promise<Machine['events']> {
  const [one] = await runAt(stage, new Date(stage.world.begin.getTime() + run * 6 * HOUR_MS));
  expect(one?.error).toBeNull();
  return (one?.messages ?? []).flatMap(({ events }) => events);
}

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

  /** The kinds of events in the messages of each run. */
  async function told(from: number, runs: number): Promise<readonly (readonly string[])[]> {
    const kinds: (readonly string[])[] = [];
    for (let run = from; run < from + runs; run += 1) {
      kinds.push((await eventsOf(stage, run)).map(({ eventType }) => eventType));
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

describe('edges that take turns', () => {
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

  it('are told once, and once that it is over: what was seen in seven days decides (fault 44)', async () => {
    const { drifting, next } = world;
    const told: string[] = [];
    for (let run = 0; run < 60; run += 1) {
      // For a week every second run meets the new edge, the last time in run 29.
      if (run >= 2 && run < 30 && run % 2 === 1) show(drifting, chainOf(next), [next.top.thumbprint]);
      else show(drifting, chainOf(drifting.usual));
      for (const { eventType, issuer } of await eventsOf(stage, run)) {
        const isNews = eventType === 'drift.firing' || eventType === 'drift.resolved';
        if (issuer === drifting.issuer && isNews) told.push(`${run} ${eventType}`);
      }
    }
    // Told at once, since it breaks every login. Run 29 is the last that meets it, and 28 runs later it counts no more.
    expect(told).toEqual(['3 drift.firing', '58 drift.resolved']);
  });
});
