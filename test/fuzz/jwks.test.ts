import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluateJwks } from '../../lambda/checks/jwks';
import { readJwks } from '../../lambda/oidc/jwks';
import { expectCleanPrototypes, expectJsonSafe, expectShowable, fuzzing } from '../support/fuzz';
import { damaged, hostileText, mutatedJson } from '../support/hostile';

const URL_TEXT = 'https://oidc.circleci.com/org/x/.well-known/jwks-pub.json';
/** What a document may hold at most: HTTP_LIMITS. */
const MAX_BYTES = 256 * 1024;

const kids = fc.oneof(fc.constantFrom('one', 'two'), hostileText);
const keys = fc.oneof(
  fc.record({
    kty: fc.constant('RSA'),
    kid: kids,
    use: fc.constantFrom('sig', 'enc'),
    key_ops: fc.constantFrom(['verify'], ['sign']),
    e: fc.constant('AQAB'),
    n: fc.base64String(),
  }),
  fc.record({
    kty: fc.constant('EC'),
    kid: kids,
    crv: fc.constant('P-256'),
    x: fc.base64String(),
    y: fc.base64String(),
  }),
  fc.record({
    kty: fc.constantFrom('OKP', 'oct', 'XXX'),
    kid: kids,
    alg: hostileText,
    k: hostileText,
    d: hostileText,
  }),
);
const bodies = damaged(fc.array(keys, { maxLength: 8 }).chain((list) => mutatedJson({ keys: list })));

describe('any body as a key set', () => {
  it('gives keys and problems, or a failure, with printable text', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(bodies, (body) => {
        const read = readJwks(body, URL_TEXT);
        expectJsonSafe(read);
        expectCleanPrototypes();
        if (read.ok) accepted += 1;
        else {
          refused += 1;
          expect(read.failure).toMatchObject({ step: 'jwks', code: expect.stringMatching(/^OIDC_/) });
        }
        if (read.ok)
          for (const { thumbprint } of read.value.signingKeys) expect(thumbprint).toMatch(/^[\w-]{43}$/);
        for (const { message } of evaluateJwks(read)) expectShowable(message);
      }),
      fuzzing(),
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });
});

const full = (entry: (index: number) => string): string => {
  const entries: string[] = [];
  for (let bytes = 20; bytes < MAX_BYTES; bytes += Buffer.byteLength(entries.at(-1) ?? '') + 1) {
    entries.push(entry(entries.length));
  }
  return `{"keys":[${entries.slice(0, -1).join()}]}`;
};

describe('a key set of the maximum size', () => {
  it.each([
    ['empty keys', () => '{}'],
    ['numbers', () => '0'],
    ['different kids', (index: number) => `{"kid":"${index}"}`],
    ['each kid twice', (index: number) => `{"kid":"${index >> 1}"}`],
    ['kids of strange characters', (index: number) => `{"kid":"${'\u202e'.repeat(90)}${index >> 1}"}`],
    ['private keys', (index: number) => `{"kty":"RSA","kid":"${index}","d":""}`],
    ['kinds', (index: number) => `{"kty":"${index}"}`],
  ])('of %s has a short result', (_, entry) => {
    const read = readJwks(full(entry), URL_TEXT);
    expect(read.ok).toBe(true);
    for (const { message } of evaluateJwks(read)) expectShowable(message);
  });
});
