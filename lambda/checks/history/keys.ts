/** The rotation of signing keys: which are new, which are gone. */
import { KEY_TYPE, KID, MAX_NAMES } from '../../state/identifiers';
import { MAX_OBSERVED_KEYS } from '../../state/schema';
import type { ObservedKey, TargetMemory } from '../../state/schema';
import type { Change, KeyName } from '../../state/change';
import type { SigningKey } from '../../domain/facts';

/**
 * Caches of an issuer answer in turns during a rotation: a key is new, or gone, if two consecutive runs
 * agree.
 */
const CONFIRMING_RUNS = 2;
/** The keys after a run, and the change to alert (JWKS002, at most one finding). */
export interface FollowedKeys {
  readonly signingKeys: readonly ObservedKey[];
  readonly changes: readonly Change[];
  /** Changes that a second run must confirm before they are alerted. */
  readonly waiting: readonly Change[];
}

/**
 * Follows the keys of one issuer through one run that could read them. `at` is ISO 8601. A set without keys
 * is JWKS001 and no rotation: the next set is compared with the one before it.
 */
export function followKeys(
  { signingKeys }: TargetMemory,
  published: readonly SigningKey[],
  at: string,
): FollowedKeys {
  const served = [...new Map(published.map((key) => [key.thumbprint, key])).values()];
  if (served.length === 0) return { signingKeys, changes: [], waiting: [] };
  // The first set that can be parsed is not a change, even if the first runs could not collect one.
  const isFirst = signingKeys.length === 0;
  const known = new Map(signingKeys.map((each) => [each.thumbprint, each]));
  const current = served.map((key) => observeKey(key, known.get(key.thumbprint), isFirst, at));
  const missing = signingKeys
    .filter(({ thumbprint }) => !served.some((key) => key.thumbprint === thumbprint))
    .map((each) => ({ ...each, missed: each.missed + 1 }));
  const added = current.filter(({ known, runs }) => !known && runs >= CONFIRMING_RUNS);
  const removed = missing.filter(({ known, missed }) => known && missed >= CONFIRMING_RUNS);
  const coming = current.filter(({ known, runs }) => !known && runs < CONFIRMING_RUNS);
  const going = missing.filter(({ known, missed }) => known && missed < CONFIRMING_RUNS);
  const remaining = [
    ...current.map((key) => (added.includes(key) ? { ...key, known: true } : key)),
    ...missing.filter(({ missed }) => missed < CONFIRMING_RUNS),
  ];
  // Known keys come first, so that a set of thousands displaces none of them.
  const isKnown = ({ thumbprint }: ObservedKey): boolean => known.has(thumbprint);
  const ordered = [...remaining.filter(isKnown), ...remaining.filter((key) => !isKnown(key))];
  return {
    signingKeys: remaining.length <= MAX_OBSERVED_KEYS ? remaining : ordered.slice(0, MAX_OBSERVED_KEYS),
    changes: changeOf(added, removed, current.length),
    waiting: changeOf(coming, going, current.length),
  };
}

function observeKey(
  key: SigningKey,
  earlier: ObservedKey | undefined,
  isFirst: boolean,
  at: string,
): ObservedKey {
  return {
    thumbprint: key.thumbprint,
    kid: key.kid !== null && KID.test(key.kid) ? key.kid : null,
    kty: KEY_TYPE.test(key.kty) ? key.kty : null,
    first: earlier?.first ?? at,
    last: at,
    runs: (earlier?.runs ?? 0) + 1,
    missed: 0,
    known: earlier?.known ?? isFirst,
  };
}

function changeOf(
  added: readonly ObservedKey[],
  removed: readonly ObservedKey[],
  published: number,
): readonly Change[] {
  if (added.length === 0 && removed.length === 0) return [];
  return [{ kind: 'keys', added: nameKeys(added), removed: nameKeys(removed), published }];
}

const nameKeys = (keys: readonly ObservedKey[]): Extract<Change, { kind: 'keys' }>['added'] => ({
  names: keys.slice(0, MAX_NAMES).map(({ thumbprint, kid, kty }): KeyName => ({ thumbprint, kid, kty })),
  more: Math.max(0, keys.length - MAX_NAMES),
});
