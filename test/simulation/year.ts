/** A year of the monitor, every six hours, in a world whose certificates, keys, people and outages change. */
import { Climate } from './climate';
import { INCIDENTS } from './incidents';
import type { Verdict } from './oracle';
import { randomFrom } from '../support/random';
import type { Random } from '../support/random';
import { configOf, everywhere, HOSTS, newWorld } from './setting';
import type { Foundry } from './setting';
import { Simulation } from './simulation';
import { MemoryTable } from './table';
import type { World } from './world';

const MINUTE_MS = 60_000;
const STEP_MS = 6 * 60 * MINUTE_MS;
const DAY_MS = 86_400_000;
const STEPS_A_YEAR = 1_460;

/** The settings of a simulated year. */
export interface YearOptions {
  readonly seed: string;
  readonly days: number;
  readonly foundry: Foundry;
  /** Called after each step. */
  readonly onStep?: () => void;
}

/** How it went. */
export interface Year {
  readonly verdict: Verdict;
  /** Invocations: scheduled, retried, concurrent, and audits. */
  readonly runs: number;
  readonly failed: number;
  readonly killed: number;
  /** Of certificates, lists, providers, audiences and keys. */
  readonly changes: number;
}

/** Simulates a year. In its first half nothing is updated, in its second half guarded updates are on. */
export async function liveYear({
  seed,
  days,
  foundry,
  onStep = () => undefined,
}: YearOptions): Promise<Year> {
  const random = randomFrom(seed);
  const world = await newWorld(foundry, 120);
  const climate = new Climate(world, random.fork('climate'));
  const begin = world.now;
  const isLate = (): boolean => world.now - begin > (days * DAY_MS) / 2;
  const config = (): object => configOf(foundry, isLate() ? 'guarded' : 'off', climate.accept);
  const simulation = new Simulation(world, new MemoryTable().store, config, random);
  const ends = { completed: 0, failed: 0, killed: 0, running: 0 };
  for (let at = begin; at < begin + days * DAY_MS; at += STEP_MS) {
    world.now = at;
    await happen(world, random, foundry);
    const weather = climate.next();
    let runs = companyOf(random);
    for (let attempt = 0; attempt < 3 && runs.length > 0; attempt += 1) {
      const deaths = random.chance(0.02)
        ? [{ run: simulation.nameOf(0), at: /./, nth: random.between(1, 45), made: random.chance(0.5) }]
        : [];
      const begun = await simulation.step({ runs, weather, deaths });
      for (const { end } of begun) ends[end] += 1;
      // Lambda repeats what failed, twice.
      runs = begun.flatMap(({ end, action }) =>
        end !== 'completed' && action === 'monitor' ? [action] : [],
      );
      world.now += MINUTE_MS;
    }
    onStep();
  }
  const { completed, failed, killed } = ends;
  return {
    verdict: simulation.oracle.verdict,
    runs: completed + failed + killed,
    failed,
    killed,
    changes: world.changes,
  };
}

function companyOf(random: Random): ('monitor' | 'audit')[] {
  const chance = random.next();
  if (chance < 0.03) return ['monitor', 'monitor'];
  return chance < 0.06 ? ['monitor', 'audit'] : ['monitor'];
}

async function happen(world: World, random: Random, foundry: Foundry): Promise<void> {
  for (const [times, incident] of INCIDENTS)
    if (random.chance(times / STEPS_A_YEAR)) await incident({ world, random, foundry });
  for (const host of HOSTS) {
    const edges = world.hosts.get(host)?.edges ?? [];
    const [first] = edges;
    // People who forget to renew remember it in the end.
    const isUrgent = edges.some(({ chain }) => chain.notAfter - world.now < 3 * DAY_MS);
    if (first === undefined || !isUrgent) continue;
    const number = [0, 1, 2].find(
      (each) => foundry.authority(host, each).intermediate.thumbprint === first.chain.top,
    );
    world.serve(host, {
      edges: everywhere(await foundry.issue(host, number ?? 0, world.now, random.between(60, 400))),
    });
  }
}
