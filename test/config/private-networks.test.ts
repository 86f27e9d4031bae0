import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { privateNetworks } from '../../lambda/config/private-networks';

const SERVER = 'https://ci.internal/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const KEYS = 'https://keys.internal:8443';
const permits = privateNetworks({ allowPrivateNetworks: true, issuers: [SERVER, KEYS] });

describe('privateNetworks', () => {
  it.each([
    ['documents of a configured issuer', SERVER, SERVER],
    ['its keys on the same host', `${SERVER}/keys`, SERVER],
    ['its keys on another port of the same host', 'https://ci.internal:9443/keys', SERVER],
    ['its keys on the host of another configured issuer', `${KEYS}/jwks.json`, SERVER],
    [
      'a discovered issuer on the host of a configured one',
      'https://ci.internal/org/x',
      'https://ci.internal/org/x',
    ],
  ])('permits private addresses for %s', (_what, url, issuer) => {
    expect(permits(url, issuer)).toBe(true);
  });

  it.each([
    ['a discovered issuer', 'https://db.internal', 'https://db.internal'],
    ['a discovered issuer on another port', 'https://ci.internal:22/x', 'https://ci.internal:22/x'],
    [
      'a discovered issuer on port 443 of a host that is configured with another',
      'https://keys.internal',
      'https://keys.internal',
    ],
    ['keys of a configured issuer on a host that is not configured', 'https://db.internal/keys', SERVER],
    ['keys on a port of another configured host', 'https://keys.internal:22/keys', SERVER],
    ['keys that a discovered issuer places on a configured host', `${SERVER}/admin`, 'https://evil.example'],
    [
      'keys that a discovered issuer on a configured host places on another port',
      'https://ci.internal:22/keys',
      'https://ci.internal/org/x',
    ],
    [
      'keys that a discovered issuer on a configured host places on another one',
      `${KEYS}/x`,
      'https://ci.internal/org/x',
    ],
  ])('refuses them for %s', (_what, url, issuer) => {
    expect(permits(url, issuer)).toBe(false);
  });

  it('permits none if allowPrivateNetworks is not set', () => {
    expect(privateNetworks({ allowPrivateNetworks: false, issuers: [SERVER] })(SERVER, SERVER)).toBe(false);
  });

  it('never permits more than the hosts of configured issuers, for any request', () => {
    const name = fc.constantFrom('a.internal', 'b.internal', 'c.internal', '[::1]', '127.0.0.1');
    const port = fc.constantFrom('', ':8443', ':22');
    const url = fc
      .tuple(name, port, fc.constantFrom('', '/org/x'))
      .map((parts) => `https://${parts.join('')}`);
    fc.assert(
      fc.property(fc.array(url, { maxLength: 3 }), url, url, (issuers, asked, issuer) => {
        const permitted = privateNetworks({ allowPrivateNetworks: true, issuers })(asked, issuer);
        const names = issuers.map((one) => new URL(one).hostname);
        const hosts = issuers.map((one) => new URL(one).host);
        if (!names.includes(new URL(asked).hostname)) expect(permitted).toBe(false);
        if (!issuers.includes(issuer) && !hosts.includes(new URL(issuer).host)) expect(permitted).toBe(false);
        if (!issuers.includes(issuer) && asked !== issuer && !hosts.includes(new URL(asked).host)) {
          expect(permitted).toBe(false);
        }
      }),
    );
  });
});
