/** A rotation between two warm runs, many addresses, a drift: P10 to P12. */
import type { Verdict } from '../goals';
import { productFinds, reportFinds } from '../judges';
import { measure, openSubject } from '../measure';
import type { Judge } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Bench, Scenario } from '../scenario';
import { median } from '../statistics';
import type { BenchAccount } from '../world';

const ROUNDS = 7;

/** Differences and ratios between runs in turn. */
export const events: Scenario = async (bench) => {
  const rtt = await bench.world.setRtt(FAR_RTT);
  return { verdicts: [await manyAddresses(bench), await drift(bench, rtt), await rotation(bench)] };
};

/** An account for a round, and its right answer. */
type Contender = () => Promise<readonly [BenchAccount, Judge]>;

/** Medians of first runs, one contender after the other in each round. */
async function inTurn(bench: Bench, contenders: readonly Contender[]): Promise<readonly number[]> {
  const took = contenders.map((): number[] => []);
  for (let round = 0; round < (bench.quick ? 3 : ROUNDS); round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const [account, judge] = await contender();
      const { cold } = await measure(bench, account, { bundle: bench.product, judge });
      took[index]?.push(cold.handlerMs);
    }
  }
  return took.map(median);
}

async function manyAddresses(bench: Bench): Promise<Verdict> {
  const verdict = {
    goal: 'P11',
    words: '4 addresses x 2 key types, of 1 x 1',
    limit: 1.4,
    unit: 'x',
  } as const;
  if (!bench.world.has('edges')) {
    return { ...verdict, measured: null, note: 'not measured: this machine has one loopback address' };
  }
  bench.say(verdict.words);
  const many = await primedAccount(bench, 'edges', 1);
  const one = await primedAccount(bench, 'one-key', 1);
  const [wide = NaN, narrow = NaN] = await inTurn(bench, [
    () => Promise.resolve([many, productFinds(many, 'in-sync')]),
    () => Promise.resolve([one, productFinds(one, 'in-sync')]),
  ]);
  return { ...verdict, measured: wide / narrow };
}

async function drift(bench: Bench, rtt: number): Promise<Verdict> {
  const words = 'a run that tells of a drift, more than one that does not';
  bench.say(words);
  // Once a drift is alerted, the state has it: each round has an account without an earlier run.
  const stale: Contender = async () => {
    const account = await bench.world.account('plain', 1, 'stale');
    return [account, productFinds(account, 'drifted')];
  };
  const quiet = await primedAccount(bench, 'plain', 1);
  const [telling = NaN, silent = NaN] = await inTurn(bench, [
    stale,
    () => Promise.resolve([quiet, productFinds(quiet, 'in-sync')]),
  ]);
  return { goal: 'P12', words, limit: 5, measured: (telling - silent) / rtt, unit: 'RTT' };
}

/** Runs last: the issuer serves other certificates from then on. */
async function rotation(bench: Bench): Promise<Verdict> {
  const words = 'rotations between two warm runs that the second did not see';
  bench.say(words);
  const before = await primedAccount(bench, 'plain', 10);
  const monitor = await openSubject(bench, before, { bundle: bench.product, judge: () => null });
  const ask = async (judge: Judge): Promise<boolean> => {
    await bench.world.count();
    const invocation = await monitor.invoke({ action: 'monitor' });
    const report = invocation.ok ? reportIn(invocation.payload) : null;
    return judge(report, await bench.world.count()) === null;
  };
  try {
    const first = await ask(reportFinds(before, 'in-sync'));
    await bench.world.rotate('plain');
    const { thumbprints } = await bench.world.account('plain', 0);
    const second = await ask(reportFinds({ ...before, thumbprints }, 'drifted'));
    return { goal: 'P10', words, limit: 0, measured: first && second ? 0 : 1, unit: '' };
  } finally {
    await monitor.stop();
  }
}

const reportIn = (payload: unknown): unknown =>
  typeof payload === 'object' && payload !== null && 'report' in payload ? payload.report : null;
