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

describe('faults over several runs', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  /** Begins with an account that no run has audited. */
  const scene = (play: (stage: Stage) => Promise<void>) => async (): Promise<void> => {
    const stage = await Stage.open(world, 'off');
    try {
      await stage.remember(new Map());
      await play(stage);
    } finally {
      await stage.close();
    }
  };

  /** All events that a run sends, so many hours after the beginning. */
  async function eventsAt(stage: Stage, hours: number): Promise<Machine['events']> {
    const [one] = await runAt(stage, new Date(world.begin.getTime() + hours * HOUR_MS));
    expect(one?.error).toBeNull();
    return (one?.messages ?? []).flatMap(({ events }) => events);
  }

  /** The kinds of events in the messages of each run, six hours apart. */
  async function told(stage: Stage, from: number, runs: number): Promise<readonly (readonly string[])[]> {
    const kinds: (readonly string[])[] = [];
    for (let run = from; run < from + runs; run += 1) {
      kinds.push((await eventsAt(stage, run * 6)).map(({ eventType }) => eventType));
    }
    return kinds;
  }

  it(
    'findings of the first run are alerted in one message (fault 39)',
    scene(async (stage) => {
      expect(await told(stage, 0, 2)).toEqual([expect.arrayContaining(['drift.firing']), []]);
    }),
  );

  it(
    'a failure of every check is alerted once, after three runs, and then its resolution (fault 40)',
    scene(async (stage) => {
      await told(stage, 0, 2);
      for (const { name } of world.hosts) world.names.set(name, 'nxdomain');
      expect(await told(stage, 2, 4)).toEqual([[], [], Array(3).fill('unknown.firing'), []]);
      await stage.heal();
      const after = (await told(stage, 6, 3)).flat();
      expect(after).toEqual(expect.arrayContaining(Array(3).fill('unknown.resolved')));
    }),
  );

  it(
    'alternating edges are alerted once, and once at the resolution: what was served in seven days decides (fault 44)',
    scene(async (stage) => {
      const { drifting, next } = world;
      const news: string[] = [];
      for (let day = 0; day < 17; day += 1) {
        // Every second day a run collects the new edge, day 7 the last time.
        if (day >= 2 && day < 8 && day % 2 === 1) show(drifting, chainOf(next), [next.top.thumbprint]);
        else show(drifting, chainOf(drifting.usual));
        for (const { eventType, issuer } of await eventsAt(stage, day * 24)) {
          const isNews = eventType === 'drift.firing' || eventType === 'drift.resolved';
          if (issuer === drifting.issuer && isNews) news.push(`${day} ${eventType}`);
        }
      }
      // Alerted at once, since it breaks every login. On day 14 it was collected seven days ago, which still counts.
      expect(news).toEqual(['3 drift.firing', '15 drift.resolved']);
    }),
  );
});
