import { beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { readCertificate } from '../../lambda/core/certificate';
import { passes } from '../../lambda/core/condition';
import { automaton } from '../../lambda/core/glob';
import { readPolicy } from '../../lambda/core/policy';
import { expectShowable } from '../support/fuzz';

/** What fuzzing found stays mended, one case each. */
describe('a certificate', () => {
  let good: Identity;
  beforeAll(async () => {
    good = await mint({ commonName: 'localhost', hosts: ['localhost'] });
  });

  it('with bytes behind it is none: its thumbprint would be that of other bytes', () => {
    expect(readCertificate(Buffer.concat([good.certificate.raw, Buffer.from('more')]))).toBeNull();
  });

  it('as PEM is none', () => {
    expect(readCertificate(Buffer.from(good.pem))).toBeNull();
  });

  it('with a name of 60,000 characters has one that can be shown', async () => {
    const { certificate } = await mint({ commonName: 'x'.repeat(60_000) });
    const { subject = '' } = readCertificate(certificate.raw) ?? {};
    expect(subject).toMatch(/^CN=x+…$/);
    expectShowable(subject);
  });
});

describe('a policy', () => {
  const ALLOW = '{"Effect":"Allow","Principal":"*","Action":"*"}';
  const DENY = '{"Effect":"Deny","Principal":"*","Action":"*"}';

  it.each([
    ['its statements', `{"Statement":${ALLOW},"Statement":${DENY}}`],
    ['an effect', '{"Statement":{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"*"}}'],
    [
      'a condition key, once written with an escape',
      String.raw`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringLike":{"a:sub":"*","a:\u0073ub":"b"}}}}`,
    ],
  ])('that says %s twice is not judged: of two parsers each may read another', (_, text) => {
    expect(readPolicy(text)).toEqual({ ok: false, reason: 'it says the same element twice' });
  });

  it('may repeat a key in different objects', () => {
    expect(readPolicy(`{"Statement":[${ALLOW},${DENY}]}`)).toMatchObject({ ok: true });
  });
});

describe('a letter with several capitals', () => {
  it.each([
    ['the Kelvin sign', 'k', '\u212a', true],
    ['a small letter beside it', '\u212a', 'k', true],
    ['one whose small form is two letters', 'İ', 'i\u0307', false],
    ['one whose small form depends on the next', 'ΑΣ', 'ασ', true],
    ['one whose capital is two letters', 'ß', 'SS', false],
  ])('is compared as it is searched: %s', (_, value, text, expected) => {
    const { start, step } = automaton(value, 'ignore-case');
    // What an ordinary letter leads to must not be learned from a special one.
    step(start, 'z');
    expect(Array.from(text).reduce(step, start).accepting).toBe(expected);
    expect(passes({ claim: null, comparison: 'ignore-case', values: [value], negated: false }, text)).toBe(
      expected,
    );
  });
});
