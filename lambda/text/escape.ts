/** Escapes strings that others chose, so that they are safe to show. */

/**
 * Control characters (C0, C1, DEL), format characters (bidirectional marks, zero width), line and paragraph
 * separators, private use and lone surrogates: Unicode's general categories Cc, Cf, Zl, Zp, Co, Cs. Then
 * characters that are invisible: the property Default_Ignorable_Code_Point
 * (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point: Hangul fillers, variation selectors,
 * the grapheme joiner), and two blanks that Unicode counts as symbols: the empty Braille pattern and the null
 * notehead.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u{2800}\u{1d159}]/gu;

/**
 * Replaces every character that could move a cursor, break a line, turn a text around or hide in it by
 * `\u{hex}`.
 */
export const escapeForeign = (text: string): string =>
  text.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** The same for a text of several lines, whose line ends stay. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeForeign).join('\n');
