import { describe, expect, it } from '@jest/globals';
import { newAccountMemory, newTargetMemory } from '../../lambda/state/schema';
import type { AccountMemory, TargetMemory, Track } from '../../lambda/state/schema';
import {
  MAX_REPETITIONS,
  holds,
  isSameAccount,
  isSameTarget,
  readRepetitions,
  repeatAccount,
  repeatTarget,
  repeatedOnce,
  withRoom,
  writeRepetitions,
} from '../../lambda/state/repetition';

const AT = '2026-11-24T06:00:00.000Z';
const BEFORE = '2026-11-24T00:00:00.000Z';
const LATER = '2026-11-25T06:00:00.000Z';
const group = { since: AT, at: AT, runs: 1, versions: { account: 1 } };
const read = (change: object): unknown =>
  readRepetitions(JSON.stringify({ repetitionsVersion: 1, groups: [{ ...group, ...change }] }));

describe('the state item of repetitions', () => {
  it('parses to what was written', () => {
    expect(read({})).toEqual(new Map([['account', { version: 1, since: AT, at: AT, runs: 1 }]]));
  });

  it.each([
    ['a day that there is not', { at: '2026-02-31T00:00:00.000Z' }],
    ['a time that no run writes', { since: '2026-11-24T06:00:00Z' }],
    ['runs that cannot be added to', { runs: Number.MAX_SAFE_INTEGER }],
    ['more runs than numbers reach', { runs: 1e308 }],
    ['no run', { runs: 0 }],
    ['a run in more than a thousand million', { runs: 1_000_000_001 }],
    ['no version', { versions: { account: 0 } }],
    ['no versions', { versions: undefined }],
    ['a version that cannot be counted on', { versions: { account: 1e308 } }],
  ])('is absent with %s: reading it would make states that the next run cannot read', (_, change) => {
    expect(read(change)).toBeNull();
  });

  it.each(['', 'null', '{', '{"repetitionsVersion":2,"groups":[]}', '{"groups":[]}'])(
    'is absent if it is %j',
    (json) => {
      expect(readRepetitions(json)).toBeNull();
    },
  );

  it('contains what was written and confirmed together', () => {
    const repetitions = new Map([
      ['a', { version: 1, since: AT, at: LATER, runs: 4 }],
      ['b', { version: 2, since: AT, at: LATER, runs: 4 }],
      ['c', { version: 1, since: AT, at: LATER, runs: 5 }],
      ['d', { version: 1, since: BEFORE, at: LATER, runs: 4 }],
      ['e', { version: 1, since: AT, at: AT, runs: 4 }],
    ]);
    const json = writeRepetitions(repetitions);
    expect(JSON.parse(json)).toEqual({
      repetitionsVersion: 1,
      groups: [
        { since: AT, at: LATER, runs: 4, versions: { a: 1, b: 2 } },
        { since: AT, at: LATER, runs: 5, versions: { c: 1 } },
        { since: BEFORE, at: LATER, runs: 4, versions: { d: 1 } },
        { since: AT, at: AT, runs: 4, versions: { e: 1 } },
      ],
    });
    expect(readRepetitions(json)).toEqual(repetitions);
  });

  it('fits into an item of DynamoDB, with the longest issuers that IAM accepts, each of a time of its own', () => {
    const start = Date.parse(AT);
    const full = new Map(
      Array.from({ length: MAX_REPETITIONS }, (_, index) => [
        `https://${String(index).padStart(247, 'a')}`,
        { version: 9_999_999, since: new Date(start + index).toISOString(), at: AT, runs: 99_999 },
      ]),
    );
    expect(Buffer.byteLength(writeRepetitions(full))).toBeLessThan(390 * 1024);
  });
});

