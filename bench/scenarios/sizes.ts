/** Which memory size pays: time and price of a container's first run, with as much processor as Lambda gives. */
import { confine } from '../confined';
import { table } from '../goals';
import { productFinds } from '../judges';
import { WrongAnswer, measure } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Bench } from '../scenario';
import { median } from '../statistics';
import type { BenchAccount } from '../world';

/** The memory size of the template. */
const DEFAULT_MB = 512;
const SIZES = [128, 256, DEFAULT_MB, 1_024, 1_769] as const;
const ORGS = [1, 100, 700] as const;
const ROUNDS = 3;

/** One memory size. `ms`: of the handler; null: it was killed, or too slow at the processor for a right answer. */
export interface Sized {
  readonly orgs: number;
  readonly megabytes: number;
  readonly ms: number | null;
}

/** Null if functions cannot be confined. */
export async function sizes(bench: Bench): Promise<readonly Sized[] | null> {
  await bench.world.setRtt(FAR_RTT);
  const sized: Sized[] = [];
  for (const orgs of ORGS) {
    const account = await primedAccount(bench, 'plain', orgs);
    for (const megabytes of SIZES) {
      bench.say(`${megabytes} MB, ${orgs} orgs`);
      const ms = await timeConfined(bench, account, megabytes);
      if (ms === undefined) return null;
      sized.push({ orgs, megabytes, ms });
    }
  }
  return sized;
}

/** Undefined: it could not be confined. */
async function timeConfined(
  bench: Bench,
  account: BenchAccount,
  megabytes: number,
): Promise<number | null | undefined> {
  const confined = confine(bench, megabytes);
  if (confined === null) return undefined;
  const subject = {
    bundle: bench.product,
    judge: productFinds(account, 'in-sync'),
    lambdaMb: megabytes,
  };
  const took: number[] = [];
  try {
    for (let round = 0; round < (account.orgs > 100 ? 1 : ROUNDS); round += 1)
      took.push((await measure({ ...bench, node: confined.node }, account, subject)).cold.handlerMs);
    return median(took);
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    bench.say(error.message.slice(0, 300));
    return null;
  } finally {
    confined.release();
  }
}

/** Times and prices as multiples of those at the default size. */
export function sizesTable(sized: readonly Sized[] | null): string {
  if (sized === null) return 'Memory sizes were not measured: control groups need root.';
  const rows = ORGS.flatMap((orgs) => {
    const of = (megabytes: number): number | null =>
      sized.find((each) => each.orgs === orgs && each.megabytes === megabytes)?.ms ?? null;
    const standard = of(DEFAULT_MB);
    const ratio = (megabytes: number, weight: number): string => {
      const ms = of(megabytes);
      return ms === null || standard === null ? 'fails' : ((ms / standard) * weight).toFixed(2);
    };
    return [
      [`${orgs} orgs: time`, ...SIZES.map((megabytes) => ratio(megabytes, 1))],
      ['price', ...SIZES.map((megabytes) => ratio(megabytes, megabytes / DEFAULT_MB))],
    ];
  });
  return table([[`of ${DEFAULT_MB} MB`, ...SIZES.map((megabytes) => `${megabytes} MB`)], ...rows]);
}
