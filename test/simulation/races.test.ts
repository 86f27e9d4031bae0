/** Orders of two concurrent runs that went wrong, or nearly. `one` and `two` are runs; each script gives the order. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { calm } from './faults';
import { everywhere } from './setting';
import { Foundry, SITES, configOf, newWorld } from './setting';
import { randomFrom } from '../support/random';
import type { Script } from './scheduler';
import { Simulation } from './simulation';
import { MemoryTable } from './table';
import type { World } from './world';

const STEP_MS = 6 * 3_600_000;
const [SITE] = SITES;

let foundry: Foundry;

beforeAll(async () => {
  foundry = await Foundry.open();
});

interface Stage {
  readonly world: World;
  readonly simulation: Simulation;
  readonly quietly: (runs: number) => Promise<void>;
}

async function stage(update: 'off' | 'guarded' = 'off'): Promise<Stage> {
  const world = await newWorld(foundry, 400);
  const simulation = new Simulation(
    world,
    new MemoryTable().store,
    () => configOf(foundry, update),
    randomFrom('race'),
  );
  const quietly = async (runs: number): Promise<void> => {
    for (let run = 0; run < runs; run += 1) {
      await simulation.step({ runs: ['monitor'], weather: calm, deaths: [] });
      world.now += STEP_MS;
    }
  };
  return { world, simulation, quietly };
}

/** The world before a run that will update the list of one site, and no other. */
async function beforeUpdate(): Promise<Stage> {
  const ready = await stage('guarded');
  const { world, quietly } = ready;
  await quietly(2);
  world.serve(SITE.host, { edges: everywhere(await foundry.issue(SITE.host, 1, world.now, 400)) });
  await quietly(4);
  return ready;
}

/** Two concurrent runs, and three undisturbed ones after them. */
async function race(
  { simulation, quietly }: Stage,
  script: (one: string, two: string) => Script,
  deed?: () => void,
): Promise<void> {
  await simulation.step({
    runs: ['monitor', 'monitor'],
    weather: calm,
    deaths: [],
    script: script(simulation.nameOf(0), simulation.nameOf(1)),
    ...(deed === undefined ? {} : { deed }),
  });
  await quietly(3);
}

const NOT_LOADING = /^(?!load)/;
const NOT_WRITING = /^(?!update)/;
const ALL = /./;
const CLEAN = { lost: [], untrue: [], wrongWrites: [], broken: [], repeated: [] };

describe('two concurrent runs', () => {
  it('do not report stale data as a change, if the other has updated the list meanwhile', async () => {
    const ready = await beforeUpdate();
    await race(ready, (one, two) => [
      [two, NOT_LOADING],
      [one, ALL],
      [two, ALL],
    ]);
    expect(ready.simulation.oracle.verdict).toMatchObject({ ...CLEAN, writes: 2 });
  });

  it('do not report stale data as a change, if the other has reported a new provider meanwhile', async () => {
    const ready = await stage();
    const { world } = ready;
    const { arn } = SITES[1];
    const provider = world.providers.get(arn) ?? { thumbprints: [], audiences: [] };
    world.remove(arn);
    await ready.quietly(2);
    const create = (): void => {
      world.create(arn, provider);
    };
    await race(
      ready,
      (one, two) => [
        [two, NOT_LOADING],
        ['people', ALL],
        [one, ALL],
        [two, ALL],
      ],
      create,
    );
    expect(ready.simulation.oracle.verdict).toMatchObject(CLEAN);
  });

  it('do not touch an update that the other has begun', async () => {
    const ready = await beforeUpdate();
    await race(ready, (one, two) => [
      [one, NOT_WRITING],
      [two, ALL],
      [one, ALL],
    ]);
    expect(ready.simulation.oracle.verdict).toMatchObject({ ...CLEAN, writes: 2 });
  });
});
