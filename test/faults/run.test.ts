import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chainOf, show } from '../support/faults/hosts';
import { runAt } from '../support/faults/run';
import type { Machine } from '../support/faults/run';
import { SceneError, Stage } from '../support/faults/stage';
import { suite } from '../support/faults/suite';
import { startWorld } from '../support/faults/world';

suite('Run');

const HOUR_MS = 3_600_000;

/** All that a run tells, so many hours after the beginning. */
async function eventsAt(stage: Stage, hours: number): Promise<Machine['events']> {
  const [one] = await runAt(stage, new Date(stage.world.begin.getTime() + hours * HOUR_MS));
  expect(one?.error).toBeNull();
  return (one?.messages ?? []).flatMap(({ events }) => events);
}

/** A world with one stage for all tests of a describe. */
function staged(): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.open(await startWorld(), 'off');
  });
  afterAll(async () => {
    await stage?.close();
    await stage?.world.close();
  });
  return () => {
    if (stage === undefined) throw new SceneError('There is no stage before the first test.');
    return stage;
  };
}

describe('over several runs', () => {
  const stageNow = staged();

  /** The kinds of events in the messages of each run, six hours apart. */
  async function told(from: number, runs: number): Promise<readonly (readonly string[])[]> {
    const kinds: (readonly string[])[] = [];
    for (let run = from; run < from + runs; run += 1) {
      kinds.push((await eventsAt(stageNow(), run * 6)).map(({ eventType }) => eventType));
    }
    return kinds;
  }

  it('tells what the first run finds in one message (fault 39)', async () => {
    expect(await told(0, 2)).toEqual([expect.arrayContaining(['drift.firing']), []]);
  });

  it('tells once that nothing can be checked, when three runs have seen nothing, and then that it is over (fault 40)', async () => {
    const { hosts, names } = stageNow().world;
    for (const { name } of hosts) names.set(name, 'nxdomain');
    expect(await told(2, 4)).toEqual([[], [], Array(3).fill('unknown.firing'), []]);
    await stageNow().heal();
    expect((await told(6, 3)).flat()).toEqual(expect.arrayContaining(Array(3).fill('unknown.resolved')));
  });
});

describe('edges that take turns', () => {
  const stageNow = staged();

  it('are told once, and once that it is over: what was seen in seven days decides (fault 44)', async () => {
    const { drifting, next } = stageNow().world;
    const told: string[] = [];
    for (let day = 0; day < 17; day += 1) {
      // Every second day meets the new edge, day 7 the last time.
      if (day >= 2 && day < 8 && day % 2 === 1) show(drifting, chainOf(next), [next.top.thumbprint]);
      else show(drifting, chainOf(drifting.usual));
      for (const { eventType, issuer } of await eventsAt(stageNow(), day * 24)) {
        const isNews = eventType === 'drift.firing' || eventType === 'drift.resolved';
        if (issuer === drifting.issuer && isNews) told.push(`${day} ${eventType}`);
      }
    }
    // Told at once, since it breaks every login. On day 14 it was met seven days ago, which still counts.
    expect(told).toEqual(['3 drift.firing', '15 drift.resolved']);
  });
});
