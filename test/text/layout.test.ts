import { describe, expect, it } from '@jest/globals';
import { count, section, showTime, wrap } from '../../lambda/text/layout';

describe('wrap', () => {
  const word = (length: number): string => 'x'.repeat(length);

  it.each([
    ['', '', ''],
    ['one  two\n\tthree ', '', 'one two three'],
    [`${word(40)} ${word(37)}`, '', `${word(40)} ${word(37)}`],
    [`${word(40)} ${word(38)} end`, '', `${word(40)}\n${word(38)} end`],
    [`${word(100)} end`, '', `${word(100)}\nend`],
    [`a ${word(100)}`, '', `a\n${word(100)}`],
    [`${word(40)} ${word(35)}`, '  ', `  ${word(40)} ${word(35)}`],
    [`${word(40)} ${word(36)}`, '  ', `  ${word(40)}\n  ${word(36)}`],
  ])('writes %j, indented by %j, as lines of 78 columns', (prose, indent, lines) => {
    expect(wrap(prose, indent)).toBe(lines);
  });
});

describe('count, showTime and section', () => {
  it('count', () => {
    expect([0, 1, 2].map((amount) => count(amount, 'provider'))).toEqual([
      '0 providers',
      '1 provider',
      '2 providers',
    ]);
  });

  it('write a time to the minute', () => {
    expect(showTime('2026-11-24T06:07:08.999Z')).toBe('2026-11-24 06:07 UTC');
  });

  it('write a heading for each part once, and nothing without parts', () => {
    expect(section('WHY', ['a', 'b', 'a'])).toEqual(['WHY', 'a', 'b']);
    expect(section('WHY', [])).toEqual([]);
  });
});
