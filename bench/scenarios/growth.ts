/** N orgs on one host, far away: the product beside the naive way, in turn. P1 to P5. */
import { growthVerdicts } from '../growth-goals';
import type { Growth } from '../growth-goals';
import { naiveFinds, productFinds, requestsFind } from '../judges';
import { measure } from '../measure';
import { buildPeer } from '../peers/build';
import type { Life } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Scenario } from '../scenario';
import type { BenchAccount } from '../world';

/** How many of each: a naive run of 100 takes 460 round trips, one of 700 a minute and a half. */
interface Plan {
  readonly orgs: number;
  readonly product: number;
  readonly naive: number;
}

const FULL: readonly Plan[] = [
  { orgs: 1, product: 7, naive: 5 },
  { orgs: 10, product: 7, naive: 3 },
  { orgs: 100, product: 7, naive: 2 },
  { orgs: 700, product: 3, naive: 0 },
];
const QUICK: readonly Plan[] = [
  { orgs: 1, product: 3, naive: 2 },
  { orgs: 10, product: 3, naive: 1 },
  { orgs: 100, product: 2, naive: 1 },
];

const WARM = 3;
const BARE = { action: 'audit', config: { stateTable: null, topicArn: null } } as const;

/** Rounds, so that a machine that is busy for a while is busy for all. */
export const growth: Scenario<{ growth: Growth }> = async (bench) => {
  const plans = bench.quick ? QUICK : FULL;
  const naive = buildPeer(bench, 'naive');
  const requests = buildPeer(bench, 'requests');
  const accounts = new Map<number, BenchAccount>();
  for (const { orgs } of plans) accounts.set(orgs, await primedAccount(bench, 'plain', orgs));
  const rtt = await bench.world.setRtt(FAR_RTT);
  const lives = {
    product: new Map<number, Life[]>(),
    bare: new Map<number, Life[]>(),
    requests: new Map<number, Life[]>(),
    naive: new Map<number, Life[]>(),
  };
  for (let round = 0; round < Math.max(...plans.map(({ product }) => product)); round += 1) {
    for (const plan of plans) {
      const account = accounts.get(plan.orgs);
      if (account === undefined) continue;
      bench.say(`round ${round + 1}: ${plan.orgs} orgs`);
      if (round < plan.product) {
        const subject = { bundle: bench.product, judge: productFinds(account, 'in-sync'), warm: WARM };
        add(lives.product, plan.orgs, await measure(bench, account, subject));
        add(lives.bare, plan.orgs, await measure(bench, account, { ...subject, ...BARE }));
        const alone = { bundle: requests, judge: requestsFind(account), warm: WARM };
        add(lives.requests, plan.orgs, await measure(bench, account, alone));
      }
      if (round < plan.naive) {
        add(
          lives.naive,
          plan.orgs,
          await measure(bench, account, { bundle: naive, judge: naiveFinds(account) }),
        );
      }
    }
  }
  return { verdicts: growthVerdicts({ rtt, lives }, bench), growth: { rtt, lives } };
};

function add(lives: Map<number, Life[]>, orgs: number, life: Life): void {
  lives.set(orgs, [...(lives.get(orgs) ?? []), life]);
}
