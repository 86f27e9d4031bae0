/** Strings that others chose, made fit to be shown. */

/**
 * Control characters (C0, C1, DEL), format characters (bidirectional marks, zero width), line and paragraph
 * separators, private use and lone surrogates: Unicode's general categories Cc, Cf, Zl, Zp, Co, Cs.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** Replaces every character that could move a cursor, break a line or turn a text around by `\u{hex}`. */
export const escapeForeign = (text: string): string =>
  text.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** The same of a text of several lines, whose ends stay. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeForeign).join('\n');
