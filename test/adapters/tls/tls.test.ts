import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import type { HostObservation, KeyType } from '../../../lambda/domain/types';
import { evaluateHost } from '../../../lambda/checks/host';
import type { EvaluatedHost } from '../../../lambda/checks/host';
import { handshake } from '../../../lambda/adapters/tls/handshake';
import { PROBE_LIMITS } from '../../../lambda/adapters/tls/tls';
import { SHAPES, mintPool } from '../../support/chain-shapes';
import type { Pool } from '../../support/chain-shapes';
import { answersOf, chainsOf, probe, serveBytes, serveChains } from '../../support/tls-servers';
import type { Place, TestServer } from '../../support/tls-servers';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

const judge = (observation: HostObservation): EvaluatedHost =>
  evaluateHost(observation, { trustAnchors: {}, trust: openTrustStore([]), expiryDays: 30, now: new Date() });
const checksOf = ({ findings }: EvaluatedHost): readonly string[] => findings.map(({ check }) => check);
const thumbprintsOf = (chain: readonly Identity[]): readonly string[] =>
  chain.map(({ thumbprint }) => thumbprint);

const servers: TestServer[] = [];

async function serve(
  chains: readonly (readonly Identity[])[],
  options: TlsOptions = {},
  place: Place = {},
): Promise<TestServer> {
  const server = await serveChains(chains, options, place);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

let pool: Pool;

beforeAll(async () => {
  pool = await mintPool();
});

describe('probe: the served chain', () => {
  it.each(SHAPES)('%s', async (_, build, expected, findings) => {
    const chain = build(pool);
    const server = await serve([chain]);
    const observation = await probe(server.port);
    const [seen] = chainsOf(observation);
    expect(seen).toMatchObject({ keyType: 'ecdsa', tls: 'TLSv1.3', address: '127.0.0.1' });
    expect(seen?.certificates).toEqual(chain.map(({ certificate }) => certificate.raw));
    const judged = judge(observation);
    expect(judged.chains).toHaveLength(1);
    expect(judged.expected).toEqual(expected.map((place) => chain[place]?.thumbprint).sort());
    expect([...checksOf(judged)].sort()).toEqual(findings);
  });

  it('reports neither a cross-certificate nor a root as unrelated', async () => {
    const { leaf, middle, root, crossSigned, stranger } = pool;
    const server = await serve([[leaf, stranger, middle, crossSigned, root]]);
    const judged = judge(await probe(server.port));
    expect(judged.chains[0]?.certificates.map(({ role }) => role)).toEqual([
      'leaf',
      'unrelated',
      'intermediate',
      'intermediate',
      'root',
    ]);
    expect(judged.findings[0]?.message).toContain(`${stranger.thumbprint} (CN=Stranger)`);
  });

  it('has both thumbprints if two edges serve different chains', async () => {
    const { leaf, middle, root } = pool;
    const first = await serve([[leaf, middle]]);
    await serve([[leaf, middle, root]], {}, { address: '127.0.0.2', port: first.port }).catch(() => null);
    if (servers.length < 2) return;
    const observation = await probe(first.port, { addresses: ['127.0.0.1', '127.0.0.2'] });
    const judged = judge(observation);
    expect(judged.expected).toEqual([...thumbprintsOf([middle, root])].sort());
    expect(judged.chains.map(({ reported }) => reported.addresses)).toEqual([['127.0.0.1'], ['127.0.0.2']]);
  });
});

describe('probe: key types and TLS versions', () => {
  it.each([
    ['both versions', {}, 'TLSv1.3', true],
    ['TLS 1.2 only', { maxVersion: 'TLSv1.2' }, 'TLSv1.2', true],
    ['TLS 1.3 only', { minVersion: 'TLSv1.3' }, 'TLSv1.3', false],
  ] as const)('collects each certificate of a server with two keys, %s', async (_, options, tls, offered) => {
    const { leaf, rsaLeaf, middle } = pool;
    const server = await serve(
      [
        [rsaLeaf, middle],
        [leaf, middle],
      ],
      options,
    );
    const observation = await probe(server.port);
    expect(answersOf(observation)).toEqual({ rsa: tls, ecdsa: tls });
    expect(observation.tls12).toEqual([{ address: '127.0.0.1', offered }]);
    for (const [keyType, first] of [
      ['rsa', rsaLeaf],
      ['ecdsa', leaf],
    ] as const) {
      const seen = chainsOf(observation).find((chain) => chain.keyType === keyType);
      expect(seen?.certificates).toEqual([first, middle].map(({ certificate }) => certificate.raw));
    }
  });

  it.each([
    ['rsa', 'TLSv1.2', true],
    ['rsa', 'TLSv1.3', false],
    ['ecdsa', 'TLSv1.2', true],
    ['ecdsa', 'TLSv1.3', false],
  ] as const)('offers no other key type to a server with %s alone, in %s', async (has, tls, offered) => {
    const { leaf, rsaLeaf, middle } = pool;
    const server = await serve([[has === 'rsa' ? rsaLeaf : leaf, middle]], {
      minVersion: tls,
      maxVersion: tls,
    });
    const observation = await probe(server.port);
    const lacks: KeyType = has === 'rsa' ? 'ecdsa' : 'rsa';
    expect(answersOf(observation)).toEqual({ [has]: tls, [lacks]: 'not offered: key-type' });
    expect(observation.tls12).toEqual([{ address: '127.0.0.1', offered }]);
    expect(judge(observation)).toMatchObject({
      expected: [middle.thumbprint],
      unanswered: [],
      failure: null,
    });
  });

  it('collects an ECDSA leaf under an RSA authority, in either version', async () => {
    const authority = await mint({ commonName: 'RSA Authority', ca: true, keyType: 'rsa' });
    const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: authority });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const server = await serve([[leaf, authority]], { minVersion: version, maxVersion: version });
      expect(answersOf(await probe(server.port))).toEqual({ rsa: 'not offered: key-type', ecdsa: version });
    }
  });

  it('reports the chain of TLS 1.2 if it differs from that of TLS 1.3', async () => {
    const { leaf, middle, root } = pool;
    const newer = await serve([[leaf, middle]], { minVersion: 'TLSv1.3' });
    const older = await serve([[leaf, middle, root]], { maxVersion: 'TLSv1.2' });
    const front = await serveBytes((socket) => {
      socket.once('data', (hello: Buffer) => {
        // RFC 8446 section 4.2.1: supported_versions, its length, the list's length, TLS 1.3 first.
        const isNew = /002b00(?:0504|0302)0304/.test(hello.toString('hex'));
        const back = connect({ host: '127.0.0.1', port: (isNew ? newer : older).port });
        back.on('error', () => socket.destroy());
        back.write(hello);
        socket.pipe(back).pipe(socket);
      });
    });
    servers.push(front);
    const observation = await probe(front.port);
    expect(chainsOf(observation).map(({ tls, certificates }) => [tls, certificates.length])).toEqual([
      ['TLSv1.3', 2],
      ['TLSv1.2', 3],
    ]);
    expect(judge(observation).expected).toEqual([...thumbprintsOf([middle, root])].sort());
  });

  it('sends SNI to every server, and none if the host is an address', async () => {
    const { selfSigned } = pool;
    const names: (string | false)[] = [];
    const server = await serveChains([[selfSigned]], { ALPNProtocols: ['h2'] });
    servers.push(server);
    const asked = await serve([[selfSigned]], {
      SNICallback: (name, callback) => {
        names.push(name);
        callback(null);
      },
    });
    await probe(asked.port, { name: 'localhost' });
    await probe(asked.port, { name: 'rooted.example.com.' });
    expect(names).toEqual([
      ...Array<string>(3).fill('localhost'),
      ...Array<string>(3).fill('rooted.example.com'),
    ]);
    names.length = 0;
    const observation = await probe(asked.port, { name: '127.0.0.1' });
    expect(chainsOf(observation)).toHaveLength(1);
    expect(names).toEqual([]);
  });

  it('probes IPv6 addresses, and literals like names', async () => {
    const leaf = await mint({ commonName: 'v6', hosts: ['::1', '127.0.0.1'] });
    const server = await serve([[leaf]], {}, { address: '::1' }).catch(() => null);
    if (server === null) return;
    const observation = await probe(server.port, { name: '::1', addresses: ['::1'] });
    const judged = judge(observation);
    expect(judged.chains[0]?.reported).toMatchObject({ host: `[::1]:${server.port}`, addresses: ['::1'] });
    expect(checksOf(judged)).toEqual([]);
  });
});

