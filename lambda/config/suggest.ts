/** Typing errors: unknown keys, and what was probably meant. */
import { quote } from '../text/quote';

/**
 * Two errors: `holdDownHour`, `isuers`, `trustAnchor`. A higher limit would suggest keys that were not meant.
 */
const MAX_SLIPS = 2;

/**
 * One problem for each key of an object that is not among the known ones, with the nearest known one if it is
 * a likely typing error. `prefix` is the path of the object: empty, or ending in a dot. Empty if the value is
 * no object.
 */
export function unknownKeys(value: unknown, known: readonly string[], prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${keyName(key)}: is not a known key. ${suggestion(key, known)}`);
}

/** A key as a path shows it: plain if it is a name, else quoted and escaped. */
export const keyName = (key: string): string => (/^\w{1,60}$/.test(key) ? key : quote(key));

/** "Did you mean …?" for a likely typing error, else all known words. */
const suggestion = (word: string, known: readonly string[]): string => {
  const nearest = nearestOf(word, known);
  return nearest === null ? knownWords(known) : `Did you mean ${nearest}?`;
};

/** All known words, after the one that was probably meant. */
export const choice = (word: string, known: readonly string[]): string => {
  const nearest = nearestOf(word, known);
  return nearest === null ? knownWords(known) : `Did you mean ${nearest}? ${knownWords(known)}`;
};

const knownWords = (known: readonly string[]): string => `Known are ${known.join(', ')}.`;

function nearestOf(word: string, known: readonly string[]): string | null {
  const [nearest] = known
    .map((candidate) => ({ candidate, slips: slipsBetween(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ slips }) => slips <= MAX_SLIPS)
    .sort((a, b) => a.slips - b.slips);
  return nearest?.candidate ?? null;
}

/** Levenshtein distance. Words of very different length are not compared, however long a hostile key is. */
function slipsBetween(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > MAX_SLIPS) return Infinity;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(left).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(right).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? Infinity;
}
