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

/** Any value in a few words: texts are quoted, lists and objects are only named. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === undefined) return 'missing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
