import { describe, expect, it } from '@jest/globals';
import { MOST_REPETITIONS, readRepetitions, writeRepetitions } from '../../../lambda/core/memory/repetition';

const AT = '2026-11-24T06:00:00.000Z';
const group = { since: AT, at: AT, runs: 1, versions: { account: 1 } };
const read = (change: object): unknown =>
  readRepetitions(JSON.stringify({ repetitionsVersion: 1, groups: [{ ...group, ...change }] }));

describe('the item of what repeats itself', () => {
  it('is read as it was written', () => {
    expect(read({})).toEqual(new Map([['account', { version: 1, since: AT, at: AT, runs: 1 }]]));
  });

  it.each([
    ['a day that there is not', { at: '2026-02-31T00:00:00.000Z' }],
    ['a time that no run writes', { since: '2026-11-24T06:00:00Z' }],
    ['runs that cannot be added to', { runs: Number.MAX_SAFE_INTEGER }],
    ['more runs than numbers reach', { runs: 1e308 }],
    ['no run', { runs: 0 }],
    ['a version that cannot be counted on', { versions: { account: 1e308 } }],
  ])('is absent with %s: reading it would make memories that the next run cannot read', (_, change) => {
    expect(read(change)).toBeNull();
  });

  it('fits into what DynamoDB holds, with the longest issuers that IAM takes, each of a time of its own', () => {
    const start = Date.parse(AT);
    const full = new Map(
      Array.from({ length: MOST_REPETITIONS }, (_, index) => [
        `https://${String(index).padStart(247, 'a')}`,
        { version: 9_999_999, since: new Date(start + index).toISOString(), at: AT, runs: 99_999 },
      ]),
    );
    expect(Buffer.byteLength(writeRepetitions(full))).toBeLessThan(390 * 1024);
  });
});
