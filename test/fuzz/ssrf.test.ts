import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyAddress } from '../../lambda/domain/address-policy';
import { readDiscovery } from '../../lambda/oidc/discovery';
import { addressBook } from '../../lambda/adapters/dns';
import { fuzzing } from '../support/fuzz';

const ISSUER = 'https://ci.example.com';
const codeOf = (jwksUri: string): string | null => {
  const body = JSON.stringify({ issuer: ISSUER, jwks_uri: jwksUri });
  const read = readDiscovery(body, ISSUER, { mayBePrivate: () => false });
  return read.ok ? null : read.failure.code;
};

describe('a jwks_uri to an internal address', () => {
  it.each([
    'https://127.0.0.1/k',
    'https://127.1/k',
    'https://0177.0.0.1/k',
    'https://0x7f000001/k',
    'https://2130706433/k',
    'https://127.0.0.1./k',
    'https://%31%32%37.0.0.1/k',
    'https://①②⑦.⓪.⓪.①/k',
    'https://127。0。0。1/k',
    'https://[::1]/k',
    'https://[::ffff:169.254.169.254]/k',
    'https://[64:ff9b::a9fe:a9fe]/k',
    'https://[::127.0.0.1]/k',
    'https://8.8.8.8/k',
  ])('as a literal is refused: %s', (uri) => {
    expect(codeOf(uri)).toBe('OIDC_JWKS_URI_ADDRESS');
  });

  it.each([
    'https://ci.example.com@169.254.169.254/k',
    'https://ci.example.com:p@evil.example/k',
    String.raw`https://evil.example\@ci.example.com/k`,
    'https://ci.example.com#@evil.example/k',
    'https:ci.example.com/k',
    'https:///ci.example.com/k',
    'https://ci.example.com/k\n',
    ' https://ci.example.com/k',
    'https://ci\u200b.example.com/k',
    'http://ci.example.com/k',
    'file:///etc/passwd',
    'data:application/json,{}',
  ])('in another form is refused: %j', (uri) => {
    expect(codeOf(uri)).toBe('OIDC_JWKS_URI_REFUSED');
  });

  it.each(['https://localhost/k', 'https://metadata.google.internal/k', 'https://127.0.0.1.nip.io/k'])(
    'by name is decided by what it resolves to: %s',
    (uri) => {
      expect(codeOf(uri)).toBeNull();
    },
  );
});

/** Every block that the IANA registries call special, by one of its addresses: RFC 6890 and its successors. */
const SPECIAL = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '10.255.0.1',
    '100.64.0.1',
    '100.127.255.254',
    '127.255.255.254',
    '169.254.170.2',
  ],
  ...[
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.255',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.254',
  ],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::10.0.0.1', '::ffff:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b:1::1', '100::1', '2001::1'],
  ...['2001:2::1', '2001:10::1', '2001:db8::1', '2002:a00:1::', '3fff::1', '5f00::1', 'fc00::1', 'fdff::1'],
  ...['fe80::1', 'fec0::1', 'ff02::1'],
];

describe('a name that resolves to internal addresses', () => {
  it.each(SPECIAL)('is not requested at %s', async (address) => {
    expect(classifyAddress(address)).not.toBeNull();
    const resolve = addressBook({ resolver: () => Promise.resolve([address]) });
    expect(await resolve('evil.example', 'jwks')).toMatchObject({
      failure: { code: 'SSRF_ADDRESS_REFUSED' },
    });
  });

  it('is requested at none of them, however they are mixed with public ones and rebound later', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom(...SPECIAL, '8.8.8.8', '2600:9000::1')), {
          minLength: 1,
          maxLength: 4,
        }),
        async (answers) => {
          let asked = 0;
          const resolver = (): Promise<readonly string[]> =>
            Promise.resolve(answers[asked++ % answers.length] ?? []);
          const resolve = addressBook({ resolver });
          const found = await Promise.all(answers.map(() => resolve('evil.example', 'tls')));
          expect(asked).toBe(1);
          for (const one of found)
            if (one.ok)
              expect(one.value.map((address) => classifyAddress(address))).toEqual(one.value.map(() => null));
        },
      ),
      fuzzing(),
    );
  });
});