describe('probe: a server that requests a client certificate', () => {
  it.each([['TLSv1.2'], ['TLSv1.3']] as const)(
    'is tolerated if the certificate is optional, %s',
    async (version) => {
      const { leaf, middle } = pool;
      const server = await serve([[leaf, middle]], {
        maxVersion: version,
        requestCert: true,
        rejectUnauthorized: false,
      });
      expect(judge(await probe(server.port)).expected).toEqual([middle.thumbprint]);
    },
  );

  it('is tolerated in TLS 1.3, which sends the chain before it verifies the client', async () => {
    const { leaf, middle } = pool;
    const server = await serve([[leaf, middle]], { requestCert: true, rejectUnauthorized: true });
    expect(judge(await probe(server.port)).expected).toEqual([middle.thumbprint]);
  });

  it('is not audited with TLS 1.2 alone, and the message says why', async () => {
    const { leaf, middle } = pool;
    const server = await serve([[leaf, middle]], {
      maxVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: true,
    });
    expect(judge(await probe(server.port))).toMatchObject({
      expected: [],
      failure: { code: 'TLS_NO_CERTIFICATE', message: expect.stringContaining('client certificate') },
    });
  });
});

describe('probe: trust', () => {
  it('is evaluated by the anchors of the host apart from the public roots', async () => {
    const { leaf, middle, root, otherRoot } = pool;
    const server = await serve([[leaf, middle]]);
    const key = `localhost:${server.port}`;
    const verdict = async (pem: string): Promise<unknown> =>
      chainsOf(await probe(server.port, { trustAnchors: { [key]: pem } })).map(
        ({ verifiedByAnchors, verified }) => [verifiedByAnchors, verified],
      );
    expect(await verdict(root.pem)).toEqual([[true, false]]);
    expect(await verdict(`${otherRoot.pem}\n${root.pem}`)).toEqual([[true, false]]);
    expect(await verdict(otherRoot.pem)).toEqual([[false, false]]);
    const elsewhere = await probe(server.port, { trustAnchors: { 'other.example.com:443': root.pem } });
    expect(chainsOf(elsewhere).map(({ verifiedByAnchors }) => verifiedByAnchors)).toEqual([false]);
  });

  it.each([
    ['an expired leaf', (p: Pool) => [p.expired, p.middle]],
    ['a leaf for another host', (p: Pool) => [p.elsewhere, p.middle]],
    ['a chain without its intermediate', (p: Pool) => [p.leaf]],
  ])('does not verify %s by the correct anchor', async (_, build) => {
    const server = await serve([build(pool)]);
    const trustAnchors = { [`localhost:${server.port}`]: pool.root.pem };
    expect(
      chainsOf(await probe(server.port, { trustAnchors })).map(({ verifiedByAnchors }) => verifiedByAnchors),
    ).toEqual([false]);
  });

  it('is never taken over from another chain if the server changes between two handshakes', async () => {
    const { leaf, middle, selfSigned, root } = pool;
    const known = await serve([[leaf, middle]]);
    const unknown = await serve([[selfSigned]]);
    let turn = 0;
    const front = await serveBytes((socket) => {
      turn += 1;
      const back = connect({ host: '127.0.0.1', port: (turn % 2 === 0 ? known : unknown).port });
      back.on('error', () => socket.destroy());
      socket.pipe(back).pipe(socket);
    });
    servers.push(front);
    const trustAnchors = { [`localhost:${front.port}`]: root.pem };
    const chains = chainsOf(await probe(front.port, { trustAnchors }));
    expect(chains.length).toBeGreaterThan(0);
    for (const { verifiedByAnchors, certificates } of chains)
      expect(verifiedByAnchors && certificates.length === 1).toBe(false);
  });

  it('respects name constraints, which only a complete verifier checks', async () => {
    // RFC 5280 section 4.2.1.10: the only permitted name is at the end.
    const permits = (name: string): Uint8Array =>
      Buffer.concat([
        Buffer.from([0x30, name.length + 6, 0xa0, name.length + 4, 0x30, name.length + 2, 0x82, name.length]),
        Buffer.from(name),
      ]);
    for (const [permitted, verifiedByAnchors] of [
      ['localhost', true],
      ['example.com', false],
    ] as const) {
      const extensions = [{ oid: '2.5.29.30', critical: true, value: permits(permitted) }];
      const narrow = await mint({ commonName: 'Narrow', ca: true, extensions });
      const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: narrow });
      const server = await serve([[leaf, narrow]]);
      const trustAnchors = { [`localhost:${server.port}`]: narrow.pem };
      expect(chainsOf(await probe(server.port, { trustAnchors }))).toMatchObject([{ verifiedByAnchors }]);
    }
  });

  it('is checked again with the public roots alone if the process has fewer of them', async () => {
    const { leaf, middle, root, otherRoot } = pool;
    const server = await serve([[leaf, middle]]);
    const verdict = async (...roots: readonly Identity[]): Promise<unknown> => {
      const before = server.accepted();
      const trust = openTrustStore(roots.map(({ pem }) => pem));
      const chains = chainsOf(await probe(server.port, { trust }));
      return [chains.map(({ verified }) => verified), server.accepted() - before];
    };
    expect(await verdict(otherRoot)).toEqual([[false], 3]);
    // Of three handshakes one is refused: it asks for another key type.
    expect(await verdict(otherRoot, root)).toEqual([[true], 5]);
  });

  it('reports an expired chain of an unknown authority as unknown, since that is graver', async () => {
    const { expired, middle, root } = pool;
    const server = await serve([[expired, middle, root]]);
    const judgedWith = async (roots: readonly string[]): Promise<unknown> => {
      const trust = openTrustStore(roots);
      const observation = await probe(server.port, { trust });
      return evaluateHost(observation, {
        trustAnchors: {},
        trust,
        expiryDays: 30,
        now: new Date(),
      }).chains.map(({ reported, distrust }) => [reported.publiclyTrusted, distrust]);
    };
    expect(await judgedWith([])).toEqual([[false, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']]);
    expect(await judgedWith([root.pem])).toEqual([[false, 'CERT_HAS_EXPIRED']]);
  });
});

describe('probe: session resumption and sockets of Node', () => {
  it('never resumes a session, which would have no chain', async () => {
    const { leaf, middle } = pool;
    const reused: boolean[] = [];
    const server = await serveChains([[leaf, middle]], { maxVersion: 'TLSv1.2' });
    servers.push(server);
    const asked = await serve([[leaf, middle]], {});
    for (const port of [server.port, asked.port]) {
      for (let run = 0; run < 3; run += 1) {
        const chains = chainsOf(await probe(port));
        reused.push(chains[0]?.certificates.length !== 2);
      }
    }
    expect(reused).toEqual(Array<boolean>(6).fill(false));
  });

  it('accepts no chain from a resumed session, which has a leaf alone', async () => {
    const { leaf, middle } = pool;
    const server = await serve([[leaf, middle]], { maxVersion: 'TLSv1.2' });
    // Of a handshake that came to its end, and for the same name: newer servers resume no other.
    const session = await new Promise<Buffer>((resolve) => {
      const options = {
        host: '127.0.0.1',
        port: server.port,
        servername: 'localhost',
        rejectUnauthorized: false,
      };
      const socket = connectTls(options);
      let ticket = Buffer.alloc(0);
      socket.once('session', (given) => (ticket = given));
      socket.once('secureConnect', () => socket.end());
      socket.once('close', () => {
        resolve(ticket);
      });
    });
    const endpoint = { host: { name: 'localhost', port: server.port }, address: '127.0.0.1' };
    expect(
      await handshake(endpoint, () => ({ session }), PROBE_LIMITS, new AbortController().signal),
    ).toMatchObject({
      ok: false,
      failure: { code: 'TLS_NO_CERTIFICATE' },
    });
  });

  it('detects a rotation at once', async () => {
    const { leaf, middle, rsaLeaf } = pool;
    const first = await serve([[leaf, middle]]);
    const before = chainsOf(await probe(first.port));
    await first.close();
    servers.length = 0;
    await serve([[rsaLeaf, middle]], {}, { port: first.port });
    const after = chainsOf(await probe(first.port));
    expect(before.map(({ keyType }) => keyType)).toEqual(['ecdsa']);
    expect(after.map(({ keyType }) => keyType)).toEqual(['rsa']);
  });

  it('opens three connections an address and leaves none open', async () => {
    const { leaf, middle } = pool;
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => /TLS|TCPSocket|Timeout/.test(kind)).length;
    const idle = sockets();
    const server = await serve([[leaf, middle]]);
    await probe(server.port);
    expect(server.accepted()).toBe(3);
    await expectSoon(() => server.open() === 0);
    await expectSoon(() => sockets() <= idle);
  });
});

/** Polls, since the other side detects a close later. */
async function expectSoon(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(holds()).toBe(true);
}

afterAll(() => {
  expect(servers).toEqual([]);
});

describe('handshake', () => {
  it('never rejects: a port that Node refuses is a failure', async () => {
    const endpoint = { host: { name: 'localhost', port: 70_000 }, address: '127.0.0.1' };
    const answer = handshake(endpoint, () => ({}), PROBE_LIMITS, new AbortController().signal);
    expect(await answer).toMatchObject({
      ok: false,
      failure: {
        code: 'TLS_HANDSHAKE',
        message: 'localhost:70000 (127.0.0.1) did not complete the TLS handshake (ERR_SOCKET_BAD_PORT).',
        detail: expect.stringMatching(/^Port should be/),
      },
      refusal: null,
    });
  });
});
