/** The JWK Set: the keys that sign tokens. RFC 7517 and RFC 7638. */
import { createHash } from 'node:crypto';
import type { Jwks, JwksProblem, SigningKey } from '../domain/facts';
import type { Outcome } from '../domain/types';
import { failure } from '../domain/errors';
import type { FailureCode } from '../domain/errors';
import { MAX_DEPTH, readJson } from '../text/json';
import { quote } from '../text/quote';
import { firstAndMore } from '../text/list';

/**
 * STS accepts at most 100 RSA and 100 EC keys: IAM User Guide, "Create an OpenID Connect identity provider".
 */
const MAX_KEYS = 100;
const MIN_RSA_BITS = 2_048;

/** The members that RFC 7638 section 3.2 hashes, in lexicographic order; OKP by RFC 8037 section 2. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['e', 'kty', 'n']],
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
]);

/** RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: members that only the owner of a key may know. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Algorithms with which STS verifies tokens: IAM User Guide, the same page. */
const ALGORITHMS = /^(RS|ES)(256|384|512)$/;

type Members = ReadonlyMap<string, unknown>;

/**
 * Validates the body of a JWK Set. Never throws: a body that cannot be parsed is a failure of step `jwks`.
 */
export function readJwks(body: string, url: string): Outcome<Jwks> {
  const refuse = (code: FailureCode, words: string): Outcome<Jwks> => ({
    ok: false,
    failure: failure('jwks', code, `The key set ${url} ${words}.`),
  });
  const json = readJson(body);
  if (json.kind === 'not-json') return refuse('OIDC_NOT_JSON', `is not JSON: ${json.reason}`);
  if (json.kind === 'too-deep')
    return refuse('OIDC_TOO_DEEP', `has more than ${MAX_DEPTH} levels of nesting, which is the limit`);
  if (json.kind === 'other') return refuse('OIDC_NOT_AN_OBJECT', `is ${json.found} instead of a JSON object`);
  const keys = json.value.get('keys');
  if (!Array.isArray(keys)) return refuse('OIDC_JWKS_INVALID', 'must contain "keys" as a list');
  if (json.keys.filter((key) => key === 'keys').length > 1)
    return refuse('OIDC_DUPLICATE_KEY', 'contains the key "keys" more than once');
  return { ok: true, value: assessKeys(keys) };
}

function assessKeys(keys: readonly unknown[]): Jwks {
  const entries = keys.map(membersOf);
  const signing = entries.filter(isForSigning);
  const readable = signing.flatMap((entry) => readKey(entry));
  return {
    signingKeys: readable,
    problems: [...exposedSecrets(entries), ...ofSet(entries, signing, readable)],
    weak: [...new Set(signing.flatMap(weakness))],
  };
}

/** RFC 7517 section 5: what is no object, or of an unknown kind, is ignored. */
const membersOf = (key: unknown): Members =>
  typeof key === 'object' && key !== null && !Array.isArray(key) ? new Map(Object.entries(key)) : new Map();

/** RFC 7517 sections 4.2 and 4.3. Encryption keys sign nothing. */
function isForSigning(key: Members): boolean {
  const use = key.get('use');
  const operations = key.get('key_ops');
  if (use !== undefined && use !== 'sig') return false;
  return !Array.isArray(operations) || operations.includes('verify') || operations.includes('sign');
}

function readKey(key: Members): readonly SigningKey[] {
  const kty = textIn(key, 'kty') ?? '';
  const required = REQUIRED.get(kty)?.map((member) => [member, textIn(key, member)] as const);
  if (required === undefined || required.some(([, value]) => value === null || value === '')) return [];
  return [
    {
      thumbprint: createHash('sha256')
        .update(JSON.stringify(Object.fromEntries(required)))
        .digest('base64url'),
      kid: textIn(key, 'kid'),
      kty,
      alg: textIn(key, 'alg'),
      bits: kty === 'RSA' ? bitsOf(textIn(key, 'n') ?? '') : null,
    },
  ];
}

const textIn = (key: Members, member: string): string | null => {
  const value = key.get(member);
  return typeof value === 'string' ? value : null;
};

/**
 * Bits of an unsigned big-endian number in base64url: RFC 7518 section 2. Leading zero bytes do not count.
 */
function bitsOf(base64url: string): number {
  const bytes = Buffer.from(base64url, 'base64url');
  const start = bytes.findIndex((byte) => byte !== 0);
  return start === -1 ? 0 : (bytes.length - start) * 8 - Math.clz32(bytes[start] ?? 0) + 24;
}

const exposedSecrets = (entries: readonly Members[]): readonly JwksProblem[] =>
  entries
    .filter((entry) => PRIVATE_MEMBERS.some((member) => entry.has(member)))
    .map((entry) => ({
      kind: 'private',
      words: `the private part of ${keyNameOf(entry)} is published`,
    }));

function ofSet(
  entries: readonly Members[],
  signing: readonly Members[],
  readable: readonly SigningKey[],
): readonly JwksProblem[] {
  const repeated = repetitions(signing.flatMap((entry) => textIn(entry, 'kid') ?? []));
  const words = [
    ...(entries.length === 0 ? ['it is empty'] : []),
    ...(entries.length > 0 && readable.length === 0 ? ['it contains no key that can verify a token'] : []),
    ...(repeated.length > 0 ? [`it contains more than one key with the kid ${nameKids(repeated)}`] : []),
    ...['RSA', 'EC'].flatMap((kty) => {
      const many = entries.filter((entry) => entry.get('kty') === kty).length;
      return many > MAX_KEYS
        ? [`it contains ${many} ${kty} keys, but AWS STS accepts at most ${MAX_KEYS}`]
        : [];
    }),
  ];
  return words.map((each) => ({ kind: 'set', words: each }));
}

/** Each repeated one once, in one pass. */
function repetitions(kids: readonly string[]): readonly string[] {
  const once = new Set<string>();
  const again = new Set<string>();
  for (const kid of kids) (once.has(kid) ? again : once).add(kid);
  return [...again];
}

/** A hostile set may repeat thousands of kids. */
const MAX_NAMED = 5;

const nameKids = (kids: readonly string[]): string => firstAndMore(kids, MAX_NAMED, { show: quote });

function weakness(key: Members): readonly string[] {
  const kty = textIn(key, 'kty');
  const alg = textIn(key, 'alg');
  if (kty === 'oct')
    return [`${keyNameOf(key)} is symmetric, so anyone who can verify tokens can also sign them`];
  if (kty === null || !REQUIRED.has(kty))
    return [`${keyNameOf(key)} has the unknown type ${quote(kty ?? 'none')}`];
  if (kty === 'OKP') return [`${keyNameOf(key)} has the type "OKP", which AWS STS does not support`];
  if (alg !== null && !ALGORITHMS.test(alg))
    return [`${keyNameOf(key)} has the algorithm ${quote(alg)}, which AWS STS does not support`];
  const bits = kty === 'RSA' ? bitsOf(textIn(key, 'n') ?? '') : null;
  return bits !== null && bits < MIN_RSA_BITS
    ? [`${keyNameOf(key)} has ${bits} bits, but at least ${MIN_RSA_BITS} are required`]
    : [];
}

const keyNameOf = (key: Members): string => {
  const kid = textIn(key, 'kid');
  return kid === null ? 'a key without "kid"' : `key ${quote(kid)}`;
};
