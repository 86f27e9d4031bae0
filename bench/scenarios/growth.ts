/** N orgs on one host, far away: the product beside the naive way, in turn. P1 to P5. */
import { join } from 'node:path';
import { buildFunction } from '../../infra/build';
import type { Verdict } from '../goals';
import { naiveFinds, productFinds } from '../judges';
import { measure } from '../measure';
import type { Life, Sample } from '../measure';
import { primedAccount } from '../prime';
import { FAR_RTT } from '../scenario';
import type { Bench, Scenario } from '../scenario';
import { median } from '../statistics';
import type { BenchAccount } from '../world';

/** Every contender's lives by number of orgs. */
export type Lives = Readonly<Record<'product' | 'naive', ReadonlyMap<number, readonly Life[]>>>;

/** What was seen of growth, for the table and the plot. `rtt` is measured. */
export interface Growth {
  readonly rtt: number;
  readonly lives: Lives;
}

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

/** Rounds, so that a machine that is busy for a while is busy for all. */
export const growth: Scenario<{ growth: Growth }> = async (bench) => {
  const plans = bench.quick ? QUICK : FULL;
  const naive = buildFunction({
    entry: join(__dirname, '..', 'peers', 'naive.ts'),
    outdir: join(bench.folder, 'naive'),
  }).entry;
  const accounts = new Map<number, BenchAccount>();
  for (const { orgs } of plans) accounts.set(orgs, await primedAccount(bench, 'plain', orgs));
  const rtt = await bench.world.setRtt(FAR_RTT);
  const lives = { product: new Map<number, Life[]>(), naive: new Map<number, Life[]>() };
  for (let round = 0; round < Math.max(...plans.map(({ product }) => product)); round += 1) {
    for (const plan of plans) {
      const account = accounts.get(plan.orgs);
      if (account === undefined) continue;
      bench.say(`round ${round + 1}: ${plan.orgs} orgs`);
      if (round < plan.product) {
        const subject = { bundle: bench.product, judge: productFinds(account, 'in-sync'), warm: WARM };
        add(lives.product, plan.orgs, await measure(bench, account, subject));
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
  return { verdicts: judge({ rtt, lives }, bench), growth: { rtt, lives } };
};

function add(lives: Map<number, Life[]>, orgs: number, life: Life): void {
  lives.set(orgs, [...(lives.get(orgs) ?? []), life]);
}

/** Medians over the lives of one contender at one number of orgs; null where there are none. */
export function middle(
  lives: ReadonlyMap<number, readonly Life[]>,
  orgs: number,
  of: (life: Life) => number,
): number | null {
  const found = lives.get(orgs) ?? [];
  return found.length === 0 ? null : median(found.map(of));
}

const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a / b;

function judge({ rtt, lives: { product, naive } }: Growth, { quick }: Bench): readonly Verdict[] {
  const most = quick ? 100 : 700;
  const wall = (life: Life): number => life.cold.wallMs;
  const coldRtt = (life: Life): number => life.cold.handlerMs / rtt;
  const warmRtt = (life: Life): number => median(life.warm.map(({ handlerMs }) => handlerMs)) / rtt;
  const P1 = {
    probes: (orgs: number) => middle(product, orgs, ({ cold }) => probes(cold)),
    largest: (of: (sample: Sample) => number) =>
      Math.max(...[...product.values()].flat().flatMap(({ cold, warm }) => [cold, ...warm].map(of))),
  };
  return [
    {
      goal: 'P1',
      words: 'probe handshakes, 1 org, 1 address x 2 key types',
      limit: 2,
      measured: P1.probes(1),
      unit: '',
    },
    { goal: 'P1', words: `probe handshakes, ${most} orgs`, limit: 2, measured: P1.probes(most), unit: '' },
    {
      goal: 'P1',
      words: 'connections for documents',
      limit: 8,
      measured: P1.largest(({ seen }) => seen.documentConnections),
      unit: '',
    },
    {
      goal: 'P1',
      words: 'requests at a time on one of them',
      limit: 8,
      measured: P1.largest(({ seen }) => seen.streams),
      unit: '',
    },
    { goal: 'P2', words: 'warm run, 1 org', limit: 4, measured: middle(product, 1, warmRtt), unit: 'RTT' },
    {
      goal: 'P2',
      words: 'warm run, 10 orgs',
      limit: 4.5,
      measured: middle(product, 10, warmRtt),
      unit: 'RTT',
    },
    {
      goal: 'P2',
      words: 'warm run, 100 orgs',
      limit: 10.5,
      measured: middle(product, 100, warmRtt),
      unit: 'RTT',
    },
    { goal: 'P3', words: 'first run, 1 org', limit: 5, measured: middle(product, 1, coldRtt), unit: 'RTT' },
    {
      goal: 'P3',
      words: 'first run, 100 orgs',
      limit: 14,
      measured: middle(product, 100, coldRtt),
      unit: 'RTT',
    },
    {
      goal: 'P4',
      words: 'process to answer, 10 orgs, of naive',
      limit: 0.25,
      measured: ratio(middle(product, 10, wall), middle(naive, 10, wall)),
      unit: 'x',
    },
    {
      goal: 'P4',
      words: 'process to answer, 100 orgs, of naive',
      limit: 0.06,
      measured: ratio(middle(product, 100, wall), middle(naive, 100, wall)),
      unit: 'x',
    },
    {
      goal: 'P5',
      words: 'CPU of an extra org, of naive',
      limit: 0.25,
      measured: ratio(cpuOfAnExtraOrg(product), cpuOfAnExtraOrg(naive)),
      unit: 'x',
    },
  ];
}

const probes = ({ seen }: Sample): number => seen.handshakes - seen.documentConnections;

/** Between 1 and 100 orgs, in milliseconds. */
export function cpuOfAnExtraOrg(lives: ReadonlyMap<number, readonly Life[]>): number | null {
  const [one, hundred] = [1, 100].map((orgs) => middle(lives, orgs, ({ cpuMs }) => cpuMs));
  return one === undefined || hundred === undefined || one === null || hundred === null
    ? null
    : (hundred - one) / 99;
}
