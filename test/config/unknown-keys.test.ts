import { describe, expect, it } from '@jest/globals';
import { unknownKeys } from '../../lambda/config/unknown-keys';

describe('unknownKeys', () => {
  it('names the path of each unknown key and the known ones', () => {
    expect(unknownKeys({ a: 1, abd: 1, 'x y': 1 }, ['a', 'abc'], 'accept[0].')).toEqual([
      'accept[0].abd: is not a known key. Use one of: a, abc.',
      'accept[0]."x y": is not a known key. Use one of: a, abc.',
    ]);
  });

  it.each([[[1]], [null], ['a']])('ignores what is no object: %j', (value) => {
    expect(unknownKeys(value, ['a'])).toEqual([]);
  });
});
