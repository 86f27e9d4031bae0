import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import type { HostObservation } from '../../../lambda/domain/types';
import { evaluateHost } from '../../../lambda/checks/host';
import type { EvaluatedHost } from '../../../lambda/checks/host';
import { PROBE_LIMITS } from '../../../lambda/adapters/tls/tls';
import { namesExtension } from '../../support/der';
import { alert, keyTypeAskedBy, serverFlight } from '../../support/tls-records';
import { chainsOf, probe, serveBytes, serveChains } from '../../support/tls-servers';
import type { TestServer } from '../../support/tls-servers';

// Minting takes seconds on a busy machine.
jest.setTimeout(60_000);

const judge = (observation: HostObservation): EvaluatedHost =>
  evaluateHost(observation, { trustAnchors: {}, trust: openTrustStore([]), expiryDays: 30, now: new Date() });

const servers: TestServer[] = [];
const running = async (server: Promise<TestServer>): Promise<TestServer> => {
  servers.push(await server);
  return server;
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

let good: Identity;
let rsa: Identity;

beforeAll(async () => {
  good = await mint({ commonName: 'localhost', hosts: ['localhost'] });
  rsa = await mint({ commonName: 'localhost', hosts: ['localhost'], keyType: 'rsa' });
});

/** Short for tests that wait for no answer; everything else has all the time that it takes. */
const SHORT = { ...PROBE_LIMITS, connectMs: 2_000, handshakeMs: 300 };

describe('probe: no answer', () => {
  it.each([
    ['a plain web server', (s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'TLS_HANDSHAKE'],
    ['a reset after ClientHello', (s) => s.once('data', () => s.resetAndDestroy()), 'TLS_RESET'],
    ['a close after ClientHello', (s) => s.once('data', () => s.end()), 'TLS_RESET'],
    ['a close at once', (s) => s.end(), 'TLS_RESET'],
    ['silence', () => undefined, 'TLS_TIMEOUT'],
    ['an alert of an inner error', (s) => s.once('data', () => s.end(alert(80))), 'TLS_HANDSHAKE'],
    ['an alert of an unknown name', (s) => s.once('data', () => s.end(alert(112))), 'TLS_HANDSHAKE'],
  ] satisfies readonly (readonly [string, Parameters<typeof serveBytes>[0], string])[])(
    'is the result of %s',
    async (_, answer, code) => {
      const server = await running(serveBytes(answer));
      const observation = await probe(server.port, code === 'TLS_TIMEOUT' ? { limits: SHORT } : {});
      expect(observation.variants).toMatchObject([
        { keyType: 'rsa', answer: { kind: 'unanswered', failure: { step: 'tls', code } } },
        { keyType: 'ecdsa', answer: { kind: 'unanswered', failure: { step: 'tls', code } } },
      ]);
      expect(observation.tls12).toEqual([{ address: '127.0.0.1', offered: null }]);
      expect(judge(observation)).toMatchObject({ expected: [], basis: 'unknown', failure: { code } });
    },
  );

  it('is the result of a closed port', async () => {
    const server = await serveBytes(() => undefined);
    await server.close();
    expect(judge(await probe(server.port)).failure).toMatchObject({
      code: 'TCP_REFUSED',
      message: expect.stringContaining(`localhost:${server.port} (127.0.0.1)`),
    });
  });

  it.each([
    ['nothing', []],
    ['no certificate at all', [Buffer.alloc(0)]],
    ['bytes that are none', [Buffer.from('not a certificate')]],
    ['a certificate cut short', 'cut'],
    ['a certificate with bytes behind it', 'trailing'],
  ] as const)('is the result of %s instead of a certificate', async (_, what) => {
    const { raw } = good.certificate;
    const list =
      what === 'cut'
        ? [raw.subarray(0, raw.length - 9)]
        : what === 'trailing'
          ? [Buffer.concat([raw, Buffer.from('more')])]
          : what;
    const server = await running(
      serveBytes((socket) => {
        socket.once('data', (hello: Buffer) => socket.write(serverFlight(list, keyTypeAskedBy(hello))));
      }),
    );
    const judged = judge(await probe(server.port));
    expect(judged).toMatchObject({ chains: [], expected: [], failure: { code: 'TLS_HANDSHAKE' } });
  });
});

describe('probe: a TLS alert', () => {
  it.each([
    [40, 'key-type', null],
    [70, 'version', false],
  ] as const)(
    'of code %d counts as an answer of the server (fault 47)',
    async (description, reason, offered) => {
      const server = await running(serveBytes((s) => s.once('data', () => s.end(alert(description)))));
      const observation = await probe(server.port);
      expect(observation.variants.map(({ answer }) => answer)).toEqual(
        Array(2).fill({ kind: 'not-offered', reason }),
      );
      expect(observation.tls12).toEqual([{ address: '127.0.0.1', offered }]);
      expect(judge(observation)).toMatchObject({ unanswered: [], basis: 'unknown' });
    },
  );

  it('that refuses every version above TLS 1.1 is reported as such', async () => {
    const server = await running(
      serveChains([[rsa]], { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    );
    expect(judge(await probe(server.port))).toMatchObject({
      findings: [
        { check: 'CERT004', severity: 'medium', message: expect.stringContaining('TLS 1.2 or later') },
      ],
      failure: { code: 'TLS_HANDSHAKE', message: expect.stringContaining('neither TLS 1.2 nor TLS 1.3') },
    });
  });
});

describe('probe: chains above the limits', () => {
  it.each([
    [20, null],
    [21, 'TLS_TOO_LARGE'],
    [100, 'TLS_TOO_LARGE'],
  ])('%d certificates: %s', async (count, code) => {
    const server = await running(serveChains([[good, ...Array<Identity>(count - 1).fill(rsa)]]));
    const observation = await probe(server.port);
    expect(judge(observation).failure?.code ?? null).toBe(code);
    expect(chainsOf(observation)).toHaveLength(code === null ? 1 : 0);
  });

  it.each([
    ['almost 64 KiB', 64 * 1024 - 700, null],
    ['more than 64 KiB', 64 * 1024, 'TLS_TOO_LARGE'],
    ['more than OpenSSL reads', 120 * 1024, 'TLS_TOO_LARGE'],
  ])('a certificate of %s', async (_, bytes, code) => {
    const extensions = [{ oid: '1.3.6.1.4.1.99999.1', value: new Uint8Array(bytes) }];
    const large = await mint({ commonName: 'localhost', hosts: ['localhost'], extensions });
    const server = await running(serveChains([[large]]));
    expect(judge(await probe(server.port)).failure?.code ?? null).toBe(code);
  });

  it('10,000 names in one certificate', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `h${index}.example.com`);
    const many = await mint({ commonName: 'localhost', extensions: [namesExtension(names)] });
    expect(many.certificate.subjectAltName).toMatch(/DNS:h9999\.example\.com$/);
    const server = await running(serveChains([[many]]));
    expect(judge(await probe(server.port)).failure?.code).toBe('TLS_TOO_LARGE');
  });
});

describe('probe: names in certificates', () => {
  it.each([
    ['a null byte', 'a\u0000localhost'],
    ['a newline', 'a\nO=Amazon'],
    ['an escape sequence', 'a\u001b[31mred'],
    ['a bidirectional mark', 'a\u202Egnp.exe'],
  ])('with %s are escaped, and match no other host', async (_, commonName) => {
    const server = await running(serveChains([[await mint({ commonName, hosts: ['elsewhere'] })]]));
    const judged = judge(await probe(server.port));
    const [subject = ''] = judged.chains.flatMap(({ certificates }) =>
      certificates.map((one) => one.subject),
    );
    expect(subject).toMatch(/^CN=a\\/);
    expect(subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(judged.findings).toContainEqual(
      expect.objectContaining({ check: 'CERT005', severity: 'critical' }),
    );
  });

  it('do not match by the part before a null byte', async () => {
    const server = await running(
      serveChains([[await mint({ commonName: 'localhost', hosts: ['localhost\u0000.evil.example'] })]]),
    );
    expect(judge(await probe(server.port)).findings).toContainEqual(
      expect.objectContaining({ check: 'CERT005' }),
    );
  });
});

describe('probe: addresses that do not answer', () => {
  it('are reported beside one that answers', async () => {
    const first = await running(serveChains([[good]]));
    await running(serveBytes(() => undefined, { address: '127.0.0.2', port: first.port })).catch(() => null);
    if (servers.length < 2) return;
    const judged = judge(
      await probe(first.port, {
        addresses: ['127.0.0.1', '127.0.0.2'],
        limits: { ...SHORT, handshakeMs: 1_000 },
      }),
    );
    expect(judged).toMatchObject({
      expected: [good.thumbprint],
      failure: null,
      unanswered: [{ code: 'TLS_TIMEOUT', message: expect.stringContaining('(127.0.0.2)') }],
    });
  });

  it('are no failure if they are unreachable IPv6 addresses (faults 4, 47)', async () => {
    const server = await running(serveChains([[good]]));
    // RFC 6666: no packet to the discard prefix arrives.
    const judged = judge(
      await probe(server.port, {
        addresses: ['100::1', '127.0.0.1'],
        limits: { ...PROBE_LIMITS, connectMs: 300 },
      }),
    );
    expect(judged).toMatchObject({ expected: [good.thumbprint], failure: null, unanswered: [] });
  });
});
