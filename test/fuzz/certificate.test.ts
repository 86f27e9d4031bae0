import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openTrustStore } from '../../lambda/x509/trust-store';
import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { mint } from '../../demo/authority';
import { readCertificate } from '../../lambda/x509/certificate';
import { readChain } from '../../lambda/x509/chain';
import type { HostObservation, ServedChain } from '../../lambda/domain/types';
import { evaluateHost } from '../../lambda/checks/host';
import { KEY_AT_INFINITY, countDer, readDer, replaceDer, withPublicKey, writeDer } from '../support/der';
import type { Element } from '../support/der';
import { expectJsonSafe, expectShowable, fuzzing } from '../support/fuzz';
import { hostileText } from '../support/hostile';
import { NOW, hierarchy } from '../support/observed';
import { keyTypeAskedBy, serverFlight } from '../support/tls-records';
import { chainsOf, probe, serveBytes } from '../support/tls-servers';
import type { TestServer } from '../support/tls-servers';

// Minting takes seconds on a busy machine.
jest.setTimeout(Math.max(60_000, fuzzing().numRuns * 50));

/** A leaf, its authorities, and a leaf of another key type. */
let genuine: readonly Buffer[] = [];

beforeAll(async () => {
  const { root, middle, leaf } = await hierarchy('ci.example.com', 'Example');
  const hosts = ['ci.example.com'];
  const rsa = await mint({ commonName: 'ci.example.com', hosts, keyType: 'rsa', signedBy: middle });
  genuine = [leaf, middle, root, rsa].map(({ certificate }) => certificate.raw);
});

/** Kinds of keys that a certificate may hold, whether or not TLS can use them. */
const KEYS: readonly Buffer[] = [
  ...[
    generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ed448'),
    generateKeyPairSync('x25519'),
    generateKeyPairSync('x448'),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
    generateKeyPairSync('rsa', { modulusLength: 512 }),
    generateKeyPairSync('rsa-pss', {
      modulusLength: 1024,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    }),
  ].map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' })),
  // Diffie-Hellman, over a prime of 512 bits.
  Buffer.from(
    'MIGaMFMGCSqGSIb3DQEDATBGAkEA63uuBeEk62lkaa7ljSiqobMn8piRVj6StbZc4w7wglDfEVJ0ZTE7telLZOq2Vz5ujEza1W7tm897MLyBMYXd+wIBAgNDAAJAEh5hap465Dc9Sn5r0N2qKsb02H8KIPqhNnLNesgPP150F5y5EX6wW4dzC6Pts+6BbILH9rjF/NwlwWybnnEjFA==',
    'base64',
  ),
  KEY_AT_INFINITY,
];

/** Tags of texts, numbers, times, bits, OIDs, sequences and context tags that only certificates have. */
const TAGS = [2, 3, 4, 5, 6, 12, 19, 22, 23, 24, 28, 30, 48, 49, 0x80, 0xa0, 0xa3, 0x1f];

type Change = (der: Buffer) => Buffer;
const inTree =
  (place: number, by: (element: Element) => readonly Element[]): Change =>
  (der) => {
    const elements = readDer(der);
    if (elements === null) return der;
    return Buffer.concat(replaceDer(elements, place % countDer(elements), by).map(writeDer));
  };

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.nat().map((bit): Change => (der) => {
    const copy = Buffer.from(der);
    const at = (bit >> 3) % copy.length;
    copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
    return copy;
  }),
  fc.nat().map((place) => inTree(place, () => [])),
  fc.nat().map((place) => inTree(place, (element) => [element, element])),
  fc
    .tuple(fc.nat(), fc.constantFrom(...TAGS))
    .map(([place, tag]) => inTree(place, ({ content }) => [{ tag, content }])),
  fc
    .tuple(fc.nat(), fc.uint8Array({ maxLength: 40 }))
    .map(([place, bytes]) => inTree(place, ({ tag }) => [{ tag, content: Buffer.from(bytes) }])),
  fc
    .tuple(fc.nat(), hostileText, fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'utf16le'))
    .map(([place, text, encoding]) =>
      inTree(place, ({ tag }) => [{ tag, content: Buffer.from(text, encoding) }]),
    ),
  fc.constantFrom(...KEYS).map(
    (key): Change =>
      (der) =>
        withPublicKey(der, key),
  ),
  fc.nat().map(
    (at): Change =>
      (der) =>
        der.subarray(0, at % der.length),
  ),
  fc.uint8Array({ maxLength: 9 }).map(
    (bytes): Change =>
      (der) =>
        Buffer.concat([der, bytes]),
  ),
  fc.uint8Array({ maxLength: 200 }).map(
    (bytes): Change =>
      () =>
        Buffer.from(bytes),
  ),
);

