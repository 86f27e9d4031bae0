/** Growth as a table and as points: times in round trips, CPU as a multiple of one org's. */
import { table } from './goals';
import { cpuOfAnExtraOrg, middle } from './growth-goals';
import type { Growth } from './growth-goals';
import { warmMs } from './measure';

/** One number of orgs. Null: not measured. */
export interface GrowthPoint {
  readonly orgs: number;
  readonly coldRtt: number | null;
  readonly warmRtt: number | null;
  /** A warm run that loads state and alerts nobody. */
  readonly bareRtt: number | null;
  /** Warm, too. */
  readonly requestsRtt: number | null;
  readonly naiveRtt: number | null;
  /** Of one org. */
  readonly cpu: number | null;
  readonly calls: number | null;
  readonly handshakes: number | null;
  readonly memoryMb: number | null;
}

/** Medians. */
export function growthPoints({
  rtt,
  lives: { product, bare, requests, naive },
}: Growth): readonly GrowthPoint[] {
  const oneCpu = middle(product, 1, ({ cpuMs }) => cpuMs);
  return [...product.keys()].map((orgs) => {
    const cpu = middle(product, orgs, ({ cpuMs }) => cpuMs);
    return {
      orgs,
      coldRtt: middle(product, orgs, ({ cold }) => cold.handlerMs / rtt),
      warmRtt: middle(product, orgs, (life) => warmMs(life) / rtt),
      bareRtt: middle(bare, orgs, (life) => warmMs(life) / rtt),
      requestsRtt: middle(requests, orgs, (life) => warmMs(life) / rtt),
      naiveRtt: middle(naive, orgs, ({ cold }) => cold.handlerMs / rtt),
      cpu: cpu === null || oneCpu === null ? null : cpu / oneCpu,
      calls: middle(product, orgs, ({ cold }) => cold.seen.calls + cold.seen.documents),
      handshakes: middle(product, orgs, ({ cold }) => cold.seen.handshakes),
      memoryMb: middle(product, orgs, ({ memoryMb }) => memoryMb),
    };
  });
}

/** For people. */
export function growthTable(growth: Growth): string {
  const round = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '-';
  const rows = growthPoints(growth).map((point) => [
    String(point.orgs),
    round(point.coldRtt, 1),
    round(point.warmRtt, 1),
    round(point.bareRtt, 1),
    round(point.requestsRtt, 1),
    round(point.naiveRtt, 1),
    round(point.cpu, 1),
    round(point.calls, 0),
    round(point.handshakes, 0),
    round(point.memoryMb, 0),
  ]);
  const { product, requests, naive } = growth.lives;
  const [ours, least, theirs] = [product, requests, naive].map(cpuOfAnExtraOrg);
  return [
    `A round trip takes ${growth.rtt.toFixed(1)} ms. Times are in round trips, CPU is in runs with one org.`,
    `An extra org costs ${round(ours ?? null, 1)} ms of CPU here, its requests alone ${round(least ?? null, 1)} ms, the naive way ${round(theirs ?? null, 1)} ms.`,
    '',
    table([
      [
        'orgs',
        'first run',
        'warm run',
        'without memory',
        'requests alone',
        'naive run',
        'CPU',
        'requests',
        'handshakes',
        'MB',
      ],
      ...rows,
    ]),
  ].join('\n');
}
