/** Unknown keys and words, with the known ones. */
import { quote } from '../text/quote';

/**
 * One problem for each key of an object that is not among the known ones. `prefix` is the path of the object:
 * empty, or ending in a dot. Empty if the value is no object.
 */
export function unknownKeys(value: unknown, known: readonly string[], prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${keyName(key)}: is not a known key. ${knownWords(known)}`);
}

/** A key as a path shows it: plain if it is a name, else quoted and escaped. */
export const keyName = (key: string): string => (/^\w{1,60}$/.test(key) ? key : quote(key));

/** Names what is known, for a word that is not. */
export const knownWords = (known: readonly string[]): string => `Use one of: ${known.join(', ')}.`;
