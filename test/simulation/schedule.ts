/** One schedule: a history, an incident, a disturbance, and some undisturbed days that must correct everything. */
import type { Store } from '../../lambda/domain/store';
import { calm } from './faults';
import type { Fault, Weather } from './faults';
import { INCIDENTS, rotate } from './incidents';
import type { Incident } from './incidents';
import type { Verdict } from './oracle';
import { randomFrom } from '../support/random';
import type { Random } from '../support/random';
import type { Death } from './scheduler';
import { configOf, newWorld } from './setting';
import type { Foundry } from './setting';
import { Simulation } from './simulation';
import { MemoryTable } from './table';
import type { World } from './world';

const MINUTE_MS = 60_000;
const STEP_MS = 6 * 60 * MINUTE_MS;

/** How it went. `disturbed`: how many times a run may have sent messages without being able to save it. */
export interface Lived {
  readonly verdict: Verdict;
  readonly disturbed: number;
}

/** Runs the schedule of a seed. */
export async function live(
  seed: string,
  foundry: Foundry,
  store: Store = new MemoryTable().store,
): Promise<Lived> {
  const random = randomFrom(seed);
  const world = await newWorld(foundry, random.between(25, 400));
  const update = random.pick<'off' | 'guarded'>(['off', 'guarded']);
  const simulation = new Simulation(world, store, () => configOf(foundry, update), random);
  const happen = async (amount: number): Promise<void> => {
    for (let index = 0; index < amount; index += 1) await incidentOf(random)({ world, random, foundry });
  };
  const quietly = async (runs: number): Promise<void> => {
    for (let index = 0; index < runs; index += 1) {
      await simulation.step({ runs: ['monitor'], weather: calm, deaths: [] });
      world.now += STEP_MS;
    }
  };
  await quietly(random.between(0, 3));
  await happen(random.between(0, 2));
  await quietly(random.between(0, 6));
  // Updates are made when the hold-down is over, so that some of the disturbances meet one.
  if (update === 'guarded' && random.chance(0.6)) {
    await rotate({ world, random, foundry });
    await quietly(4);
  }
  let disturbed = 0;
  for (let index = random.between(1, 2); index > 0; index -= 1) {
    await happen(random.between(0, 2));
    disturbed += await disturb(simulation, world, random);
    world.now += STEP_MS;
  }
  await happen(random.between(0, 1));
  await quietly(5);
  return { verdict: simulation.oracle.verdict, disturbed };
}

function incidentOf(random: Random): Incident {
  const [first, ...others] = INCIDENTS.map(([, incident]) => incident);
  return first === undefined ? () => undefined : random.pick([first, ...others]);
}

type Runs = readonly ('monitor' | 'audit')[];
const COMPANY: readonly [Runs, ...Runs[]] = [
  ['monitor'],
  ['monitor', 'monitor'],
  ['monitor', 'audit'],
  ['monitor', 'monitor', 'audit'],
];

/** One bad step, and the retries that Lambda makes of what failed. */
async function disturb(simulation: Simulation, world: World, random: Random): Promise<number> {
  let runs: Runs = random.pick(COMPANY);
  let disturbed = 0;
  for (let attempt = 0; attempt < 3 && runs.length > 0; attempt += 1) {
    const bad = random.chance(0.5) ? badWeather(random) : { weather: calm, hits: () => 0 };
    const deaths = random.chance(0.5) ? [deathOf(simulation.nameOf(0), random)] : [];
    const begun = await simulation.step({ runs, weather: bad.weather, deaths });
    const failed = begun.filter(({ end }) => end === 'failed' || end === 'killed');
    disturbed += begun.length - 1 + failed.length + bad.hits();
    runs = failed.filter(({ action }) => action === 'monitor').map(() => 'monitor');
    world.now += MINUTE_MS;
  }
  return disturbed;
}

const VITAL = /^(publish|save|update)/;

const deathOf = (run: string, random: Random): Death =>
  random.chance(0.6)
    ? { run, at: VITAL, nth: random.between(1, 8), made: random.chance(0.5) }
    : { run, at: /./, nth: random.between(1, 60), made: random.chance(0.5) };

const FAULTS: readonly [Fault, ...Fault[]] = ['fails', 'unanswered', 'contested', 'partly'];

/** The same call meets the same fault, whenever it is made. */
function badWeather(random: Random): { readonly weather: Weather; readonly hits: () => number } {
  const likely = random.pick([0.02, 0.1, 0.3]);
  let hits = 0;
  const weather: Weather = (call) => {
    const own = random.fork(call);
    if (!own.chance(likely)) return null;
    hits += 1;
    return own.pick(FAULTS);
  };
  return { weather, hits: () => hits };
}
