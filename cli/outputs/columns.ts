/** Text in columns of a terminal, in which a character takes none, one or two of them. */
import { escapeForeign } from '../../lambda/text/escape';

/** East Asian wide and full width (UAX #11), and emoji that are shown as pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{M}/u;

/** How many columns a text takes. It has no control characters: they are escaped before. */
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + columnsOf(character), 0);

function columnsOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Fills up with spaces. A longer text stays as it is. */
export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

/** Cuts the middle out of a text that is too long: the end of an issuer or ARN identifies it best. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const characters = Array.from(text);
  const start = take(characters, Math.floor((columns - 1) / 3));
  const end = take([...characters].reverse(), columns - 1 - widthOf(start.join('')));
  return `${start.join('')}…${[...end].reverse().join('')}`;
}

/** As many characters as fit. */
function take(characters: readonly string[], columns: number): readonly string[] {
  let used = 0;
  const end = characters.findIndex((character) => (used += columnsOf(character)) > columns);
  return end === -1 ? characters : characters.slice(0, end);
}

/** Wraps a foreign text, escaped, to lines of at most so many columns. Words that are longer are broken. */
export function wrapTo(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(text, columns)) {
    if (line === '') line = word;
    else if (widthOf(line) + 1 + widthOf(word) <= columns) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

const wordsOf = (text: string, columns: number): readonly string[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => pieces(escapeForeign(word), columns));

function pieces(word: string, columns: number): readonly string[] {
  const found: string[] = [];
  let [piece, used] = ['', 0];
  for (const character of word) {
    const width = columnsOf(character);
    // A piece has at least one character, even one that is wider than the line.
    if (piece !== '' && used + width > columns) {
      found.push(piece);
      [piece, used] = ['', 0];
    }
    piece += character;
    used += width;
  }
  return [...found, piece];
}
