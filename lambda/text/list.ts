/** Long lists in a sentence: the first entries, and how many more there are. */

/**
 * `a, b and 3 more`. `more`: entries beside those that are given. `separator`: also precedes `and` unless it
 * is a comma.
 */
export function firstAndMore(
  entries: readonly string[],
  max: number,
  { more = 0, separator = ', ' }: { readonly more?: number; readonly separator?: ', ' | '; ' } = {},
): string {
  const rest = Math.max(entries.length - max, 0) + more;
  const shown = entries.slice(0, max).join(separator);
  if (rest === 0) return shown;
  return `${shown}${separator === '; ' ? ';' : ''} and ${rest} more`;
}
