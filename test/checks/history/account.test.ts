import { describe, expect, it } from '@jest/globals';
import { needsCount, hasRecipients, rememberAccount } from '../../../lambda/checks/history/account';
import type { ObservedAccount } from '../../../lambda/checks/history/account';
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

  it('counts names of another form, does not show them, and names the CloudTrail event', () => {
    const { memory } = rememberAccount(live([holding()]).memory, holding(arn('\u202eevil')), at(6));
    expect(memory.pendingChanges.map(({ change }) => describeChange(change))[0]).toMatchObject({
      message: '1 new OIDC provider is in the account. Roles that trust them accept their tokens.',
      remedy: expect.stringContaining('CreateOpenIDConnectProvider'),
    });
  });

  const event = (name: string): string =>
    `Look for it in CloudTrail, region us-east-1 (the first region of the partition), where IAM writes its events: ${name}.`;
  const appeared = `If nobody expects it, find out who made it. ${event('CreateOpenIDConnectProvider')}`;
  const gone = `If nobody expects it, find out who deleted it. ${event('DeleteOpenIDConnectProvider')}`;

  it.each<[string, readonly string[], readonly string[], readonly string[], string]>([
    [
      'a new one',
      [],
      [arn('a')],
      [`A new OIDC provider is in the account: "${arn('a')}". Roles that trust it accept its tokens.`],
      appeared,
    ],
    [
      'one that is gone',
      [arn('a')],
      [],
      [`An OIDC provider is gone from the account: "${arn('a')}". Jobs that log in by it fail.`],
      gone,
    ],
    [
      'eleven new ones',
      [],
      Array.from({ length: 11 }, (_, index) => arn(index)),
      [
        `11 new OIDC providers are in the account. Roles that trust them accept their tokens. Among them: "${arn(0)}", "${arn(1)}", "${arn(2)}".`,
      ],
      appeared,
    ],
    [
      'eleven that are gone',
      Array.from({ length: 11 }, (_, index) => arn(index)),
      [],
      [
        `11 OIDC providers are gone from the account. Jobs that log in by them fail. Among them: "${arn(0)}", "${arn(1)}", "${arn(2)}".`,
      ],
      gone,
    ],
  ])('explains %s', (_, before, after, messages, remedy) => {
    const { pendingChanges } = rememberAccount(
      live([holding(...before)]).memory,
      holding(...after),
      at(6),
    ).memory;
    expect(pendingChanges.map(({ change }) => describeChange(change).message)).toEqual(messages);
    expect(pendingChanges.map(({ change }) => describeChange(change).remedy)).toEqual([remedy]);
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
      remedy:
        'Find out who no longer hears the alerts. Mail scanners follow unsubscribe links: confirm with --authenticate-on-unsubscribe true.',
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
