/** Memory with Node as Lambda starts it. P8. */
import { productFinds, requestsFind } from '../judges';
import { measure } from '../measure';
import { buildPeer } from '../peers/build';
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
  const requests = buildPeer(bench, 'requests');
  const one = await resident(bench, 1, requests);
  const many = await resident(bench, 700, requests);
  return {
    verdicts: [
      {
        goal: 'P8',
        words: '700 orgs, resident at most',
        limit: LAMBDA_MB,
        measured: many.product,
        requests: many.requests,
        unit: 'MB',
      },
      {
        goal: 'P8',
        words: '700 orgs, resident at most, of 1 org',
        limit: 1.6,
        measured: many.product / one.product,
        requests: many.requests / one.requests,
        unit: 'x',
      },
    ],
  };
};

interface Resident {
  readonly product: number;
  readonly requests: number;
}

async function resident(bench: Bench, orgs: number, requests: string): Promise<Resident> {
  bench.say(`memory, ${orgs} orgs`);
  const account = await primedAccount(bench, 'plain', orgs);
  const lives = { warm: 2, lambdaMb: LAMBDA_MB };
  const product = { bundle: bench.product, judge: productFinds(account, 'in-sync'), ...lives };
  const alone = { bundle: requests, judge: requestsFind(account), ...lives };
  const most: Record<keyof Resident, number[]> = { product: [], requests: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    most.product.push((await measure(bench, account, product)).memoryMb);
    most.requests.push((await measure(bench, account, alone)).memoryMb);
  }
  return { product: median(most.product), requests: median(most.requests) };
}
