/**
 * Concurrent runs, runs that crash, and a world that fails meanwhile, in orders that a seed decides. After each
 * schedule the runs of some days without failures must have corrected everything. SCHEDULES says how many schedules are
 * lived, SCHEDULE_SEED which ones: by default others in each run.
 */
import type { Store } from '../../lambda/domain/store';
import type { Verdict } from './oracle';
import { live } from './schedule';
import { seedFrom } from './seed';
import { Foundry } from './setting';

/** The number of schedules. */
export const SCHEDULES = Number(process.env['SCHEDULES'] ?? 3);
/** The seed that those of all schedules begin with. */
export const SEED = seedFrom('SCHEDULE_SEED');

/** The errors that must not occur. A run may repeat a message as often as it could not save that it had sent it. */
const problemsOf = (verdict: Verdict, disturbed: number): readonly string[] => [
  ...verdict.broken,
  ...verdict.wrongWrites.map((each) => `wrong: ${each}`),
  ...verdict.untrue.map((each) => `untrue: ${each}`),
  ...verdict.lost.map((each) => `lost: ${each}`),
  ...verdict.repeated.map((each) => `repeated: ${each}`),
  ...(verdict.mostDuplicates > disturbed ? [`said ${verdict.mostDuplicates} times again`] : []),
];

/** Those of the seeds whose schedules went wrong, and how. `open`: a table for each, by default one in memory. */
export async function failing(
  seeds: readonly string[],
  open?: () => Promise<Opened>,
): Promise<readonly object[]> {
  const foundry = await Foundry.open();
  const found: object[] = [];
  for (const seed of seeds) {
    const opened = await open?.();
    const { verdict, disturbed } = await live(seed, foundry, opened?.store);
    await opened?.close();
    const problems = problemsOf(verdict, disturbed);
    if (problems.length > 0) found.push({ seed, problems });
  }
  return found;
}

/** An empty table, by the code that is deployed. */
export interface Opened {
  readonly store: Store;
  readonly close: () => Promise<void>;
}
