import { describe, expect, it } from '@jest/globals';
import { slower, timeOf } from '../../lambda/oidc/response-time';

describe('response time of an issuer', () => {
  it.each([
    ['fast', 100, 0, 100],
    ['just in time', 5_000, 4_000, 5_000],
    ['slow by itself', 6_000, 0, 6_000],
    ['slow by itself, and held up here', 9_000, 3_999, 9_000],
    ['slow, and perhaps only here', 9_000, 4_000, null],
    ['slow, and only here', 6_000, 6_000, null],
  ])('is reported as far as it is known: %s', (_, milliseconds, missed, told) => {
    expect(timeOf({ milliseconds, missed })).toBe(told);
  });

  it.each([
    [1, 2, 2],
    [6_000, 2, 6_000],
    // The unknown one may be the slower one.
    [null, 5_000, null],
    [5_000, null, null],
    // But slow is slow.
    [null, 5_001, 5_001],
    [5_001, null, 5_001],
    [null, null, null],
  ])('of two is that of the slower: %s and %s', (one, other, told) => {
    expect(slower(one, other)).toBe(told);
  });
});
