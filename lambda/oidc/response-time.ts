/** Response times of issuers, as far as they can be measured here. */
import type { Fetched } from '../domain/types';

/** AWS STS gives up after about this many milliseconds. */
export const SLOW_MS = 5_000;

/**
 * Response time of a document in milliseconds. Null if it took longer than STS waits and our own process may
 * be the cause: a function with a fraction of a processor would report every issuer as slow.
 */
export const timeOf = ({ milliseconds, missed }: Pick<Fetched, 'milliseconds' | 'missed'>): number | null =>
  milliseconds > SLOW_MS && milliseconds - missed <= SLOW_MS ? null : milliseconds;

/** The longer of two response times. Null if it is not known. */
export function slower(one: number | null, other: number | null): number | null {
  if (one !== null && other !== null) return Math.max(one, other);
  const known = one ?? other;
  return known !== null && known > SLOW_MS ? known : null;
}