describe('a repetition', () => {
  const repetition = { version: 3, since: BEFORE, at: AT, runs: 4 };

  it('applies only to the item that it was found for', () => {
    expect(holds(repetition, 3, BEFORE)).toBe(true);
    expect(holds(repetition, 4, BEFORE)).toBe(false);
    expect(holds(repetition, null, BEFORE)).toBe(false);
    expect(holds(repetition, 3, AT)).toBe(false);
    expect(holds(undefined, 3, BEFORE)).toBe(false);
    expect(holds(undefined, undefined, BEFORE)).toBe(false);
  });

  it('continues that of the run before, or else begins anew', () => {
    const more = { ...repetition, at: LATER, runs: 5 };
    const anew = (version: number, since: string) => ({ version, since, at: LATER, runs: 1 });
    expect(repeatedOnce(repetition, { version: 3, before: AT, at: LATER })).toEqual(more);
    expect(repeatedOnce(repetition, { version: 4, before: AT, at: LATER })).toEqual(anew(4, AT));
    expect(repeatedOnce(repetition, { version: 3, before: BEFORE, at: LATER })).toEqual(anew(3, BEFORE));
    expect(repeatedOnce(undefined, { version: 3, before: AT, at: LATER })).toEqual(anew(3, AT));
  });

  it('is dropped without room, and after 30 days', () => {
    const month = new Date(Date.parse(AT) + 30 * 86_400_000);
    const full = (amount: number) =>
      new Map(Array.from({ length: amount }, (_, index) => [String(index), repetition] as const));
    expect(withRoom(full(MAX_REPETITIONS - 1), month).size).toBe(MAX_REPETITIONS - 1);
    expect(withRoom(full(MAX_REPETITIONS), new Date(month.getTime() - 1)).size).toBe(MAX_REPETITIONS);
    const some = full(MAX_REPETITIONS).set('0', { ...repetition, at: LATER });
    expect([...withRoom(some, month).keys()]).toEqual(['0']);
  });
});

describe('saved state after equal runs', () => {
  const sighting = {
    thumbprint: 'a',
    first: BEFORE,
    last: AT,
    expected: AT,
    streakSince: BEFORE,
    streakRuns: 2,
  };
  const key = {
    thumbprint: 'k',
    kid: null,
    kty: 'RSA',
    first: BEFORE,
    last: AT,
    runs: 2,
    missed: 0,
    known: true,
  };
  const track: Track = {
    key: 'drift',
    since: BEFORE,
    seen: 2,
    clean: 0,
    severity: 'low',
    evidence: [
      { value: 'here', seen: 2, missed: 0 },
      { value: 'gone', seen: 1, missed: 1 },
    ],
    findings: [],
    more: 0,
    told: null,
  };
  const memory: TargetMemory = {
    ...newTargetMemory(BEFORE),
    lastRun: AT,
    thumbprints: [
      sighting,
      { ...sighting, expected: BEFORE, streakSince: null, streakRuns: 0 },
      { ...sighting, last: BEFORE },
    ],
    signingKeys: [key, { ...key, last: BEFORE, missed: 1 }],
    tracks: [track, { ...track, clean: 1 }],
  };
  const account: AccountMemory = { ...newAccountMemory(AT), tracks: [track, { ...track, clean: 1 }] };
  const tracks = [
    {
      ...track,
      seen: 5,
      evidence: [
        { value: 'here', seen: 5, missed: 0 },
        { value: 'gone', seen: 1, missed: 1 },
      ],
    },
    { ...track, clean: 1 },
  ];

  it('is as if each run had saved it: the last run confirms what it found, and the rest is unchanged', () => {
    expect(repeatTarget(memory, { at: LATER, runs: 3 })).toEqual({
      ...memory,
      lastRun: LATER,
      thumbprints: [
        { ...sighting, last: LATER, expected: LATER, streakRuns: 5 },
        { ...sighting, last: LATER, expected: BEFORE, streakSince: null, streakRuns: 0 },
        { ...sighting, last: BEFORE },
      ],
      signingKeys: [
        { ...key, last: LATER, runs: 5 },
        { ...key, last: BEFORE, missed: 1 },
      ],
      tracks,
    });
    expect(repeatAccount(account, { at: LATER, runs: 3 })).toEqual({ ...account, lastRun: LATER, tracks });
  });

  it('is the same only if nothing else changed', () => {
    const once = { at: LATER, runs: 1 };
    expect(isSameTarget(memory, repeatTarget(memory, once))).toBe(true);
    expect(isSameTarget(memory, repeatTarget(memory, { at: LATER, runs: 2 }))).toBe(false);
    expect(isSameTarget(memory, { ...repeatTarget(memory, once), slowRuns: 1 })).toBe(false);
    expect(isSameAccount(account, repeatAccount(account, once))).toBe(true);
    expect(isSameAccount(account, { ...repeatAccount(account, once), providers: [] })).toBe(false);
  });
});
