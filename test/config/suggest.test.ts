import { describe, expect, it } from '@jest/globals';
import { choice, unknownKeys } from '../../lambda/config/suggest';

describe('suggestions for an unknown key', () => {
  it.each([
    ['abcd', 'abcd', true],
    ['ABCD', 'abcd', true],
    ['abc', 'abcd', true],
    ['bcd', 'abcd', true],
    ['cd', 'abcd', true],
    ['abd', 'abcd', true],
    ['axcd', 'abcd', true],
    ['bacd', 'abcd', true],
    ['xabcdy', 'abcd', true],
    ['abxycd', 'abcd', true],
    ['d', 'abcd', false],
    ['abxyzcd', 'abcd', false],
    ['xyzd', 'abcd', false],
    ['cdxy', 'abcd', false],
    ['cyd', 'abcd', false],
    ['xycd', 'cdab', false],
    ['a'.repeat(100_000), 'abcd', false],
  ])('%.10s suggests %s if two typing errors are enough: %s', (word, known, isMeant) => {
    const meant = `Did you mean ${known}?`;
    expect(choice(word, [known])).toBe(isMeant ? `${meant} Known are ${known}.` : `Known are ${known}.`);
  });

  it('names the nearest key', () => {
    expect(choice('abcd', ['abxx', 'abcx', 'axcx'])).toContain('Did you mean abcx?');
  });

  it('contains the path of the key', () => {
    expect(unknownKeys({ a: 1, abd: 1, 'x y': 1 }, ['a', 'abc'], 'accept[0].')).toEqual([
      'accept[0].abd: is not a known key. Did you mean abc?',
      'accept[0]."x y": is not a known key. Known are a, abc.',
    ]);
    expect(unknownKeys([1], ['a'])).toEqual([]);
  });
});
