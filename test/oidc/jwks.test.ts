import { describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Finding } from '../../lambda/domain/types';
import { readJwks } from '../../lambda/oidc/jwks';
import { evaluateJwks } from '../../lambda/checks/jwks';
import type { Jwks } from '../../lambda/domain/facts';

const URL = 'https://issuer.example.com/keys';

/** RFC 7638 section 3.1. */
const RFC_7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};
/** RFC 8037 appendix A.2; its thumbprint is in appendix A.3. */
const RFC_8037 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const EC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

const ASK =
  "Ask the issuer's operator to serve a valid key set at this address. AWS STS reads the same key set.";

const setOf = (...keys: readonly unknown[]): string => JSON.stringify({ keys });
const rsa = (bits: number): object =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });

class NotRead extends Error {}
function read(...keys: readonly unknown[]): Jwks {
  const outcome = readJwks(setOf(...keys), URL);
  if (!outcome.ok) throw new NotRead(outcome.failure.message);
  return outcome.value;
}
const found = (body: string): readonly Finding[] => evaluateJwks(readJwks(body, URL));
const inShort = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

describe('signing keys', () => {
  it('have the thumbprints of the RFCs', () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
    expect(read(RFC_7638, RFC_8037, { ...EC, kid: 'e', use: 'sig' }).signingKeys).toEqual([
      {
        thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
        kid: '2011-04-29',
        kty: 'RSA',
        alg: 'RS256',
        bits: 2048,
      },
      {
        thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
        kid: null,
        kty: 'OKP',
        alg: null,
        bits: null,
      },
      {
        thumbprint: hash(`{"crv":"P-256","kty":"EC","x":"${EC.x}","y":"${EC.y}"}`),
        kid: 'e',
        kty: 'EC',
        alg: null,
        bits: null,
      },
    ]);
  });

  it.each([1024, 1032, 1536])('of %d bits are counted as such', (bits) => {
    expect(read(rsa(bits)).signingKeys[0]?.bits).toBe(bits);
  });

  it('may have zero bytes in front of the modulus, which do not count', () => {
    const padded = Buffer.concat([Buffer.alloc(8), Buffer.alloc(255, 255)]).toString('base64url');
    expect(read({ kty: 'RSA', e: 'AQAB', n: padded }).signingKeys[0]?.bits).toBe(2040);
  });

  it.each([
    ['of 2048 bits behind one zero byte', [0, ...Array<number>(256).fill(255)], 2048],
    ['whose first byte is small', [1, 255], 9],
    ['of zero bytes alone', [0, 0], 0],
  ])('may have a modulus %s', (_, bytes, bits) => {
    const n = Buffer.from(bytes).toString('base64url');
    expect(read({ kty: 'RSA', e: 'AQAB', n }).signingKeys[0]?.bits).toBe(bits);
  });

  it('are only keys for signatures', () => {
    const passed = [
      { ...RFC_7638, use: 'enc' },
      { ...RFC_7638, use: 5 },
      { ...RFC_7638, key_ops: ['encrypt'] },
      { kty: 'RSA', e: 'AQAB' },
      { kty: 'RSA', e: 'AQAB', n: 5 },
      { kty: 'RSA', e: 'AQAB', n: '' },
      { kty: 'PQC', x: 'x' },
      null,
      'text',
      [RFC_7638],
    ];
    const kept = [
      { ...RFC_7638, use: 'sig' },
      { ...EC, key_ops: ['verify'] },
    ];
    expect(read(...passed, ...kept).signingKeys.map(({ kty }) => kty)).toEqual(['RSA', 'EC']);
  });
});

