import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import type { Fetched, Outcome } from '../../../lambda/domain/types';
import { s3Error, s3Page } from '../../support/s3-errors';
import { addressBook } from '../../../lambda/adapters/dns';
import { documentReader } from '../../../lambda/adapters/http/http';
import type { DocumentReader, HttpLimits } from '../../../lambda/adapters/http/http';

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;
type Served = readonly [name: string, serve: Answer];

const LIMITS: HttpLimits = { connectMs: 300, totalMs: 300, bytes: 1024, retryDelayMs: 1 };

let root: Identity;
let leaf: Identity;
let server: Http2SecureServer;
let port: number;
let answer: Answer = () => undefined;
let requests = 0;

beforeAll(async () => {
  root = await mint({ commonName: 'Root', ca: true });
  leaf = await mint({ commonName: 'localhost', hosts: ['localhost', '127.0.0.1'], signedBy: root });
  server = createSecureServer({ key: leaf.keyPem, cert: leaf.pem, allowHTTP1: true });
  server.on('request', (request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  port = isAddressInfo(address) ? address.port : 0;
});

afterAll(async () => {
  await new Promise((done) => server.close(done));
});

const TRUST = openTrustStore([]);

const isAddressInfo = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

async function ask(
  serve: Answer,
  options: { path?: string; trusting?: boolean; limits?: HttpLimits } = {},
): Promise<Outcome<string>> {
  const { path = '/document', trusting = true, limits = LIMITS } = options;
  answer = serve;
  requests = 0;
  const reader = open(trusting, limits);
  try {
    return textOf(await reader.fetchDocument(new URL(`https://localhost:${port}${path}`), 'discovery', true));
  } finally {
    await reader.close();
  }
}

const open = (trusting = true, limits = LIMITS): DocumentReader =>
  documentReader({
    resolve: addressBook(),
    trust: TRUST,
    trustAnchors: trusting ? { [`localhost:${port}`]: root.pem } : {},
    limits,
  });

const text =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

const XML = { 'content-type': 'application/xml' };
const HTML = { 'content-type': 'text/html; charset=utf-8' };

const textOf = (outcome: Outcome<Fetched>): Outcome<string> =>
  outcome.ok ? { ok: true, value: outcome.value.text } : outcome;

const failureOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'none' : outcome.failure.code);

describe('documentReader', () => {
  it('reads a document and requests no encoding', async () => {
    let asked: Http2ServerRequest['headers'] = {};
    const outcome = await ask((request, response) => {
      asked = request.headers;
      response.end('{"a":"ü"}');
    });
    expect(outcome).toEqual({ ok: true, value: '{"a":"ü"}' });
    expect(asked).toMatchObject({ accept: 'application/json', 'accept-encoding': 'identity' });
  });

  it('skips informational responses (1xx)', async () => {
    const outcome = await ask((_, response) => {
      response.writeEarlyHints({ link: '</styles.css>; rel=preload' });
      response.end('{}');
    });
    expect(outcome).toEqual({ ok: true, value: '{}' });
  });

  it('reads nothing over a connection that does not verify', async () => {
    const outcome = await ask(text(200, '{}'), { trusting: false });
    expect(failureOf(outcome)).toBe('TLS_UNTRUSTED');
    expect(requests).toBe(0);
  });

  it('does not follow redirects and names their location', async () => {
    const outcome = await ask(text(302, '', { location: 'https://evil.example/x' }));
    expect(outcome).toEqual({
      ok: false,
      failure: {
        step: 'discovery',
        code: 'HTTP_REDIRECT',
        message: `https://localhost:${port}/document redirects to evil.example. AWS does not follow redirects here, and neither does the monitor.`,
      },
    });
    expect(requests).toBe(1);
  });

  it.each([404, 500])('refuses status %d without a second attempt', async (status) => {
    const outcome = await ask(text(status, 'no'));
    expect(outcome).toMatchObject({
      failure: { code: 'HTTP_STATUS', message: expect.stringContaining(`status ${status}`) },
    });
    expect(requests).toBe(1);
  });

  it.each<[string, Answer, string]>([
    ['of a bucket that does not exist', text(404, s3Error('NoSuchBucket'), XML), 'HTTP_NO_SUCH_BUCKET'],
    ['of a website without a bucket', text(404, s3Page('NoSuchBucket'), HTML), 'HTTP_NO_SUCH_BUCKET'],
    ['of a document that does not exist', text(404, s3Error('NoSuchKey'), XML), 'HTTP_STATUS'],
    ['of a bucket that denies access', text(403, s3Error('AccessDenied'), XML), 'HTTP_STATUS'],
    ['of an ordinary page', text(404, '<html>Not found</html>', HTML), 'HTTP_STATUS'],
    ['in another encoding', text(404, Buffer.from([0xff, 0xfe]), HTML), 'HTTP_STATUS'],
    ['that is compressed', text(404, gzipSync(s3Error('NoSuchBucket')), XML), 'HTTP_STATUS'],
    ['that is too long', text(404, ' '.repeat(9_000) + s3Error('NoSuchBucket'), XML), 'HTTP_STATUS'],
    [
      'that never ends',
      (_, response) => {
        response.writeHead(404, XML);
        response.write('<?xml version="1.0"?>');
      },
      'HTTP_STATUS',
    ],
    [
      'that breaks off',
      (_, response) => {
        response.writeHead(404, XML);
        response.write('<?xml version="1.0"?>');
        setImmediate(() => response.stream.destroy());
      },
      'HTTP_STATUS',
    ],
  ])('reads the error %s, once', async (_, serve, code) => {
    const outcome = await ask(serve);
    expect(failureOf(outcome)).toBe(code);
    expect(requests).toBe(1);
  });

  it('names the bucket that does not exist (fault 63)', async () => {
    expect(await ask(text(404, s3Error('NoSuchBucket', 'acme-oidc'), XML))).toMatchObject({
      failure: { step: 'discovery', message: expect.stringContaining('"acme-oidc"') },
    });
  });

  it.each([429, 503])('retries after status %d, at most three times', async (status) => {
    expect(failureOf(await ask(text(status, 'later', { 'retry-after': '0' })))).toBe('HTTP_STATUS');
    expect(requests).toBe(3);
  });

  it('returns a document that arrives at the second attempt', async () => {
    const outcome = await ask((_, response) => {
      response.writeHead(requests === 1 ? 503 : 200);
      response.end('{}');
    });
    expect(outcome).toEqual({ ok: true, value: '{}' });
  });

  it('does not wait beyond its deadline for Retry-After', async () => {
    expect(failureOf(await ask(text(503, 'later', { 'retry-after': '3600' })))).toBe('HTTP_STATUS');
    expect(requests).toBe(1);
  });

  it.each<Served>([
    ['declared', text(200, 'x'.repeat(2_000), { 'content-length': '2000' })],
    ['undeclared', (_, response) => void response.end('x'.repeat(2_000))],
    [
      'endless',
      (_, response) => {
        const flow = setInterval(() => response.write('x'.repeat(512)), 5);
        response.on('close', () => clearInterval(flow));
      },
    ],
  ])('cuts a body of %s size beyond the limit', async (_, serve) => {
    expect(failureOf(await ask(serve))).toBe('HTTP_TOO_LARGE');
  });

  it('refuses an encoding that it did not request', async () => {
    const outcome = await ask(text(200, gzipSync('{}'), { 'content-encoding': 'gzip' }));
    expect(failureOf(outcome)).toBe('HTTP_ENCODING');
  });

  it.each<Served>([
    ['silence', () => undefined],
    ['a body that never ends', (_, response) => void response.write('{')],
    [
      'a slow drip',
      (_, response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('ends %s at its deadline', async (_, serve) => {
    expect(failureOf(await ask(serve))).toBe('HTTP_TIMEOUT');
  });

  it('retries if the server closes the connection', async () => {
    expect(failureOf(await ask((_, response) => void response.destroy()))).toMatch(/HTTP_BROKEN|TCP_RESET/);
    expect(requests).toBe(3);
  });

  it('reports how much of the time the process itself did not run', async () => {
    answer = (_, response) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
      response.end('{}');
    };
    const reader = open(true, { ...LIMITS, totalMs: 10_000 });
    try {
      const outcome = await reader.fetchDocument(
        new URL(`https://localhost:${port}/document`),
        'discovery',
        true,
      );
      const { milliseconds = 0, missed = 0 } = outcome.ok ? outcome.value : {};
      expect(milliseconds).toBeGreaterThan(240);
      expect(milliseconds - missed).toBeLessThan(200);
    } finally {
      await reader.close();
    }
  });

  it('does not wait for a retry once it is closed', async () => {
    const asked = new Promise<void>((resolve) => (answer = () => resolve()));
    const reader = open(true, { ...LIMITS, totalMs: 600_000, retryDelayMs: 60_000 });
    const outcome = reader.fetchDocument(new URL(`https://localhost:${port}/document`), 'discovery', true);
    await asked;
    await reader.close();
    expect(failureOf(await outcome)).toBe('HTTP_BROKEN');
  });

  it('reports that only the trust store of the process verified the connection', async () => {
    answer = text(200, '{}');
    const anchors = { [`localhost:${port}`]: root.pem };
    // As if the process trusted one more authority: this one verifies and is no self-signed CA certificate.
    for (const [trust, isUnanchored] of [
      [openTrustStore([]), undefined],
      [{ ...openTrustStore([]), anchorsIn: () => openTrustStore([]).publicRoots }, true],
    ] as const) {
      const reader = documentReader({ resolve: addressBook(), trust, trustAnchors: anchors, limits: LIMITS });
      const read = await reader.fetchDocument(
        new URL(`https://localhost:${port}/document`),
        'discovery',
        true,
      );
      await reader.close();
      expect(read.ok && read.value.isUnanchored).toBe(isUnanchored);
    }
  });

  it('sends no request limited to public addresses over a connection to a private one', async () => {
    answer = text(200, '{}');
    const reader = documentReader({
      // Nothing listens at the second one.
      resolve: (_name, _step, mayBePrivate) =>
        Promise.resolve({ ok: true, value: [mayBePrivate ? '127.0.0.1' : '127.0.0.9'] }),
      trustAnchors: { [`localhost:${port}`]: root.pem },
      trust: openTrustStore([]),
      limits: { ...LIMITS, connectMs: 5_000, totalMs: 5_000 },
    });
    const ask = (mayBePrivate: boolean): Promise<Outcome<Fetched>> =>
      reader.fetchDocument(new URL(`https://localhost:${port}/document`), 'discovery', mayBePrivate);
    const permitted = await ask(true);
    const refused = await ask(false);
    await reader.close();
    expect([failureOf(permitted), failureOf(refused)]).toEqual(['none', 'TCP_REFUSED']);
  });

  it('refuses an address literal before it connects', async () => {
    const reader = documentReader({
      resolve: addressBook(),
      trust: TRUST,
      trustAnchors: {},
      limits: LIMITS,
    });
    requests = 0;
    const outcome = await reader.fetchDocument(new URL(`https://127.0.0.1:${port}/document`), 'discovery');
    await reader.close();
    expect(failureOf(outcome)).toBe('SSRF_ADDRESS_REFUSED');
    expect(requests).toBe(0);
  });

  it('refuses a certificate for another host, at every request, and for many at once (fault 8)', async () => {
    const origin = `elsewhere.test:${port}`;
    const reader = documentReader({
      resolve: () => Promise.resolve({ ok: true, value: ['127.0.0.1'] }),
      trust: TRUST,
      trustAnchors: { [origin]: root.pem },
      limits: { ...LIMITS, totalMs: 5_000, connectMs: 5_000 },
    });
    const asking = (): Promise<Outcome<Fetched>> =>
      reader.fetchDocument(new URL(`https://${origin}/document`), 'discovery', true);
    const first = await asking();
    const others = await Promise.all(Array.from({ length: 30 }, asking));
    await reader.close();
    expect(new Set([first, ...others].map(failureOf))).toEqual(new Set(['TLS_UNTRUSTED']));
  });

  it('retries if a connection breaks while it is set up (fault 5)', async () => {
    answer = text(200, '{}');
    let met = 0;
    const front = createServer((socket: Socket) => {
      met += 1;
      if (met === 1) socket.resetAndDestroy();
      else
        socket
          .on('error', () => undefined)
          .pipe(connect(port, '127.0.0.1'))
          .pipe(socket);
    });
    await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
    const address = front.address();
    const at = isAddressInfo(address) ? address.port : 0;
    const reader = documentReader({
      resolve: () => Promise.resolve({ ok: true, value: ['127.0.0.1'] }),
      trust: TRUST,
      trustAnchors: { [`localhost:${at}`]: root.pem },
      limits: { ...LIMITS, totalMs: 5_000, connectMs: 5_000 },
    });
    const outcome = await reader.fetchDocument(
      new URL(`https://localhost:${at}/document`),
      'discovery',
      true,
    );
    await reader.close();
    await new Promise((done) => front.close(done));
    expect(textOf(outcome)).toEqual({ ok: true, value: '{}' });
    expect(met).toBe(2);
  });

  it('reports a closed port', async () => {
    const reader = open();
    const outcome = await reader.fetchDocument(new URL('https://localhost:1/document'), 'discovery', true);
    await reader.close();
    expect(outcome).toMatchObject({
      failure: { code: 'TCP_REFUSED', message: 'localhost:1 refused the connection (ECONNREFUSED).' },
    });
  });

  it('shares at most eight connections among many documents', async () => {
    const sockets = new Set<unknown>();
    let connections = 0;
    const count = (socket: unknown): void => {
      if (!sockets.has(socket)) connections += 1;
      sockets.add(socket);
    };
    server.on('secureConnection', count);
    answer = text(200, '{}');
    const reader = open(true, { ...LIMITS, totalMs: 5_000 });
    const urls = Array.from({ length: 200 }, (_, index) => new URL(`https://localhost:${port}/${index}`));
    const outcomes = await Promise.all(urls.map((url) => reader.fetchDocument(url, 'discovery', true)));
    await reader.close();
    server.off('secureConnection', count);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(connections).toBeLessThanOrEqual(8);
    expect(connections).toBeGreaterThan(0);
  });
});
