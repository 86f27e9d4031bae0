import { describe, expect, it } from '@jest/globals';
import { needsCount, hasRecipients, rememberAccount } from '../../../lambda/checks/history/account';
import type { ObservedAccount } from '../../../lambda/checks/history/account';
import { LOGINS_UNKNOWN } from '../../../lambda/domain/logins';
import { lookInCloudTrail } from '../../../lambda/remedies/remedy';
import { describeChange } from '../../../lambda/checks/history/change';
import { failure } from '../../../lambda/domain/errors';
import type { AccountMemory } from '../../../lambda/state/schema';

const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 1) + hour * 3_600_000);
const arn = (name: string | number): string => `arn:aws:iam::123456789012:oidc-provider/${name}`;
const heardBy = (value: number): ObservedAccount => ({ providers: null, recipients: { ok: true, value } });
const holding = (...providers: readonly string[]): ObservedAccount => ({ providers, recipients: null });

/** What each run newly reports: findings, then changes. */
function live(runs: readonly ObservedAccount[]): {
  readonly said: readonly (readonly string[])[];
  readonly messages: readonly string[];
  readonly memory: AccountMemory | null;
} {
  let memory: AccountMemory | null = null;
  const messages: string[] = [];
  const said = runs.map((seen, run) => {
    const after = rememberAccount(memory, seen, at(run * 6));
    memory = { ...after.memory, pendingChanges: [] };
    const all = [
      ...after.findings,
      ...after.memory.pendingChanges.map(({ change }) => describeChange(change)),
    ];
    messages.push(...all.map(({ message }) => message));
    return all.map(({ check, severity }) => `${check} ${severity}`);
  });
  return { said, messages, memory };
}

describe('PROV006: providers of the account added or removed', () => {
  it('lists providers in the first run, and reports each change after it once', () => {
    const { said } = live([
      holding(arn('a')),
      holding(arn('a'), arn('b')),
      holding(arn('a'), arn('b')),
      holding(arn('b')),
      holding(arn('b')),
    ]);
    expect(said).toEqual([[], ['PROV006 high'], [], ['PROV006 medium'], []]);
  });

  it('reports nothing for a run that could not list, and compares with the last complete list', () => {
    const blind: ObservedAccount = { providers: null, recipients: null };
    expect(live([blind, holding(arn('a')), blind, holding(arn('a'))]).said).toEqual([[], [], [], []]);
    expect(live([holding(arn('a')), blind, holding()]).said).toEqual([[], [], ['PROV006 medium']]);
  });

  const ACCEPTED = 'AWS accepts tokens of a new provider for the roles that trust it.';

  it('counts names of another form, does not show them, and names the CloudTrail event', () => {
    const { memory } = rememberAccount(live([holding()]).memory, holding(arn('\u202eevil')), at(6));
    expect(memory.pendingChanges.map(({ change }) => describeChange(change))[0]).toMatchObject({
      message: `An OIDC provider was created. ${ACCEPTED}`,
      remedy: expect.stringContaining('CreateOpenIDConnectProvider'),
    });
  });

  const REFUSED = `AWS no longer accepts tokens of a deleted provider. ${LOGINS_UNKNOWN}`;
  const created = lookInCloudTrail('CreateOpenIDConnectProvider');
  const deleted = lookInCloudTrail('DeleteOpenIDConnectProvider');

  it.each<[string, readonly string[], readonly string[], readonly string[], string]>([
    ['a new one', [], [arn('a')], [`An OIDC provider was created: "${arn('a')}". ${ACCEPTED}`], created],
    [
      'one that is gone',
      [arn('a')],
      [],
      [`An OIDC provider was deleted: "${arn('a')}". ${REFUSED}`],
      deleted,
    ],
    [
      'eleven new ones',
      [],
      Array.from({ length: 11 }, (_, index) => arn(index)),
      [`11 OIDC providers were created: "${arn(0)}", "${arn(1)}", "${arn(2)}" and 8 more. ${ACCEPTED}`],
      created,
    ],
    [
      'eleven that are gone',
      Array.from({ length: 11 }, (_, index) => arn(index)),
      [],
      [`11 OIDC providers were deleted: "${arn(0)}", "${arn(1)}", "${arn(2)}" and 8 more. ${REFUSED}`],
      deleted,
    ],
  ])('explains %s', (_, before, after, messages, remedy) => {
    const { pendingChanges } = rememberAccount(
      live([holding(...before)]).memory,
      holding(...after),
      at(6),
    ).memory;
    expect(pendingChanges.map(({ change }) => describeChange(change).message)).toEqual(messages);
    expect(pendingChanges.map(({ change }) => describeChange(change).remedy)).toEqual([
      expect.stringContaining(remedy),
    ]);
    expect(pendingChanges.map((each) => each.at)).toEqual([at(6).toISOString()]);
  });

  it('saves the last fifty changes if there is never a recipient', () => {
    let memory: AccountMemory | null = null;
    for (let run = 0; run <= 52; run += 1)
      memory = rememberAccount(
        memory,
        holding(...Array.from({ length: run }, (_, index) => arn(index))),
        at(run),
      ).memory;
    const said = memory?.pendingChanges.map(({ change }) => describeChange(change).message) ?? [];
    expect(said).toHaveLength(50);
    expect(said[0]).toContain(`"${arn(2)}"`);
    expect(said.at(-1)).toContain(`"${arn(51)}"`);
  });

  it('names ten, saves all of 700, and fits into an item and a message', () => {
    const many = (amount: number): readonly string[] =>
      Array.from({ length: amount }, (_, index) => arn(`oidc.circleci.com/org/${index}-${'x'.repeat(40)}`));
    const few = rememberAccount(live([holding()]).memory, holding(...many(10)), at(6));
    expect(few.memory.pendingChanges).toHaveLength(10);
    for (const [before, after] of [
      [[], many(700)],
      [many(700), []],
    ] as const) {
      const { memory } = rememberAccount(live([holding(...before)]).memory, holding(...after), at(6));
      const words = memory.pendingChanges.map(({ change }) => describeChange(change).message).join(' ');
      expect(words).toContain('700');
      expect(JSON.stringify(memory.pendingChanges).length).toBeLessThan(10_000);
    }
  });
});

