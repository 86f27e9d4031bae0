/** A story: no findings, then faults in the very run that must send an alert, then none again. */
import type { AwsLimits } from '../../../lambda/adapters/aws-limits';
import type { Fault } from './fault';
import type { WatchedHost } from './hosts';
import { runAt } from './run';
import type { Run } from './run';
import { unmet } from './row';
import { SceneError, Stage } from './stage';
import type { World } from './world';

/** A fault and its target. */
export interface Act {
  readonly fault: Fault;
  readonly victim: WatchedHost;
}

/** The result. */
export interface Story {
  readonly world: World;
  readonly acts: readonly Act[];
  /** Oldest first, without the one that found no problem. */
  readonly runs: readonly Run[];
  /** What the row of a single fault expects, and what did not happen. */
  readonly unmet: readonly string[];
  /** Sockets, timers and handles that were not there before. */
  readonly leaks: readonly string[];
}

const HOUR_MS = 3_600_000;
/** The subscriptions are counted once a day, so the fault comes after one. */
const FAULT_HOURS = 25;
const CALM_HOURS = [31, 37];

/** Plays it once. */
export async function play(
  world: World,
  acts: readonly Act[],
  {
    update = 'off',
    limits = {},
  }: { readonly update?: Stage['update']; readonly limits?: Partial<AwsLimits> } = {},
): Promise<Story> {
  await rememberFirstRun(world);
  const before = resources();
  const stage = await Stage.open(world, update);
  const { runs, problems } = await perform(stage, acts, limits).finally(() => stage.close());
  return { world, acts, runs, unmet: problems, leaks: await leaksSince(before) };
}

/** The run that the faults meet, and those after it. */
async function perform(
  stage: Stage,
  acts: readonly Act[],
  limits: Partial<AwsLimits>,
): Promise<{ readonly runs: readonly Run[]; readonly problems: readonly string[] }> {
  const { begin, remembered } = stage.world;
  const at = (hours: number): Date => new Date(begin.getTime() + hours * HOUR_MS);
  await stage.remember(remembered ?? new Map());
  stage.rotate();
  for (const { fault, victim } of acts) {
    stage.victim = victim;
    stage.settings.silent ??= fault.silent ?? null;
    await fault.inject(stage);
  }
  const faulted = [...(await runAt(stage, at(FAULT_HOURS), limits))];
  const problems = acts.length === 1 ? acts.flatMap((act) => unmet(act, faulted, stage)) : [];
  // Lambda invokes again what failed.
  if (faulted.some(({ error }) => error !== null))
    faulted.push(...(await runAt(stage, at(FAULT_HOURS), limits)));
  await stage.heal();
  const runs = [...faulted];
  for (const hours of CALM_HOURS) {
    // One more if the last one still had something to send.
    if (runs.length === faulted.length || runs.at(-1)?.messages.length !== 0)
      runs.push(...(await runAt(stage, at(hours))));
  }
  return { runs, problems };
}

/** The first run is alike for all: it is made once, and its items are put back for each story. */
async function rememberFirstRun(world: World): Promise<void> {
  if (world.remembered !== null) return;
  const stage = await Stage.open(world, 'off');
  try {
    const [run] = await runAt(stage, world.begin);
    if (run === undefined || run.report === null)
      throw new SceneError('The first run failed.', { cause: run?.error });
    world.remembered = await stage.items();
  } finally {
    await stage.close();
  }
}

const resources = (): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

/** What is being closed takes some turns of the event loop, on a busy machine a second; idle connections end after five. */
const CLOSING_MS = 4_000;

async function leaksSince(before: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const leaks = (): readonly string[] =>
    [...resources()].flatMap(([kind, count]) => {
      const more = count - (before.get(kind) ?? 0);
      return more > 0 ? [`${more} more of ${kind}`] : [];
    });
  const begin = performance.now();
  while (leaks().length > 0 && performance.now() - begin < CLOSING_MS) {
    await new Promise((resolve) => setTimeout(resolve, 5).unref());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return leaks();
}
