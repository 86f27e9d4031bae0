/** Memory with Node as Lambda starts it. P8. */
import { productFinds } from '../judges';
import { measure } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Bench, Scenario } from '../scenario';
import { median } from '../statistics';

/** The smallest that Lambda sells. */
const LAMBDA_MB = 128;
const ROUNDS = 3;

/** After one cold and two warm runs. */
export const memory: Scenario = async (bench) => {
  await bench.world.setRtt(FAR_RTT);
  const one = await resident(bench, 1);
  const many = await resident(bench, 700);
  return {
    verdicts: [
      { goal: 'P8', words: '700 orgs, resident at most', limit: LAMBDA_MB, measured: many, unit: 'MB' },
      {
        goal: 'P8',
        words: '700 orgs, resident at most, of 1 org',
        limit: 1.6,
        measured: many / one,
        unit: 'x',
      },
    ],
  };
};

async function resident(bench: Bench, orgs: number): Promise<number> {
  bench.say(`memory, ${orgs} orgs`);
  const account = await primedAccount(bench, 'plain', orgs);
  const subject = {
    bundle: bench.product,
    judge: productFinds(account, 'in-sync'),
    warm: 2,
    lambdaMb: LAMBDA_MB,
  };
  const most: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    most.push((await measure(bench, account, subject)).memoryMb);
  return median(most);
}
