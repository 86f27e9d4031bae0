/** The goals. Limits are ratios, counts and sizes: no absolute time says anything about another machine. */
import { resultOf } from './rounds';
import type { Result } from './rounds';

/** All that was measured. */
export interface Measured {
  readonly roundTripMs: number;
  readonly growth: readonly Result[];
  readonly coldStart: readonly Result[];
  readonly variants: readonly Result[];
  /** Bytes of code that a run loads if it finds nothing. */
  readonly loadedBytes: number;
}

/** One measured goal. */
export interface Goal {
  readonly goal: string;
  readonly what: string;
  /** The largest value that meets the goal. */
  readonly limit: number;
  readonly unit: '' | 'x' | 'RTT' | 'KB';
  /** NaN: not measured, because of `--quick` or because this machine cannot. */
  readonly measured: number;
}

type Row = readonly [goal: string, what: string, limit: number, unit: Goal['unit'], measured: number];

/** F8 (policy evaluation) needs no network and is not measured here; a test covers the rotations of F9. */
export function goalsOf(all: Measured): readonly Goal[] {
  const { roundTripMs, growth } = all;
  const monitor = (orgs: number): Result => resultOf(growth, 'monitor', orgs);
  const requests = (orgs: number): Result => resultOf(growth, 'requests alone', orgs);
  const warm = (orgs: number): number => monitor(orgs).warmMs / requests(orgs).warmMs;
  const first = (orgs: number): number => monitor(orgs).firstMs / requests(orgs).firstMs;
  const cpu = (of: string): number => cpuOfExtraOrg(growth, 'monitor') / cpuOfExtraOrg(growth, of);
  const memory = (contender: string): number =>
    resultOf(growth, `${contender}, heap of 128 MB`, 700).memoryMb;
  const start = (of: string): number => startOf(all, 'monitor') / startOf(all, of);
  const naive = monitor(1).processMs / resultOf(growth, 'naive', 1).processMs;
  const probes = growth.filter(({ contender }) => contender === 'monitor').map((each) => each.probes);
  const throttled = resultOf(all.variants, 'throttled', 200);
  const variant = (contender: string): number => resultOf(all.variants, contender, 1).firstMs;
  const edges = variant('4 addresses x 2 key types') / variant('1 address x 1 key type');
  const drift = (variant('drift') - variant('no drift')) / roundTripMs;
  const rows: readonly Row[] = [
    ['F1', 'warm run of requests alone, 1 org', 3.5, 'RTT', requests(1).warmMs / roundTripMs],
    ['F2', 'warm run / requests alone, 1 org', 1.3, 'x', warm(1)],
    ['F2', 'warm run / requests alone, 10 orgs', 1.25, 'x', warm(10)],
    ['F2', 'warm run / requests alone, 100 orgs', 1.2, 'x', warm(100)],
    ['F3', 'first run / requests alone, 1 org', 1.3, 'x', first(1)],
    ['F3', 'first run / requests alone, 100 orgs', 1.3, 'x', first(100)],
    ['F4', 'CPU of an additional org / requests alone', 1.35, 'x', cpu('requests alone')],
    ['F4', 'CPU of an additional org / naive', 0.4, 'x', cpu('naive')],
    [
      'F5',
      'resident memory / requests alone, 700 orgs',
      1.15,
      'x',
      memory('monitor') / memory('requests alone'),
    ],
    ['F6', 'start to result without delay / node -e 0', 3, 'x', start('node -e 0')],
    ['F6', 'start to result without delay / default build', 0.7, 'x', start('default build')],
    ['F6', 'code loaded if nothing is found', 640, 'KB', all.loadedBytes / 1000],
    ['F7', 'start to result / naive, 1 org', 0.85, 'x', naive],
    ['F9', 'probe handshakes, any number of orgs', 3, '', Math.max(...probes)],
    ['F9', 'throttled IAM: calls per org', 1.1, '', throttled.gets / throttled.orgs],
    ['F9', '4 addresses x 2 key types / 1 x 1', 1.4, 'x', edges],
    ['F9', 'additional time of a run with drift', 5, 'RTT', drift],
  ];
  return rows.map(([goal, what, limit, unit, measured]) => ({ goal, what, limit, unit, measured }));
}

/** Between 1 and 100 orgs, in milliseconds. */
export const cpuOfExtraOrg = (growth: readonly Result[], contender: string): number =>
  (resultOf(growth, contender, 100).cpuMs - resultOf(growth, contender, 1).cpuMs) / 99;

const startOf = ({ coldStart }: Measured, contender: string): number =>
  resultOf(coldStart, contender, 1).processMs;
