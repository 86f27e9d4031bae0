import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyAddress } from '../../lambda/domain/address-policy';
import { readDiscovery } from '../../lambda/oidc/discovery';
import { anyUrl } from '../support/any-text';
import { expectCleanPrototypes, expectJsonSafe, expectShowable, fuzzing } from '../support/fuzz';
import { damaged, hostileText, mutatedJson } from '../support/hostile';
import { evaluateDiscoveryFailure } from '../../lambda/checks/discovery';

const ISSUER = 'https://oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

const jwksUris = fc.oneof(
  { weight: 3, arbitrary: fc.constant(`${ISSUER}/.well-known/jwks-pub.json`) },
  {
    weight: 1,
    arbitrary: anyUrl('https', 'http'),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.ipV4Extended(), hostileText).map(([host, rest]) => `https://${host}/${rest}`),
  },
  { weight: 1, arbitrary: fc.ipV6().map((host) => `https://[${host}]/keys`) },
  { weight: 1, arbitrary: hostileText.map((text) => `https://${text}`) },
);
const bodies = damaged(
  jwksUris.chain((jwks_uri) =>
    mutatedJson({
      issuer: ISSUER,
      jwks_uri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
  ),
);

describe('any body as a discovery document', () => {
  it('is accepted with its own issuer and a plain address, or refused with a message', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(bodies, fc.boolean(), (body, allowPrivateNetworks) => {
        const read = readDiscovery(body, ISSUER, { mayBePrivate: () => allowPrivateNetworks });
        expectJsonSafe(read);
        expectCleanPrototypes();
        if (read.ok) {
          accepted += 1;
          const { protocol, username, password, hash, hostname } = new URL(read.value.jwksUri);
          expect(read.value.issuer).toBe(ISSUER);
          expect({ protocol, username, password, hash }).toEqual({
            protocol: 'https:',
            username: '',
            password: '',
            hash: '',
          });
          const kind = classifyAddress(hostname.replace(/^\[(.*)\]$/, '$1'), allowPrivateNetworks);
          expect([...(allowPrivateNetworks ? [null] : []), 'not an address']).toContain(kind);
        } else {
          refused += 1;
          expect(read.failure).toMatchObject({ step: 'discovery', code: expect.stringMatching(/^OIDC_/) });
          for (const { message, remedy } of evaluateDiscoveryFailure(read.failure, ISSUER)) {
            expectShowable(message);
            expectShowable(remedy);
          }
        }
      }),
      fuzzing(),
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });
});
