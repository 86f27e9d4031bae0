/** The rotation of signing keys: which came, which are gone. */
import type { Finding } from '../domain';
import type { SigningKey } from '../jwks';
import type { KeySighting, TargetMemory } from './memory';
import { quote } from '../text/quote';

/** Caches of an issuer answer in turns during a rotation: a key is new, or gone, when two runs in a row say so. */
const CONFIRMING_RUNS = 2;
const MOST_KEYS = 250;
/** Whoever runs an issuer chooses its kids, and how many keys it changes at a time. */
const MOST_KID = 100;
const MOST_NAMED = 10;

/** The keys after a run, and what is to be said of them (JWKS002, at most one finding). */
export interface FollowedKeys {
  readonly signingKeys: readonly KeySighting[];
  readonly changes: readonly Finding[];
}

/**
 * Follows the keys of one issuer through one run that could read them. `at` is ISO 8601. A set without keys is JWKS001
 * and no rotation: whatever comes after it is compared with what was there before.
 */
export function followKeys(
  { signingKeys }: TargetMemory,
  published: readonly SigningKey[],
  at: string,
): FollowedKeys {
  const served = [...new Map(published.map((key) => [key.thumbprint, key])).values()];
  if (served.length === 0) return { signingKeys, changes: [] };
  // The first set that can be read is not news, even where the first runs could not read one.
  const isFirst = signingKeys.length === 0;
  const known = new Map(signingKeys.map((each) => [each.thumbprint, each]));
  const current = served.map((key) => see(key, known.get(key.thumbprint), isFirst, at));
  const missing = signingKeys
    .filter(({ thumbprint }) => !served.some((key) => key.thumbprint === thumbprint))
    .map((each) => ({ ...each, missed: each.missed + 1 }));
  const added = current.filter(({ known, runs }) => !known && runs >= CONFIRMING_RUNS);
  const removed = missing.filter(({ known, missed }) => known && missed >= CONFIRMING_RUNS);
  const kept = [
    ...current.map((key) => (added.includes(key) ? { ...key, known: true } : key)),
    ...missing.filter(({ missed }) => missed < CONFIRMING_RUNS),
  ];
  return { signingKeys: kept.slice(0, MOST_KEYS), changes: changeOf(added, removed, current.length) };
}

function see(key: SigningKey, earlier: KeySighting | undefined, isFirst: boolean, at: string): KeySighting {
  return {
    thumbprint: key.thumbprint,
    kid: key.kid !== null && key.kid.length > MOST_KID ? `${key.kid.slice(0, MOST_KID)}…` : key.kid,
    kty: key.kty,
    first: earlier?.first ?? at,
    last: at,
    runs: (earlier?.runs ?? 0) + 1,
    missed: 0,
    known: earlier?.known ?? isFirst,
  };
}

function changeOf(
  added: readonly KeySighting[],
  removed: readonly KeySighting[],
  amount: number,
): readonly Finding[] {
  if (added.length === 0 && removed.length === 0) return [];
  const words = [
    ...(added.length === 0 ? [] : [`Added: ${named(added)}.`]),
    ...(removed.length === 0 ? [] : [`Removed: ${named(removed)}.`]),
  ];
  return [
    {
      check: 'JWKS002',
      severity: 'info',
      message: `The issuer changed its signing keys. ${words.join(' ')} It publishes ${amount} now. This needs no action unless it is unexpected: AWS reads the keys by itself.`,
      remedy: 'Nothing, if the rotation is expected. If it is not, ask whoever runs the issuer.',
    },
  ];
}

function named(keys: readonly KeySighting[]): string {
  const rest = keys.length - MOST_NAMED;
  const names = keys.slice(0, MOST_NAMED).map(nameOf).join(', ');
  return rest > 0 ? `${names} and ${rest} more` : names;
}

const nameOf = ({ kid, kty, thumbprint }: KeySighting): string =>
  `${kty} key ${kid === null ? 'without kid' : quote(kid)} (${thumbprint})`;
