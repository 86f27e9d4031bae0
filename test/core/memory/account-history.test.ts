import { describe, expect, it } from '@jest/globals';
import { isCountDue, isHeard, rememberAccount } from '../../../lambda/core/memory/account-history';
import type { SeenAccount } from '../../../lambda/core/memory/account-history';
import { failure } from '../../../lambda/core/errors';
import type { AccountMemory } from '../../../lambda/core/memory/memory';

const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 1) + hour * 3_600_000);
const arn = (name: string | number): string => `arn:aws:iam::123456789012:oidc-provider/${name}`;
const heardBy = (value: number): SeenAccount => ({ providers: null, recipients: { ok: true, value } });
const holding = (...providers: readonly string[]): SeenAccount => ({ providers, recipients: null });

/** What each run newly has to say: findings, then news. */
function live(runs: readonly SeenAccount[]): {
  readonly said: readonly (readonly string[])[];
  readonly messages: readonly string[];
  readonly memory: AccountMemory | null;
} {
  let memory: AccountMemory | null = null;
  const messages: string[] = [];
  const said = runs.map((seen, run) => {
    const after = rememberAccount(memory, seen, at(run * 6));
    memory = { ...after.memory, news: [] };
    const all = [...after.findings, ...after.memory.news.map(({ finding }) => finding)];
    messages.push(...all.map(({ message }) => message));
    return all.map(({ check, severity }) => `${check} ${severity}`);
  });
  return { said, messages, memory };
}

describe('PROV006', () => {
  it('lists in the first run, and alarms for what comes and goes after it, once', () => {
    const { said } = live([
      holding(arn('a')),
      holding(arn('a'), arn('b')),
      holding(arn('a'), arn('b')),
      holding(arn('b')),
      holding(arn('b')),
    ]);
    expect(said).toEqual([[], ['PROV006 high'], [], ['PROV006 medium'], []]);
  });

  it('says nothing of a run that could not list, and compares with the last that could', () => {
    const blind: SeenAccount = { providers: null, recipients: null };
    expect(live([blind, holding(arn('a')), blind, holding(arn('a'))]).said).toEqual([[], [], [], []]);
    expect(live([holding(arn('a')), blind, holding()]).said).toEqual([[], [], ['PROV006 medium']]);
  });

  it('escapes names and gives the event to look for', () => {
    const { memory } = rememberAccount(live([holding()]).memory, holding(arn('\u202eevil')), at(6));
    expect(memory.news[0]?.finding).toMatchObject({
      message: expect.stringContaining('\\u{202e}evil'),
      remedy: expect.stringContaining('CreateOpenIDConnectProvider'),
    });
  });

  it('names each of ten, loses none of 700, and still fits into an item and a message', () => {
    const many = (amount: number): readonly string[] =>
      Array.from({ length: amount }, (_, index) => arn(`oidc.circleci.com/org/${index}-${'x'.repeat(40)}`));
    const few = rememberAccount(live([holding()]).memory, holding(...many(10)), at(6));
    expect(few.memory.news).toHaveLength(10);
    for (const [before, after] of [
      [[], many(700)],
      [many(700), []],
    ] as const) {
      const { memory } = rememberAccount(live([holding(...before)]).memory, holding(...after), at(6));
      const words = memory.news.map(({ finding }) => finding.message).join(' ');
      expect(words).toContain('700');
      expect(JSON.stringify(memory.news).length).toBeLessThan(10_000);
    }
  });
});

describe('OPS001', () => {
  it('is found while nobody listens, and is news where somebody was lost', () => {
    const { said, messages } = live([0, 0, 3, 3, 1, 1].map(heardBy));
    expect(said).toEqual([['OPS001 high'], ['OPS001 high'], [], [], ['OPS001 high'], []]);
    expect(messages.at(-1)).toContain('1 confirmed subscription, 2 fewer than before');
  });

  it('says nothing of a run that did not count', () => {
    const lost: SeenAccount = {
      providers: null,
      recipients: { ok: false, failure: failure('sns', 'AWS_ACCESS_DENIED', 'x') },
    };
    const { said, memory } = live([heardBy(2), lost, heardBy(2)]);
    expect(said).toEqual([[], [], []]);
    expect(memory?.recipients).toEqual({ confirmed: 2, checkedAt: at(12).toISOString() });
    expect([...rememberAccount(memory, lost, at(18)).unseen]).toEqual(['OPS001']);
    expect([...rememberAccount(memory, heardBy(1), at(18)).unseen]).toEqual([]);
  });

  it.each<[string, readonly SeenAccount[], number, boolean]>([
    ['never counted', [holding()], 0, true],
    ['nobody listens', [heardBy(0)], 1, true],
    ['counted 23 hours ago', [heardBy(1)], 23, false],
    ['counted a day ago', [heardBy(1)], 24, true],
  ])('is counted where due: %s', (_, runs, hour, expected) => {
    expect(isCountDue(live(runs).memory, at(hour))).toBe(expected);
  });

  it('takes messages as heard unless nobody is known to listen', () => {
    const heard = (runs: readonly SeenAccount[]): boolean => {
      const { memory } = live(runs);
      return memory !== null && isHeard(memory);
    };
    expect([
      heard([holding()]),
      heard([heardBy(0)]),
      heard([heardBy(1)]),
      heard([heardBy(1), heardBy(0)]),
    ]).toEqual([true, false, true, false]);
    expect(isCountDue(null, at(0))).toBe(true);
  });
});