/** A certificate by its index in `genuine`, and the change to it. */
const mutants = fc.record({ of: fc.nat(3), changes: fc.array(changes, { maxLength: 3 }) });
type Mutant = typeof mutants extends fc.Arbitrary<infer T> ? T : never;

const mutate = ({ of, changes }: Mutant): Buffer =>
  changes.reduce((der, change) => (der.length === 0 ? der : change(der)), genuine[of] ?? Buffer.alloc(0));

const sha1 = (der: Uint8Array): string => createHash('sha1').update(der).digest('hex');

describe('any bytes as a certificate', () => {
  it('parse to nothing, or to a certificate with printable names and the thumbprint of its bytes', () => {
    let [read, unread] = [0, 0];
    fc.assert(
      fc.property(mutants, (mutant) => {
        const der = mutate(mutant);
        const certificate = readCertificate(der);
        if (certificate === null) {
          unread += 1;
          return;
        }
        read += 1;
        expect(certificate.thumbprint).toBe(sha1(der));
        expect(certificate.parsed.raw.equals(der)).toBe(true);
        for (const name of [certificate.subject, certificate.issuer]) {
          expect(name).not.toBe('');
          expectShowable(name);
        }
        expect(Number.isNaN(certificate.notAfter.getTime() + certificate.notBefore.getTime())).toBe(false);
      }),
      fuzzing(),
    );
    expect(Math.min(read, unread)).toBeGreaterThan(0);
  });
});

const toObservation = (certificates: readonly Uint8Array[], verified: boolean): HostObservation => {
  const chain: ServedChain = {
    address: '192.0.2.1',
    keyType: 'ecdsa',
    tls: 'TLSv1.3',
    certificates,
    verified,
    distrust: verified ? null : 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    verifiedByAnchors: false,
  };
  return {
    host: { name: 'ci.example.com', port: 443 },
    variants: [{ address: chain.address, keyType: chain.keyType, answer: { kind: 'served', chain } }],
    tls12: [{ address: chain.address, offered: true }],
    failure: null,
  };
};

describe('any bytes as a chain', () => {
  it('give thumbprints of what was served, or only a failure', () => {
    let [seen, unseen] = [0, 0];
    fc.assert(
      fc.property(fc.array(mutants, { minLength: 1, maxLength: 6 }), fc.boolean(), (list, trusted) => {
        const served = list.map(mutate);
        const chain = readChain(served);
        const judged = evaluateHost(toObservation(served, trusted), {
          trustAnchors: {},
          trust: openTrustStore([]),
          expiryDays: 30,
          now: NOW,
        });
        expect(chain.ok).toBe(judged.failure === null);
        expect(chain.ok ? chain.value.expected.length : judged.expected.length === 0).toBeTruthy();
        if (judged.failure === null) seen += 1;
        else {
          unseen += 1;
          expect(judged).toMatchObject({ expected: [], chains: [], failure: { code: 'TLS_MALFORMED' } });
        }
        expect(served.map(sha1)).toEqual(expect.arrayContaining([...judged.expected]));
        for (const { message } of judged.findings) expectShowable(message);
        for (const { reported } of judged.chains) expectJsonSafe(reported);
      }),
      fuzzing(0.4),
    );
    expect(Math.min(seen, unseen)).toBeGreaterThan(0);
  });
});

describe('any bytes from a TLS server instead of certificates', () => {
  let server: TestServer;
  let flight: readonly Buffer[] = [];

  beforeAll(async () => {
    server = await serveBytes((socket) => {
      socket.once('data', (hello: Buffer) => socket.write(serverFlight(flight, keyTypeAskedBy(hello))));
    });
  });
  afterAll(() => server.close());

  it('give a failure, and never a thumbprint: no such server has the key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutants, { maxLength: 4 }), async (list) => {
        flight = list.map(mutate);
        const observation = await probe(server.port, { name: 'ci.example.com' });
        expect(chainsOf(observation)).toEqual([]);
        const judged = evaluateHost(observation, {
          trustAnchors: {},
          trust: openTrustStore([]),
          expiryDays: 30,
          now: NOW,
        });
        expect(judged).toMatchObject({ expected: [], chains: [] });
        expectShowable(judged.failure?.message ?? '');
      }),
      fuzzing(0.05),
    );
  });
});