describe('OPS001: no recipients', () => {
  it('is found as long as there is no recipient, and is a change if one was lost', () => {
    const { said, messages } = live([0, 0, 3, 3, 1, 1].map(heardBy));
    expect(said).toEqual([['OPS001 high'], ['OPS001 high'], [], [], ['OPS001 high'], []]);
    expect(messages.at(-1)).toBe('The alert topic has 1 confirmed subscription, 2 fewer than before.');
    const { memory } = rememberAccount(live([heardBy(3)]).memory, heardBy(2), at(6));
    expect(memory.pendingChanges.map(({ change }) => describeChange(change))[0]).toMatchObject({
      message: 'The alert topic has 2 confirmed subscriptions, 1 fewer than before.',
      remedy: expect.stringContaining('--authenticate-on-unsubscribe true'),
    });
  });

  it('reports nothing for a run that did not count', () => {
    const lost: ObservedAccount = {
      providers: null,
      recipients: { ok: false, failure: failure('sns', 'AWS_ACCESS_DENIED', 'x') },
    };
    const { said, memory } = live([heardBy(2), lost, heardBy(2)]);
    expect(said).toEqual([[], [], []]);
    expect(memory?.recipients).toEqual({ confirmed: 2, checkedAt: at(12).toISOString() });
    expect([...rememberAccount(memory, lost, at(18)).skipped]).toEqual(['OPS001']);
    expect([...rememberAccount(memory, heardBy(1), at(18)).skipped]).toEqual([]);
  });

  it.each<[string, readonly ObservedAccount[], number, boolean]>([
    ['never counted', [holding()], 0, true],
    ['nobody listens', [heardBy(0)], 1, true],
    ['counted 23 hours ago', [heardBy(1)], 23, false],
    ['counted a day ago', [heardBy(1)], 24, true],
  ])('counts once a day: %s', (_, runs, hour, expected) => {
    expect(needsCount(live(runs).memory, at(hour))).toBe(expected);
  });

  it('treats messages as received unless a topic is known to have no recipient', () => {
    const heard = (runs: readonly ObservedAccount[]): boolean => {
      const { memory } = live(runs);
      return memory !== null && hasRecipients(memory);
    };
    expect([
      heard([holding()]),
      heard([heardBy(0)]),
      heard([heardBy(1)]),
      heard([heardBy(1), heardBy(0)]),
    ]).toEqual([true, false, true, false]);
    expect(needsCount(null, at(0))).toBe(true);
  });
});
