/** What growth says of P1 to P5. */
import type { Verdict } from './goals';
import { warmMs } from './measure';
import type { Life, Sample } from './measure';
import type { Bench } from './scenario';
import { median } from './statistics';

/**
 * Every contender's lives by number of orgs. `bare` is the product without its state: it collects and evaluates.
 * `requests` only sends its requests.
 */
export type Lives = Readonly<
  Record<'product' | 'bare' | 'requests' | 'naive', ReadonlyMap<number, readonly Life[]>>
>;

/** What was measured of growth, for the table and the plot. `rtt` is measured. */
export interface Growth {
  readonly rtt: number;
  readonly lives: Lives;
}

/** Medians over the lives of one contender at one number of orgs; null if there are none. */
export function middle(
  lives: ReadonlyMap<number, readonly Life[]>,
  orgs: number,
  of: (life: Life) => number,
): number | null {
  const found = lives.get(orgs) ?? [];
  return found.length === 0 ? null : median(found.map(of));
}

/** Between 1 and 100 orgs, in milliseconds. */
export function cpuOfAnExtraOrg(lives: ReadonlyMap<number, readonly Life[]>): number | null {
  const [one = null, hundred = null] = [1, 100].map((orgs) => middle(lives, orgs, ({ cpuMs }) => cpuMs));
  return one === null || hundred === null ? null : (hundred - one) / 99;
}

/** Every check that N orgs on one host allow. */
export const growthVerdicts = (growth: Growth, { quick }: Bench): readonly Verdict[] => [
  ...connectionVerdicts(growth, quick ? 100 : 700),
  ...WARM.flatMap((warm) => warmVerdicts(growth, warm)),
  ...COLD.map((cold) => coldVerdict(growth, cold)),
  ...NAIVE.map((naive) => naiveVerdict(growth, naive)),
  ...cpuVerdicts(growth),
];

function connectionVerdicts({ lives: { product } }: Growth, most: number): readonly Verdict[] {
  const probes = (orgs: number): number | null =>
    middle(product, orgs, ({ cold: { seen } }) => seen.handshakes - seen.documentConnections);
  const all = [...product.values()].flat().flatMap(({ cold, warm }) => [cold, ...warm]);
  const largest = (of: (sample: Sample) => number): number => Math.max(...all.map(of));
  const [one, many] = [probes(1), probes(most)];
  const more = one === null || many === null ? null : many - one;
  const count = (words: string, limit: number, measured: number | null): Verdict => ({
    goal: 'P1',
    words,
    limit,
    measured,
    unit: '',
  });
  return [
    count('probe handshakes, 1 address x 2 key types', 2, one),
    count(`probe handshakes, ${most} orgs, more than 1 org`, 0, more),
    count(
      'connections for documents',
      8,
      largest(({ seen }) => seen.documentConnections),
    ),
    count(
      'requests at a time on one of them',
      8,
      largest(({ seen }) => seen.streams),
    ),
  ];
}

type Limit = readonly [orgs: number, limit: number];

/** Discovery documents and providers in 4, 4.5 and 10.5; signing keys cost one more, and ⌈N / (8 x 8)⌉ of many. */
const WARM: readonly Limit[] = [
  [1, 5],
  [10, 5.5],
  [100, 12.5],
];
const COLD: readonly Limit[] = [
  [1, 5],
  [100, 14],
];
const NAIVE: readonly Limit[] = [
  [10, 0.25],
  [100, 0.06],
];

function warmVerdicts({ rtt, lives }: Growth, [orgs, limit]: Limit): readonly Verdict[] {
  const trips = (life: Life): number => warmMs(life) / rtt;
  const words = `warm run, orgs: ${orgs}`;
  const [measured, bare, requests] = [lives.product, lives.bare, lives.requests].map((each) =>
    middle(each, orgs, trips),
  );
  return [
    { goal: 'P2', words, limit, measured: measured ?? null, requests: requests ?? null, unit: 'RTT' },
    { goal: 'P2', words: `${words}, no memory`, limit, measured: bare ?? null, unit: 'RTT' },
  ];
}

function coldVerdict({ rtt, lives: { product, requests } }: Growth, [orgs, limit]: Limit): Verdict {
  const trips = ({ cold }: Life): number => cold.handlerMs / rtt;
  return {
    goal: 'P3',
    words: `first run, orgs: ${orgs}`,
    limit,
    measured: middle(product, orgs, trips),
    requests: middle(requests, orgs, trips),
    unit: 'RTT',
  };
}

function naiveVerdict({ lives: { product, requests, naive } }: Growth, [orgs, limit]: Limit): Verdict {
  const theirs = middle(naive, orgs, wall);
  return {
    goal: 'P4',
    words: `process to answer, of naive, orgs: ${orgs}`,
    limit,
    measured: ratio(middle(product, orgs, wall), theirs),
    requests: ratio(middle(requests, orgs, wall), theirs),
    unit: 'x',
  };
}

const cpuVerdicts = ({ lives: { product, bare, requests, naive } }: Growth): readonly Verdict[] =>
  (
    [
      ['', product],
      [', no memory', bare],
    ] as const
  ).map(([suffix, lives]) => ({
    goal: 'P5',
    words: `CPU of an extra org, of naive${suffix}`,
    limit: 0.25,
    measured: ratio(cpuOfAnExtraOrg(lives), cpuOfAnExtraOrg(naive)),
    requests: ratio(cpuOfAnExtraOrg(requests), cpuOfAnExtraOrg(naive)),
    unit: 'x',
  }));

const wall = ({ cold }: Life): number => cold.wallMs;

const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a / b;
