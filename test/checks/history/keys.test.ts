import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../lambda/domain/types';
import { count } from '../../../lambda/text/layout';
import { describeChange } from '../../../lambda/checks/history/change';
import { followKeys } from '../../../lambda/checks/history/keys';
import { newTargetMemory } from '../../../lambda/state/schema';
import type { ObservedKey } from '../../../lambda/state/schema';
import type { SigningKey } from '../../../lambda/domain/facts';

const key = (name: string, kid: string | null = name): SigningKey => ({
  thumbprint: name.padEnd(43, '_'),
  kid,
  kty: 'RSA',
  alg: null,
  bits: 2048,
});
const named = (name: string) => ({ thumbprint: name.padEnd(43, '_'), kid: name, kty: 'RSA' });
const keys = (names: string): readonly SigningKey[] => Array.from(names, (name) => key(name));
const at = (run: number): string => new Date(Date.UTC(2026, 10, 1, 6 * run)).toISOString();

/** What each run reports, as the kids that were added and removed. Null: the run could not read the keys. */
function changes(served: readonly (readonly SigningKey[] | null)[]): readonly string[] {
  let signingKeys: readonly ObservedKey[] = [];
  return served.map((each, run) => {
    if (each === null) return '';
    const followed = followKeys({ ...newTargetMemory(at(0)), signingKeys }, each, at(run));
    signingKeys = followed.signingKeys;
    const [message = ''] = followed.changes.map((change) => describeChange(change).message);
    return [/Added: .*?\./, /Removed: .*?\./]
      .flatMap((part) => part.exec(message)?.[0] ?? [])
      .map((part) => part.replaceAll(/RSA key | \(.*?\)/g, ''))
      .join(' ');
  });
}

