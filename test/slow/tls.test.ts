/** The prober and OpenSSL, at the same servers, and a server of OpenSSL's own. */
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mint } from '../../demo/authority';
import { SHAPES, mintPool } from '../support/chain-shapes';
import type { Pool } from '../support/chain-shapes';
import { opensslIsThere, serveStrictly, showCerts } from '../support/openssl';
import { answersOf, chainsOf, probe, serveChains } from '../support/tls-servers';
import type { TestServer } from '../support/tls-servers';

jest.setTimeout(60_000);

const withOpenssl = opensslIsThere ? describe : describe.skip;
withOpenssl('the prober', () => {
  let pool: Pool;
  let server: TestServer | undefined;

  beforeAll(async () => {
    pool = await mintPool();
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it.each(SHAPES)('collects the chain that s_client shows: %s', async (_, build) => {
    server = await serveChains([build(pool)]);
    const [seen] = chainsOf(await probe(server.port));
    expect(seen?.certificates).toEqual(await showCerts('127.0.0.1', server.port, 'localhost', 'ecdsa'));
  });

  it.each([
    ['both versions', {}],
    ['TLS 1.2 only', { maxVersion: 'TLSv1.2' }],
    ['TLS 1.3 only', { minVersion: 'TLSv1.3' }],
  ] as const)('collects what s_client shows of a server with two keys, %s', async (_, options) => {
    const { leaf, rsaLeaf, middle } = pool;
    const chains = [
      [rsaLeaf, middle],
      [leaf, middle],
    ];
    server = await serveChains(chains, options);
    const seen = chainsOf(await probe(server.port));
    for (const keyType of ['rsa', 'ecdsa'] as const) {
      expect(seen.find((chain) => chain.keyType === keyType)?.certificates).toEqual(
        await showCerts('127.0.0.1', server.port, 'localhost', keyType),
      );
    }
  });

  it('collects an ECDSA leaf under an RSA authority from a server that applies signature schemes to the whole chain', async () => {
    const authority = await mint({ commonName: 'RSA Authority', ca: true, keyType: 'rsa' });
    const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: authority });
    for (const [option, tls] of [
      ['-tls1_2', 'TLSv1.2'],
      ['-tls1_3', 'TLSv1.3'],
    ] as const) {
      const server = await serveStrictly([leaf, authority], option);
      const observation = await probe(server.port);
      await server.close();
      expect(observation.variants).toHaveLength(2);
      expect(answersOf(observation)).toEqual({ rsa: 'not offered: key-type', ecdsa: tls });
    }
  });
});
