import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Finding } from '../../lambda/core/domain';
import { readJwks } from '../../lambda/core/jwks';
import type { Jwks } from '../../lambda/core/jwks';
import { judgeJwks } from '../../lambda/core/documents/jwks-findings';
import { taking } from '../support/cases';

const URL = 'https://issuer.example.com/keys';

/** RFC 7638 section 3.1. */
const RFC_7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};
/** RFC 8037 appendix A.2; its thumbprint stands in appendix A.3. */
const RFC_8037 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const EC = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

const setOf = (...keys: readonly unknown[]): string => JSON.stringify({ keys });
const rsa = (bits: number): object =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });

class NotRead extends Error {}
function read(...keys: readonly unknown[]): Jwks {
  const outcome = readJwks(setOf(...keys), URL);
  if (!outcome.ok) throw new NotRead(outcome.failure.message);
  return outcome.value;
}
const found = (body: string): readonly Finding[] => judgeJwks(readJwks(body, URL));
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

  it.each([2048, 2056, 3072])('of %d bits are counted as such', (bits) => {
    expect(read(rsa(bits)).signingKeys[0]?.bits).toBe(bits);
  });

  it('may have zero bytes in front of the modulus, which do not count', () => {
    const padded = Buffer.concat([Buffer.alloc(8), Buffer.alloc(255, 255)]).toString('base64url');
    expect(read({ kty: 'RSA', e: 'AQAB', n: padded }).signingKeys[0]?.bits).toBe(2040);
  });

  it('are those for signatures alone', () => {
    const passed = [
      { ...RFC_7638, use: 'enc' },
      { ...RFC_7638, use: 5 },
      { ...RFC_7638, key_ops: ['encrypt'] },
      { kty: 'RSA', e: 'AQAB' },
      { kty: 'RSA', e: 'AQAB', n: 5 },
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

describe('JWKS001', () => {
  it('is silent where all is well', () => {
    expect(found(setOf(RFC_7638, EC))).toEqual([]);
  });

  it.each([
    ['the body is not JSON', '<html>', 'is not JSON'],
    ['the body is empty', '', 'is not JSON'],
    ['there is a byte order mark', `\uFEFF${setOf(RFC_7638)}`, 'byte order mark'],
    ['the body is an array', '[]', 'is an array'],
    ['the body is null', 'null', 'is null'],
    ['there are no keys', '{}', 'has no list called "keys"'],
    ['keys is an object', '{"keys":{}}', 'has no list called "keys"'],
    ['keys stands twice', `{"keys":[],"keys":[${JSON.stringify(EC)}]}`, 'more than one "keys"'],
    ['it is deep', `{"keys":[${'['.repeat(100)}${']'.repeat(100)}]}`, 'nested too deeply'],
    ['it is empty', setOf(), 'it is empty'],
    ['no key verifies', setOf({ ...RFC_7638, use: 'enc' }), 'no key that can verify a token'],
    [
      'a kid stands twice',
      setOf(RFC_7638, { ...EC, kid: '2011-04-29' }),
      'more than one key called "2011-04-29"',
    ],
    [
      'there are too many',
      setOf(...Array.from({ length: 101 }, (_, index) => ({ ...EC, kid: String(index) }))),
      '101 EC keys',
    ],
  ])('is high where %s', (_, body, words) => {
    const findings = found(body).filter(({ check }) => check === 'JWKS001');
    expect(inShort(findings)).toEqual(['JWKS001 high']);
    expect(findings[0]?.message).toContain(words);
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('is critical where "%s" is published', (member) => {
    expect(inShort(found(setOf({ ...RFC_7638, [member]: 'x' })))).toEqual(['JWKS001 critical']);
    expect(inShort(found(setOf(EC, { ...RFC_7638, use: 'enc', [member]: 'x' })))).toEqual([
      'JWKS001 critical',
    ]);
  });

  it('is not said of what the certificates or the clock already say', () => {
    for (const code of ['TLS_UNTRUSTED', 'DEADLINE_EXCEEDED'] as const) {
      expect(judgeJwks({ ok: false, failure: { step: 'jwks', code, message: 'x' } })).toEqual([]);
    }
    expect(
      inShort(judgeJwks({ ok: false, failure: { step: 'jwks', code: 'HTTP_STATUS', message: 'x' } })),
    ).toEqual(['JWKS001 high']);
  });
});

describe('JWKS003', () => {
  it.each([
    [
      'a short RSA key',
      { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url') },
      'has 1024 bits',
    ],
    ['a symmetric key', { kty: 'oct', kid: 's' }, 'key "s" is symmetric'],
    ['an unknown kind', { kty: 'AKP' }, 'is of the kind "AKP", which is not known'],
    ['no kind', { kid: 'x' }, 'is of the kind "none"'],
    ['HS256', { ...RFC_7638, alg: 'HS256' }, 'the algorithm "HS256"'],
    ['none', { ...RFC_7638, alg: 'none' }, 'the algorithm "none"'],
    ['PS256', { ...RFC_7638, alg: 'PS256' }, 'the algorithm "PS256"'],
    ['a kind that STS does not take', RFC_8037, 'is of the kind "OKP", which AWS STS does not take'],
  ])('names %s', (_, key, words) => {
    const findings = found(setOf(EC, key)).filter(({ check }) => check === 'JWKS003');
    expect(inShort(findings)).toEqual(['JWKS003 medium']);
    expect(findings[0]?.message).toContain(words);
  });
});

describe('hostile key sets', () => {
  it('cannot write into a message what moves a cursor, nor as much as they want', () => {
    const kid = `\u001b[2J\n\u202e${'x'.repeat(200_000)}`;
    const bad = Array.from({ length: 300 }, (_, index) => ({ kty: 'oct', kid: `${index}${kid}`, k: 'x' }));
    for (const { message } of found(setOf(...bad))) {
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message.length).toBeLessThan(5_000);
    }
  });

  it('pollute nothing', () => {
    const body = '{"keys":[{"__proto__":{"kty":"RSA"},"kty":"EC"}],"__proto__":{"polluted":1}}';
    expect(found(body).map(({ check }) => check)).toEqual(['JWKS001']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('of any form are judged without throwing', () => {
    const member = fc.constantFrom(
      'kty',
      'kid',
      'n',
      'e',
      'x',
      'y',
      'crv',
      'alg',
      'use',
      'key_ops',
      'd',
      '__proto__',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('RSA', 'EC', 'OKP', 'oct', 'sig', 'enc', 'AQAB', '\ud800', ''),
      fc.constant(['verify']),
    );
    const key = fc.oneof(fc.dictionary(member, value), fc.jsonValue());
    const body = fc.oneof(
      fc.array(key).map((keys) => JSON.stringify({ keys })),
      fc.json(),
      fc.string(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(body, (text) => {
        for (const { message } of found(text)) expect(message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }),
      taking(500),
    );
  });
});