describe('rotation of signing keys', () => {
  it.each<[string, readonly (readonly SigningKey[] | null)[], readonly string[]]>([
    ['is nothing in the first run', [keys('ab'), keys('ab')], ['', '']],
    [
      'is told of a new key in its second run, once',
      [keys('a'), keys('ab'), keys('ab'), keys('ab')],
      ['', '', 'Added: "b".', ''],
    ],
    [
      'is told of a key that is gone for two runs, once',
      [keys('ab'), keys('b'), keys('b'), keys('b')],
      ['', '', 'Removed: "a".', ''],
    ],
    [
      'is one message where one replaces the other',
      [keys('a'), keys('b'), keys('b')],
      ['', '', 'Added: "b". Removed: "a".'],
    ],
    [
      'is told of keys that caches show in turns',
      [keys('a'), keys('ab'), keys('a'), keys('ab'), keys('a')],
      ['', '', '', 'Added: "b".', ''],
    ],
    [
      'is not told of a key that one run shows',
      [keys('a'), keys('ab'), keys('a'), keys('a'), keys('a')],
      ['', '', '', '', ''],
    ],
    [
      'is not told of a key that one run misses',
      [keys('ab'), keys('b'), keys('ab'), keys('b'), keys('ab')],
      ['', '', '', '', ''],
    ],
    [
      'is told of a key that comes back after it was gone',
      [keys('ab'), keys('a'), keys('a'), keys('ab'), keys('ab')],
      ['', '', 'Removed: "b".', '', 'Added: "b".'],
    ],
    [
      'waits for runs that can read',
      [keys('a'), null, keys('b'), null, keys('b')],
      ['', '', '', '', 'Added: "b". Removed: "a".'],
    ],
    ['is nothing where the first runs could not read', [null, null, keys('a'), keys('a')], ['', '', '', '']],
    [
      'is told of keys that follow an empty set',
      [keys('a'), [], [], [], keys('b'), keys('b')],
      ['', '', '', '', '', 'Added: "b". Removed: "a".'],
    ],
    ['is nothing where an empty set passes', [keys('a'), [], [], keys('a'), keys('a')], ['', '', '', '', '']],
    ['counts a key that stands twice once', [keys('a'), keys('abb'), keys('abb')], ['', '', 'Added: "b".']],
  ])('%s', (_, served, expected) => {
    expect(changes(served)).toEqual(expected);
  });

  it('names kid, kind and thumbprint, and that no action is needed', () => {
    const memory = {
      ...newTargetMemory(at(0)),
      signingKeys: followKeys(newTargetMemory(at(0)), keys('a'), at(0)).signingKeys,
    };
    const next = followKeys(memory, [key('a'), key('b', null)], at(1));
    const [change] = followKeys(
      { ...memory, signingKeys: next.signingKeys },
      [key('a'), key('b', null)],
      at(2),
    ).changes;
    const found = change === undefined ? null : describeChange(change);
    expect(found).toMatchObject({ check: 'JWKS002', severity: 'info' });
    expect(found?.message).toBe(
      `The issuer changed its signing keys. Added: RSA key (${'b'.padEnd(43, '_')}). It now publishes 2 keys. AWS reads the signing keys directly from the issuer.`,
    );
  });

  it('is saved key by key', () => {
    const first = followKeys(newTargetMemory(at(0)), keys('a'), at(0)).signingKeys;
    const second = followKeys({ ...newTargetMemory(at(0)), signingKeys: first }, keys('b'), at(1));
    const seen = (name: string, run: number, runs: number, missed: number, known: boolean): ObservedKey => ({
      thumbprint: name.padEnd(43, '_'),
      kid: name,
      kty: 'RSA',
      first: at(run),
      last: at(runs === 2 ? 2 : run),
      runs,
      missed,
      known,
    });
    expect(second).toEqual({
      signingKeys: [seen('b', 1, 1, 0, false), seen('a', 0, 1, 1, true)],
      changes: [],
      waiting: [
        {
          kind: 'keys',
          added: { names: [named('b')], more: 0 },
          removed: { names: [named('a')], more: 0 },
          published: 1,
        },
      ],
    });
    const memory = { ...newTargetMemory(at(0)), signingKeys: second.signingKeys };
    expect(followKeys(memory, keys('b'), at(2)).signingKeys).toEqual([seen('b', 1, 2, 0, true)]);
    expect(followKeys(memory, [], at(2))).toEqual({
      signingKeys: second.signingKeys,
      changes: [],
      waiting: [],
    });
  });

  /** What the second run in a row reports that collects these keys instead of the first ones. */
  const saidOf = (first: readonly SigningKey[], then: readonly SigningKey[]): readonly Finding[] => {
    let signingKeys: readonly ObservedKey[] = [];
    const runs = [first, then, then].map((served, run) => {
      const followed = followKeys({ ...newTargetMemory(at(0)), signingKeys }, served, at(run));
      signingKeys = followed.signingKeys;
      return followed.changes.map(describeChange);
    });
    return runs.at(-1) ?? [];
  };
  const change = (words: string, amount: number): Finding => ({
    check: 'JWKS002',
    severity: 'info',
    message: `The issuer changed its signing keys. ${words} It now publishes ${count(amount, 'key')}. AWS reads the signing keys directly from the issuer.`,
    remedy: "No action is needed if you expect this change. Otherwise, ask the issuer's operator.",
  });
  const called = (name: string): string => `RSA key "${name}" (${name.padEnd(43, '_')})`;

  it('is reported in one sentence for added and one for removed keys', () => {
    expect(saidOf(keys('ab'), keys('cd'))).toMatchObject([
      change(`Added: ${called('c')}, ${called('d')}. Removed: ${called('a')}, ${called('b')}.`, 2),
    ]);
    expect(saidOf(keys('ab'), keys('a'))).toMatchObject([change(`Removed: ${called('b')}.`, 1)]);
  });

  it('names ten keys, and the number of others', () => {
    const ten = Array.from('bcdefghijk', called).join(', ');
    expect(saidOf(keys('a'), keys('abcdefghijk'))).toMatchObject([change(`Added: ${ten}.`, 11)]);
    expect(saidOf(keys('a'), keys('abcdefghijkl'))).toMatchObject([change(`Added: ${ten} and 1 more.`, 12)]);
  });

  it('does not store a kid of more than a hundred characters, or of unusual ones', () => {
    const kids = [...[100, 101].map((length) => 'x'.repeat(length)), 'Call 555'].map((kid, index) =>
      key(String(index), kid),
    );
    const { signingKeys } = followKeys(newTargetMemory(at(0)), kids, at(0));
    expect(signingKeys.map(({ kid }) => kid)).toEqual(['x'.repeat(100), null, null]);
  });

  it('stays small in message and state if an issuer changes thousands at a time', () => {
    const flood = (run: number): readonly SigningKey[] =>
      Array.from({ length: 3_000 }, (_, index) => key(`${run}-${index}`, `\n${'x'.repeat(1_000)}`));
    let signingKeys: readonly ObservedKey[] = [];
    for (const run of [0, 1, 2, 3, 4, 5]) {
      const served = flood(Math.floor(run / 2));
      const followed = followKeys({ ...newTargetMemory(at(0)), signingKeys }, served, at(run));
      signingKeys = followed.signingKeys;
      expect(followed.changes.map((change) => describeChange(change).message).join('').length).toBeLessThan(
        10_000,
      );
      expect(JSON.stringify(signingKeys).length).toBeLessThan(200_000);
    }
  });
});
