/** How long issuers took to answer, as far as it can be told from here. */
import type { Fetched } from '../domain/types';

/** AWS STS gives up after about so many milliseconds. */
export const SLOW_MS = 5_000;

/**
 * What a document took, in milliseconds. Null where it took longer than STS waits and that may have been our own doing: a
 * function with a fraction of a processor would call every issuer slow.
 */
export const timeOf = ({ milliseconds, missed }: Pick<Fetched, 'milliseconds' | 'missed'>): number | null =>
  milliseconds > SLOW_MS && milliseconds - missed <= SLOW_MS ? null : milliseconds;

/** Of the slower of two. Null where that is not known. */
export function slower(one: number | null, other: number | null): number | null {
  if (one !== null && other !== null) return Math.max(one, other);
  const known = one ?? other;
  return known !== null && known > SLOW_MS ? known : null;
}
