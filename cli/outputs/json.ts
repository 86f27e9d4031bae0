/** The report for scripts: exactly the contract. */
import { escapeForeign } from '../../lambda/text/escape';
import { withoutCommands } from './log-commands';

/**
 * Indented JSON in which characters that could steer a terminal are written as JSON escapes: the value is the same, and
 * the text can be looked at.
 */
export const renderJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => line.replaceAll(NOT_ASCII, jsonEscape))
    // Such a command can only be in a string, since lines of JSON do not begin with a colon.
    .map((line) => withoutCommands(line, { hash: String.raw`\u0023`, colon: String.raw`\u003a` }))
    .join('\n')}\n`;

const NOT_ASCII = /[^\x20-\x7e]/gu;

/** RFC 8259 section 7: beyond the Basic Multilingual Plane two escapes, one for each surrogate. */
const jsonEscape = (character: string): string =>
  escapeForeign(character) === character
    ? character
    : Array.from(
        { length: character.length },
        (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
      ).join('');
