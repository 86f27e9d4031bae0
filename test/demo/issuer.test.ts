import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Agent, request } from 'undici';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';
import type { Chain, Issuer, IssuerOptions } from '../../demo/issuer';
import type { SigningKey } from '../../demo/signing-key';
import { commonSigningKey } from '../support/signing-key';

// RSA keys take their time on a busy machine.
jest.setTimeout(30_000);

const ORG = '11111111-2222-4333-8444-555555555555';

let root: Identity;
let rsa: Chain;
let ecdsa: Chain;
let key: SigningKey;
let issuer: Issuer | undefined;

beforeAll(async () => {
  root = await mint({ commonName: 'Root', ca: true });
  rsa = await chainOf('rsa');
  ecdsa = await chainOf('ecdsa');
  key = commonSigningKey();
});

afterEach(async () => {
  await issuer?.close();
  issuer = undefined;
});

async function chainOf(keyType: 'rsa' | 'ecdsa'): Promise<Chain> {
  const middle = await mint({ commonName: `Middle ${keyType}`, ca: true, signedBy: root, keyType });
  return [await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: middle, keyType }), middle];
}

async function start(options: IssuerOptions): Promise<Issuer> {
  issuer = await startIssuer({ signingKey: key, ...options });
  return issuer;
}

/** Thumbprints as served, by a full handshake. */
async function served(port: number, options: ConnectionOptions = {}): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: root.pem, ...options });
  await once(socket, 'secureConnect');
  const thumbprints = walk(socket);
  socket.destroy();
  return thumbprints;
}

function walk(socket: TLSSocket): string[] {
  const thumbprints: string[] = [];
  for (let next = socket.getPeerX509Certificate(); next !== undefined; next = next.issuerCertificate) {
    thumbprints.push(next.fingerprint.replaceAll(':', '').toLowerCase());
  }
  return thumbprints;
}

async function get(url: string, allowH2 = false): Promise<{ status: number; body: unknown }> {
  const dispatcher = new Agent({ allowH2, connect: { ca: root.pem } });
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    return { status: statusCode, body: await body.json() };
  } finally {
    await dispatcher.destroy();
  }
}

const DISCOVERY = v.object({ jwks_uri: v.string() });
const JWKS = v.object({ keys: v.array(v.record(v.string(), v.string())) });
const thumbprintsOf = (chain: Chain): string[] => chain.map(({ thumbprint }) => thumbprint);

describe('the embedded issuer', () => {
  it.each([
    ['HTTP/1.1', false],
    ['h2', true],
  ])('serves discovery document and signing key over %s', async (_, h2) => {
    const { issuerOf, requests, url } = await start({ chain: ecdsa });
    const { status, body } = await get(`${issuerOf(ORG)}/.well-known/openid-configuration`, h2);
    expect(status).toBe(200);
    expect(issuerOf(ORG)).toBe(`${url}/org/${ORG}`);
    expect(body).toMatchObject({
      issuer: `${url}/org/${ORG}`,
      jwks_uri: `${url}/org/${ORG}/.well-known/jwks-pub.json`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    });

    const { keys } = v.parse(JWKS, (await get(v.parse(DISCOVERY, body).jwks_uri, h2)).body);
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
    expect(Buffer.from(keys[0]?.['n'] ?? '', 'base64url')).toHaveLength(256);
    expect(requests()).toEqual([
      `/org/${ORG}/.well-known/openid-configuration`,
      `/org/${ORG}/.well-known/jwks-pub.json`,
    ]);
  });

  it('returns 404 for any other path', async () => {
    const { issuerOf } = await start({ chain: ecdsa });
    expect(await get(`${issuerOf(ORG)}/.well-known/jwks.json`)).toEqual({
      status: 404,
      body: { message: 'Not Found' },
    });
  });

  it.each(['', '/', '/id/0123456789ABCDEF', '/_services/token'])(
    'is an issuer at the path "%s" on request',
    async (path) => {
      const { url } = await start({ chain: ecdsa, paths: [path, '/other'] });
      const base = `${url}${path}`.replace(/\/$/, '');
      const { body } = await get(`${base}/.well-known/openid-configuration`);
      expect(body).toMatchObject({ issuer: `${url}${path}`, jwks_uri: `${base}/.well-known/jwks` });
      expect(await get(`${base}/.well-known/jwks`)).toMatchObject({
        status: 200,
        body: { keys: [{ use: 'sig' }] },
      });
      expect(await get(`${url}/not-there/.well-known/jwks`)).toMatchObject({ status: 404 });
    },
  );

  it('serves a chain exactly as given', async () => {
    const odd = [...ecdsa, root, ...rsa.slice(1)];
    const { port } = await start({ chain: odd });
    expect(await served(port)).toEqual(thumbprintsOf(odd));
  });

  it('serves the chain of the key type that the client asks for', async () => {
    const { port } = await start({ chains: [rsa, ecdsa] });
    expect(await served(port, { sigalgs: 'rsa_pss_rsae_sha256' })).toEqual(thumbprintsOf(rsa));
    expect(await served(port, { sigalgs: 'ecdsa_secp256r1_sha256' })).toEqual(thumbprintsOf(ecdsa));
  });

  it('serves the new chain from the next handshake on, and counts handshakes', async () => {
    const { port, rotate, handshakes } = await start({ chain: ecdsa });
    const next = await chainOf('ecdsa');
    expect(await served(port)).toEqual(thumbprintsOf(ecdsa));
    rotate([next]);
    expect(await served(port)).toEqual(thumbprintsOf(next));
    rotate([rsa]);
    expect(await served(port, { maxVersion: 'TLSv1.2' })).toEqual(thumbprintsOf(rsa));
    await expect(served(port, { sigalgs: 'ecdsa_secp256r1_sha256' })).rejects.toMatchObject({
      code: expect.stringContaining('HANDSHAKE_FAILURE'),
    });
    expect(handshakes()).toBe(3);
  });

  it('still speaks h2 after a rotation', async () => {
    const { issuerOf, rotate, onRequest } = await start({ chain: ecdsa });
    rotate([await chainOf('ecdsa')]);
    onRequest((each, response) => {
      response.end(JSON.stringify(each.httpVersion));
      return true;
    });
    expect((await get(issuerOf(ORG), true)).body).toBe('2.0');
  });

  it('lets a test answer instead of it, as long as the test likes', async () => {
    const { issuerOf, onRequest } = await start({ chain: ecdsa });
    const document = `${issuerOf(ORG)}/.well-known/openid-configuration`;
    onRequest(({ url }, response) => {
      if (!url.endsWith('jwks-pub.json')) return false;
      response.writeHead(503, { 'retry-after': '1' }).end('"busy"');
      return true;
    });
    expect(await get(`${issuerOf(ORG)}/.well-known/jwks-pub.json`)).toEqual({ status: 503, body: 'busy' });
    expect((await get(document)).status).toBe(200);
    onRequest(undefined);
    expect((await get(`${issuerOf(ORG)}/.well-known/jwks-pub.json`)).status).toBe(200);
  });

  it('closes with open connections', async () => {
    const { port, close } = await start({ chain: ecdsa });
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: root.pem });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    await close();
    issuer = undefined;
    await gone;
    expect(socket.destroyed).toBe(true);
  });
});
