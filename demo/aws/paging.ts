/** IAM's pages. */
import { AwsFault } from './fault';
import type { Parameters } from './form';
import type { Xml } from './xml';

/** One page; `marker` leads to the next. */
export interface Page<T> {
  readonly page: readonly T[];
  readonly marker: string | undefined;
}

/** `MaxItems` entries (by default 100, at most 1,000) from `Marker` on. Throws ValidationError. */
export function pageOf<T>(
  all: readonly T[],
  { Marker: from = '0', MaxItems: most = '100' }: Parameters,
): Page<T> {
  if (!/^\d{1,9}$/.test(from) || !/^([1-9]\d{0,2}|1000)$/.test(most)) {
    throw new AwsFault('ValidationError', 400, 'Marker or MaxItems is not valid.');
  }
  const end = Number(from) + Number(most);
  return { page: all.slice(Number(from), end), marker: end < all.length ? String(end) : undefined };
}

/** Of an answer that is one page. */
export const truncation = (marker: string | undefined): Readonly<Record<string, Xml | undefined>> => ({
  IsTruncated: String(marker !== undefined),
  Marker: marker,
});
