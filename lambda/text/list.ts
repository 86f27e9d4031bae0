/** Long lists in a sentence: the first entries, and how many more there are. */

/** How a list is shown. */
interface ListOptions {
  /** Entries beside those that are given. */
  readonly more?: number;
  /** Also precedes `and` unless it is a comma. */
  readonly separator?: ', ' | '; ';
  /** Applied to the entries that are shown, and to no others: a hostile list may have thousands. */
  readonly show?: (entry: string) => string;
}

/** `a, b and 3 more`. */
export function firstAndMore(
  entries: readonly string[],
  max: number,
  { more = 0, separator = ', ', show = (entry) => entry }: ListOptions = {},
): string {
  const rest = Math.max(entries.length - max, 0) + more;
  const shown = entries.slice(0, max).map(show).join(separator);
  if (rest === 0) return shown;
  return `${shown}${separator === '; ' ? ';' : ''} and ${rest} more`;
}
