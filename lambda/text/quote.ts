/** How a message shows a foreign value. */
import { escapeForeign } from './escape';

/** Longer than any issuer that IAM accepts (255), so that two of them can be distinguished. */
const MAX_SHOWN = 300;

/** A foreign text in double quotes: escaped, and cut after 300 characters. */
export const quote = (text: string): string => `"${abridge(text)}"`;

/** A foreign text: escaped, and cut after 300 characters. No pair of surrogates is cut in half. */
export function abridge(text: string): string {
  if (text.length <= MAX_SHOWN) return escapeForeign(text);
  const shown = Array.from(text.slice(0, 2 * MAX_SHOWN))
    .slice(0, MAX_SHOWN)
    .join('');
  return `${escapeForeign(shown)}${shown.length < text.length ? '…' : ''}`;
}

/**
 * A foreign text: escaped, and cut in its middle after so many characters, since the end of a message often has
 * the reason. No pair of surrogates is cut in half.
 */
export function abridgeMiddle(text: string, most: number): string {
  // However long the text is, only this much of it is escaped.
  const isLong = text.length > 2 * most;
  const whole = isLong ? [] : Array.from(escapeForeign(text));
  if (!isLong && whole.length <= most) return whole.join('');
  const half = Math.floor((most - 1) / 2);
  const head = Array.from(escapeForeign(text.slice(0, most))).slice(0, half);
  const tail = Array.from(escapeForeign(text.slice(-most))).slice(-half);
  return `${head.join('')}…${tail.join('')}`;
}

/** A text, cut in its middle after so many characters: names differ at their beginning or at their end. Not escaped. */
export function shorten(name: string, max: number): string {
  const characters = Array.from(name);
  if (characters.length <= max) return name;
  const rest = Math.max(0, max - 3);
  const head = Math.ceil(rest / 2);
  const tail = rest - head;
  return `${characters.slice(0, head).join('')}...${tail === 0 ? '' : characters.slice(-tail).join('')}`;
}

/** Any value in a few words: texts are quoted, lists and objects are only named. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
