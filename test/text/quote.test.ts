import { describe, expect, it } from '@jest/globals';
import { escapeForeign, escapeLines } from '../../lambda/text/escape';
import { abridge, abridgeMiddle, quote, show } from '../../lambda/text/quote';

describe('quote: foreign text', () => {
  it.each([
    ['plain, ü, 日本, 😀', 'plain, ü, 日本, 😀'],
    ['C0: \u0000\t\u001b[2J', String.raw`C0: \u{0}\u{9}\u{1b}[2J`],
    ['DEL and C1: \u007f\u009b', String.raw`DEL and C1: \u{7f}\u{9b}`],
    ['turned: \u202egpj.exe', String.raw`turned: \u{202e}gpj.exe`],
    ['no width: \u200b\ufeff', String.raw`no width: \u{200b}\u{feff}`],
    ['ends: \u2028\u2029', String.raw`ends: \u{2028}\u{2029}`],
    ['private: \ue000\u{10fffd}', String.raw`private: \u{e000}\u{10fffd}`],
    ['half: \ud800!', String.raw`half: \u{d800}!`],
  ])('shows %j as %j', (text, shown) => {
    expect(escapeForeign(text)).toBe(shown);
    expect(quote(text)).toBe(`"${shown}"`);
  });

  it('of several lines keeps its line breaks and no other control characters', () => {
    expect(escapeForeign('a\nb')).toBe(String.raw`a\u{a}b`);
    expect(escapeLines('a\r\n\u001bb\n\nc')).toBe('a\\u{d}\n\\u{1b}b\n\nc');
  });

  it.each([
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(300)}…`],
    ['😀'.repeat(300), '😀'.repeat(300)],
    [`x${'😀'.repeat(300)}`, `x${'😀'.repeat(299)}…`],
    ['x'.repeat(10_000), `${'x'.repeat(300)}…`],
    ['\n'.repeat(301), `${String.raw`\u{a}`.repeat(300)}…`],
  ])('is truncated after 300 characters, none of them in half (%#)', (text, shown) => {
    expect(abridge(text)).toBe(shown);
  });
});

describe('abridgeMiddle: a foreign text with the reason at its end', () => {
  it.each([
    ['x'.repeat(9), 9, 'x'.repeat(9)],
    [`a${'x'.repeat(8)}b`, 9, 'axxx…xxxb'],
    [`a${'x'.repeat(1_000)}b`, 9, 'axxx…xxxb'],
    [`a${'😀'.repeat(1_000)}b`, 9, 'a😀😀😀…😀😀😀b'],
    ['😀'.repeat(9), 9, '😀'.repeat(9)],
    ['\n'.repeat(3), 9, String.raw`\u{a…u{a}`],
  ])('%j has at most %d characters', (text, most, shown) => {
    expect(abridgeMiddle(text, most)).toBe(shown);
  });
});

describe('show: any value', () => {
  it.each<[unknown, string]>([
    ['a\n', String.raw`"a\u{a}"`],
    [undefined, 'missing'],
    [7, '7'],
    [NaN, 'NaN'],
    [false, 'false'],
    [null, 'null'],
    [[], 'a list'],
    [{}, 'an object'],
    [10n, 'a bigint'],
    [() => 1, 'a function'],
  ])('is shown in a few words (%#)', (value, words) => {
    expect(show(value)).toBe(words);
  });
});
