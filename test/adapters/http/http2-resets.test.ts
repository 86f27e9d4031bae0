import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { mint } from '../../../demo/authority';
import type { Fetched, Outcome } from '../../../lambda/domain/types';
import { addressBook } from '../../../lambda/adapters/dns';
import { documentReader } from '../../../lambda/adapters/http/http';

/** So long that a test which waits for it fails. */
const TOTAL_MS = 60_000;
const BODY = '{"issuer":"https://ci.example.com"}';
/** RFC 9113 section 7. */
const CODES = [
  ['NO_ERROR', 0x0],
  ['INTERNAL_ERROR', 0x2],
  ['REFUSED_STREAM', 0x7],
  ['CANCEL', 0x8],
] as const;

/** RFC 9113 section 6. Node's own server would end a stream before it resets it, so frames are written by hand. */
const frame = (type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
const numbers = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(value);
      return four;
    }),
  );
const [DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY] = [0x0, 0x1, 0x3, 0x4, 0x7];
const [ACK, END_STREAM, END_HEADERS] = [0x1, 0x1, 0x4];
/** `:status: 200` and `content-length`, by HPACK's static table: RFC 7541 section 6. */
const headers = (stream: number): Buffer =>
  frame(
    HEADERS,
    END_HEADERS,
    stream,
    Buffer.concat([Buffer.from([0x88, 0x0f, 0x0d, 2]), Buffer.from(String(BODY.length))]),
  );
const headersWithoutLength = (stream: number): Buffer =>
  frame(HEADERS, END_HEADERS, stream, Buffer.from([0x88]));
const body = (stream: number, text: string): Buffer => frame(DATA, 0, stream, Buffer.from(text));
const whole = (stream: number): Buffer =>
  Buffer.concat([headers(stream), frame(DATA, END_STREAM, stream, Buffer.from(BODY))]);
const reset = (stream: number, code: number): Buffer => frame(RST_STREAM, 0, stream, numbers(code));
const goAway = (last: number, code: number): Buffer => frame(GOAWAY, 0, 0, numbers(last, code));

const PREFACE_BYTES = 24;

let server: Server;
let origin: string;
let anchors: Record<string, string>;
/** What is sent in answer to a request. `count`: from 1. */
let answer: (stream: number, count: number) => Buffer | null = () => null;
let requests = 0;

function serve(socket: TLSSocket): void {
  socket.on('error', () => undefined);
  socket.write(frame(SETTINGS, 0, 0));
  let waiting = Buffer.alloc(0);
  let isGreeted = false;
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    if (!isGreeted && waiting.length >= PREFACE_BYTES) {
      isGreeted = true;
      waiting = waiting.subarray(PREFACE_BYTES);
    }
    while (isGreeted && waiting.length >= 9 && waiting.length >= 9 + waiting.readUIntBE(0, 3)) {
      const length = waiting.readUIntBE(0, 3);
      const [type, flags, stream] = [waiting.readUInt8(3), waiting.readUInt8(4), waiting.readUInt32BE(5)];
      waiting = waiting.subarray(9 + length);
      if (type === SETTINGS && flags === 0) socket.write(frame(SETTINGS, ACK, 0));
      if (type === HEADERS) {
        requests += 1;
        const reply = answer(stream, requests);
        if (reply !== null) socket.write(reply);
      }
    }
  });
}

const isAddressInfo = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

beforeAll(async () => {
  const root = await mint({ commonName: 'Root', ca: true });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  server = createServer({ key: leaf.keyPem, cert: leaf.pem, ALPNProtocols: ['h2'] }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = isAddressInfo(address) ? address.port : 0;
  origin = `https://localhost:${port}`;
  anchors = { [`localhost:${port}`]: root.pem };
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
});

/** Reads documents at once: the body of each, or the code of its failure. */
async function read(answering: typeof answer, count = 1): Promise<readonly string[]> {
  answer = answering;
  requests = 0;
  const limits = { connectMs: 5_000, totalMs: TOTAL_MS, bytes: 1024, retryDelayMs: 1 };
  const reader = documentReader({
    resolve: addressBook(),
    trust: openTrustStore([]),
    trustAnchors: anchors,
    limits,
  });
  const one = (index: number): Promise<Outcome<Fetched>> =>
    reader.fetchDocument(new URL(`${origin}/${index}`), 'discovery', true);
  try {
    const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
    return outcomes.map((outcome) => (outcome.ok ? outcome.value.text : outcome.failure.code));
  } finally {
    await reader.close();
  }
}

/** What a server has sent of its answer before it stops. */
const MOMENTS: readonly (readonly [string, (stream: number) => Buffer])[] = [
  ['before the headers', () => Buffer.alloc(0)],
  ['after the headers', headers],
  ['in the body', (stream) => Buffer.concat([headers(stream), body(stream, BODY.slice(0, 9))])],
];
const CASES = MOMENTS.flatMap(([moment, before]) =>
  CODES.map(([name, code]) => ({ moment, name, code, before })),
);

describe('an HTTP/2 server that resets the stream or the connection before its answer is complete', () => {
  it.each(CASES)('ends the exchange at once by RST_STREAM $name $moment', async ({ code, before }) => {
    expect(await read((stream) => Buffer.concat([before(stream), reset(stream, code)]))).toEqual([
      'HTTP_BROKEN',
    ]);
    // A reused connection may be reset while a request is on its way, so the request is retried.
    expect(requests).toBe(3);
  });

  it.each(CASES)('ends the exchange at once by GOAWAY $name $moment', async ({ code, before }) => {
    const [found] = await read((stream) => Buffer.concat([before(stream), goAway(0, code)]));
    expect(found).toMatch(/^(HTTP_BROKEN|TCP_RESET)$/);
    expect(requests).toBe(3);
  });

  it.each(CASES)('receives a retry after $name $moment, and its answer is used', async ({ code, before }) => {
    const once = (stream: number, count: number): Buffer =>
      count === 1 ? Buffer.concat([before(stream), reset(stream, code)]) : whole(stream);
    expect(await read(once)).toEqual([BODY]);
    expect(requests).toBe(2);
  });

  // Without a length Node's end looks like a reset: the reader of the document refuses the rest.
  it.each(CODES)('ends the exchange at once by RST_STREAM %s without Content-Length', async (_, code) => {
    const part = BODY.slice(0, 9);
    const [found] = await read((stream) =>
      Buffer.concat([headersWithoutLength(stream), body(stream, part), reset(stream, code)]),
    );
    expect(['HTTP_BROKEN', part]).toContain(found);
  });

  it('resets one document by RST_STREAM without effect on the others of the connection', async () => {
    const found = await read((stream, count) => (count === 3 ? reset(stream, 0x8) : whole(stream)), 20);
    expect(found).toEqual(found.map(() => BODY));
    expect(requests).toBe(21);
  });

  it('has all documents of a connection requested again after GOAWAY', async () => {
    const found = await read((stream, count) => {
      if (count > 8) return whole(stream);
      return count === 8 ? goAway(0, 0x0) : null;
    }, 8);
    expect(found).toEqual(found.map(() => BODY));
  });
});