describe('JWKS001: signing keys that cannot be used', () => {
  it('is not reported for a valid set', () => {
    expect(found(setOf(RFC_7638, EC))).toEqual([]);
  });

  it.each([
    ['the body is not JSON', '<html>', 'OIDC_NOT_JSON', 'is not JSON: it begins with "<html>"'],
    ['the body is empty', '', 'OIDC_NOT_JSON', 'is not JSON: it is empty'],
    [
      'there is a byte order mark',
      `\uFEFF${setOf(RFC_7638)}`,
      'OIDC_NOT_JSON',
      'is not JSON: it begins with a byte order mark',
    ],
    ['the body is an array', '[]', 'OIDC_NOT_AN_OBJECT', 'is an array instead of a JSON object'],
    ['the body is null', 'null', 'OIDC_NOT_AN_OBJECT', 'is null instead of a JSON object'],
    ['there are no keys', '{}', 'OIDC_JWKS_INVALID', 'must contain "keys" as a list'],
    ['keys is an object', '{"keys":{}}', 'OIDC_JWKS_INVALID', 'must contain "keys" as a list'],
    [
      'keys stands twice',
      `{"keys":[],"keys":[${JSON.stringify(EC)}]}`,
      'OIDC_DUPLICATE_KEY',
      'contains the key "keys" more than once',
    ],
    [
      'it is deep',
      `{"keys":[${'['.repeat(100)}${']'.repeat(100)}]}`,
      'OIDC_TOO_DEEP',
      'has more than 64 levels of nesting, which is the limit',
    ],
  ])('is high if the set cannot be parsed: %s', (_, body, code, words) => {
    const message = `The key set ${URL} ${words}.`;
    expect(readJwks(body, URL)).toEqual({ ok: false, failure: { step: 'jwks', code, message } });
    expect(found(body)).toEqual([
      {
        check: 'JWKS001',
        severity: 'high',
        message: `${message} Without signing keys, AWS STS cannot verify any token.`,
        remedy: ASK,
      },
    ]);
  });

  const named = (kids: string) =>
    Array.from(kids).flatMap((kid) => [
      { ...EC, kid },
      { ...EC, kid },
    ]);
  const many = (amount: number, key: object) =>
    Array.from({ length: amount }, (_, index) => ({ ...key, kid: `${Object.keys(key).length}-${index}` }));

  it.each<[string, readonly unknown[], string]>([
    ['it is empty', [], 'it is empty'],
    ['no key verifies', [{ ...RFC_7638, use: 'enc' }], 'it contains no key that can verify a token'],
    [
      'a kid stands twice',
      [RFC_7638, { ...EC, kid: '2011-04-29' }],
      'it contains more than one key with the kid "2011-04-29"',
    ],
    ['five kids do', named('abcde'), 'it contains more than one key with the kid "a", "b", "c", "d", "e"'],
    [
      'six do',
      named('abcdef'),
      'it contains more than one key with the kid "a", "b", "c", "d", "e" and 1 more',
    ],
    ['there are too many EC keys', many(101, EC), 'it contains 101 EC keys, but AWS STS accepts at most 100'],
    [
      'there are too many RSA keys',
      many(101, RFC_7638),
      'it contains 101 RSA keys, but AWS STS accepts at most 100',
    ],
    [
      'several things are wrong',
      [...many(101, EC), EC, ...named('a')],
      'it contains more than one key with the kid "a"; it contains 104 EC keys, but AWS STS accepts at most 100',
    ],
  ])('is high for %s', (_, keys, words) => {
    expect(found(setOf(...keys))).toEqual([
      {
        check: 'JWKS001',
        severity: 'high',
        message: `The key set does not meet the requirements of AWS STS: ${words}.`,
        remedy: ASK,
      },
    ]);
  });

  it.each<[string, string]>([
    ['a hundred keys of each kind', setOf(...many(100, EC), ...many(100, RFC_7638))],
    ['keys without kid', setOf(EC, { ...EC, x: EC.y })],
    ['a key for signing', setOf({ ...EC, key_ops: ['sign'] })],
    ['other members', `{"a":1,"keys":[${JSON.stringify(EC)}],"b":{"keys":1}}`],
  ])('is not reported for %s', (_, body) => {
    expect(found(body)).toEqual([]);
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('is critical where "%s" is published', (member) => {
    expect(inShort(found(setOf({ ...RFC_7638, [member]: 'x' })))).toEqual(['JWKS001 critical']);
    expect(inShort(found(setOf(EC, { ...RFC_7638, use: 'enc', [member]: 'x' })))).toEqual([
      'JWKS001 critical',
    ]);
  });

  it('names the keys whose secrets are published, and the consequence', () => {
    const secret = (kid?: string): object => ({ ...EC, kid, d: 'x' });
    expect(found(setOf(secret('a\n'), secret()))).toEqual([
      {
        check: 'JWKS001',
        severity: 'critical',
        message:
          'The issuer publishes private keys: the private part of key "a\\u{a}" is published; the private part of a key without "kid" is published. Anyone can sign tokens that AWS accepts.',
        remedy: expect.stringContaining("Ask the issuer's operator to replace the key immediately"),
      },
    ]);
  });

  it('is not reported for what the certificates or the clock already explain', () => {
    for (const code of ['TLS_UNTRUSTED', 'DEADLINE_EXCEEDED'] as const) {
      expect(evaluateJwks({ ok: false, failure: { step: 'jwks', code, message: 'x' } })).toEqual([]);
    }
    expect(
      inShort(evaluateJwks({ ok: false, failure: { step: 'jwks', code: 'HTTP_STATUS', message: 'x' } })),
    ).toEqual(['JWKS001 high']);
  });
});

describe('JWKS003: weak keys and keys of unknown kinds', () => {
  const short = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url') };
  const weak = (words: string): Finding => ({
    check: 'JWKS003',
    severity: 'medium',
    message: `The key set contains weak or unsupported keys: ${words}.`,
    remedy: "Ask the issuer's operator to replace them with RSA keys of 2048 bits or more, or with EC keys.",
  });

  it.each([
    ['a short RSA key', short, 'a key without "kid" has 1024 bits, but at least 2048 are required'],
    [
      'an RSA key without modulus',
      { kty: 'RSA' },
      'a key without "kid" has 0 bits, but at least 2048 are required',
    ],
    [
      'a symmetric key',
      { kty: 'oct', kid: 's' },
      'key "s" is symmetric, so anyone who can verify tokens can also sign them',
    ],
    ['an unknown kind', { kty: 'AKP' }, 'a key without "kid" has the unknown type "AKP"'],
    ['no kind', { kid: 'x' }, 'key "x" has the unknown type "none"'],
    [
      'HS256',
      { ...RFC_7638, alg: 'HS256' },
      'key "2011-04-29" has the algorithm "HS256", which AWS STS does not support',
    ],
    [
      'none',
      { ...RFC_7638, alg: 'none' },
      'key "2011-04-29" has the algorithm "none", which AWS STS does not support',
    ],
    [
      'PS256',
      { ...RFC_7638, alg: 'PS256' },
      'key "2011-04-29" has the algorithm "PS256", which AWS STS does not support',
    ],
    [
      'a kind that STS does not take',
      RFC_8037,
      'a key without "kid" has the type "OKP", which AWS STS does not support',
    ],
  ])('names %s', (_, key, words) => {
    expect(found(setOf(EC, key)).filter(({ check }) => check === 'JWKS003')).toEqual([weak(words)]);
  });

  it('names five, and the number of others', () => {
    const shorts = (kids: string): string => setOf(EC, ...Array.from(kids, (kid) => ({ ...short, kid })));
    const words = (kids: string): string =>
      Array.from(kids, (kid) => `key "${kid}" has 1024 bits, but at least 2048 are required`).join('; ');
    expect(found(shorts('abcde'))).toEqual([weak(words('abcde'))]);
    expect(found(shorts('abcdef'))).toEqual([weak(`${words('abcde')}; and 1 more`)]);
  });
});

describe('hostile key sets', () => {
  it('cannot write control characters or unlimited text into a message', () => {
    const kid = `\u001b[2J\n\u202e${'x'.repeat(2_000)}`;
    const bad = Array.from({ length: 300 }, (_, index) => ({ kty: 'oct', kid: `${index}${kid}`, k: 'x' }));
    for (const { message } of found(setOf(...bad))) {
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message.length).toBeLessThan(5_000);
    }
  });

  it('change no prototypes', () => {
    const body = '{"keys":[{"__proto__":{"kty":"RSA"},"kty":"EC"}],"__proto__":{"polluted":1}}';
    expect(found(body).map(({ check }) => check)).toEqual(['JWKS001']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
