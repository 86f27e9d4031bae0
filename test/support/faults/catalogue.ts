/** Every fault, by its group. */
import { isDeepStrictEqual } from 'node:util';
import { AWS } from './catalogue/aws';
import { DNS } from './catalogue/dns';
import { HTTP } from './catalogue/http';
import { OIDC } from './catalogue/oidc';
import { RUN } from './catalogue/run';
import { SNS } from './catalogue/sns';
import { STATE } from './catalogue/state';
import { TCP } from './catalogue/tcp';
import { TLS } from './catalogue/tls';
import type { Fault, Group } from './fault';

/** The faults that are played as whole runs. */
export const CATALOGUE: Readonly<Record<Group, readonly Fault[]>> = {
  DNS,
  TCP,
  TLS,
  HTTP,
  OIDC,
  AWS,
  SNS,
  State: STATE,
  Run: RUN,
};

/** What a row expects of a run, and how the run is made. Without an expectation, nothing is alike. */
const isAlike = (one: Fault, other: Fault): boolean =>
  one === other || (Object.keys(one.expected).length > 0 && isDeepStrictEqual(termsOf(one), termsOf(other)));

const termsOf = ({ row, expected, silent, victim, update, alone }: Fault): object => ({
  row,
  expected,
  silent,
  victim,
  update,
  alone,
});

/** Of faults for which a row expects the same, the first. */
export const distinctFaults = (faults: readonly Fault[]): readonly Fault[] =>
  faults.filter((fault, index) => faults.findIndex((other) => isAlike(other, fault)) === index);

/** All but those. */
export function furtherFaults(faults: readonly Fault[]): readonly Fault[] {
  const distinct = distinctFaults(faults);
  return faults.filter((fault) => !distinct.includes(fault));
}
