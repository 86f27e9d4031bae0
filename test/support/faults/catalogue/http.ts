/** Answers that are no documents. */
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Override } from '../../../../demo/issuer';
import { gzipSync } from 'node:zlib';
import { s3Error } from '../../s3-errors';
import { serveChains } from '../../tls-servers';
import type { Fault, More } from '../fault';
import { chainOf, replace } from '../hosts';
import type { Stage } from '../stage';
import { alike } from '../unmet-words';

type Answer = (response: Http2ServerResponse, request: Http2ServerRequest) => void;

/** To every request of the victim. */
const answering =
  (answer: Answer): Fault['inject'] =>
  ({ victim }) => {
    const override: Override = (request, response) => {
      answer(response, request);
      return true;
    };
    victim.server.onRequest(override);
  };

const status = (code: number, headers: Record<string, string> = {}): Fault['inject'] =>
  answering((response) => {
    response.writeHead(code, headers);
    response.end('no');
  });

/** HTTP/1.1 by hand, over TLS: what no library sends. */
const bytes =
  (text: string): Fault['inject'] =>
  async (stage) => {
    const server = await serveChains([chainOf(stage.victim.usual)], {}, {}, (socket) =>
      socket.once('data', () => socket.end(text)),
    );
    stage.later(server.close);
    replace(stage.victim, server.port);
  };

/** How often the discovery document was asked for since the story began. */
const asked =
  (times: number): More =>
  ({ victim }: Stage) => {
    const paths = victim.server.requests().slice(victim.asked);
    return alike('requests', paths.filter((path) => path.endsWith('openid-configuration')).length, times);
  };

const repeated = (response: Http2ServerResponse, text: string, every: number): void => {
  const flow = setInterval(() => response.write(text), every);
  response.on('close', () => clearInterval(flow));
};

export const HTTP: readonly Fault[] = [
  {
    row: 16,
    name: 'a redirect',
    inject: status(302, { location: 'https://evil.example/x' }),
    expected: {
      codes: ['HTTP_REDIRECT'],
      checks: ['DISC001'],
      says: /redirects to evil\.example/,
      more: asked(1),
    },
  },
  ...[400, 403, 404].map((code): Fault => ({
    row: 17,
    name: `status ${code}`,
    inject: status(code),
    expected: { codes: ['HTTP_STATUS'], checks: ['DISC001'], more: asked(1) },
  })),
  {
    row: 63,
    name: 'a bucket that does not exist',
    inject: answering((response) => {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end(s3Error('NoSuchBucket', 'acme-\u202eoidc'));
    }),
    expected: {
      codes: ['HTTP_NO_SUCH_BUCKET'],
      checks: ['DISC005'],
      says: /"acme-\\u\{202e\}oidc"/,
      more: asked(2),
    },
  },
  ...[429, 503].map((code): Fault => ({
    row: 18,
    name: `status ${code}, again and again`,
    inject: status(code, { 'retry-after': '0' }),
    expected: { codes: ['HTTP_STATUS'], checks: ['DISC001'], more: asked(3) },
  })),
  {
    row: 18,
    name: 'a server that asks to be asked again in an hour',
    inject: status(503, { 'retry-after': '3600' }),
    silent: 'hosts',
    expected: { codes: ['HTTP_STATUS'], more: asked(1) },
  },
  {
    row: 19,
    name: 'a body of 300 KiB',
    inject: answering((response) => void response.end('x'.repeat(300 * 1024))),
    expected: { codes: ['HTTP_TOO_LARGE'], checks: ['DISC001'] },
  },
  {
    row: 19,
    name: 'a body without end',
    inject: answering((response) => repeated(response, 'x'.repeat(64 * 1024), 1)),
    expected: { codes: ['HTTP_TOO_LARGE'] },
  },
  {
    row: 19,
    name: 'a slow drip',
    silent: 'hosts',
    inject: answering((response) => repeated(response, ' ', 20)),
    expected: { codes: ['HTTP_TIMEOUT'] },
  },
  {
    row: 19,
    name: 'a flood of headers',
    inject: bytes(`HTTP/1.1 200 OK\r\n${'x-flood: 0123456789\r\n'.repeat(50_000)}\r\n`),
    expected: { codes: ['HTTP_BROKEN', 'TCP_RESET'] },
  },
  {
    row: 20,
    name: 'a body in gzip',
    inject: answering((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{}'));
    }),
    expected: { codes: ['HTTP_ENCODING'], checks: ['DISC001'] },
  },
  {
    row: 21,
    name: 'a body that is shorter than announced',
    inject: bytes('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"issuer": '),
    expected: { codes: ['HTTP_BROKEN', 'TCP_RESET'] },
  },
  {
    row: 21,
    name: 'a chunk that is none',
    inject: bytes('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a number\r\n{}\r\n'),
    expected: { codes: ['HTTP_BROKEN', 'TCP_RESET'] },
  },
  {
    row: 21,
    name: 'a stream that breaks off',
    inject: answering((response) => {
      response.write('{"issuer": ');
      setImmediate(() => response.stream.destroy());
    }),
    expected: { codes: ['HTTP_BROKEN', 'TCP_RESET', 'OIDC_NOT_JSON'] },
  },
];
