/** TLS servers that serve given chains, in the given order, and servers that speak no TLS. */
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { Identity } from '../../demo/authority';
import type { Host, HostObservation, Outcome, ServedChain } from '../../lambda/domain/types';
import { prober } from '../../lambda/adapters/tls/tls';
import { openTrustStore } from '../../lambda/x509/trust-store';
import type { ProberOptions } from '../../lambda/adapters/tls/tls';

/** A running server. */
export interface TestServer {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Connections that ever were. */
  readonly accepted: () => number;
  readonly close: () => Promise<void>;
}

/** The address of a server. @default a free port of 127.0.0.1 */
export interface Place {
  readonly address?: string;
  readonly port?: number;
}

/** Serves the given chains, one for each key type; `answer` writes to the connection. OpenSSL pairs keys and certificates by index. */
export function serveChains(
  chains: readonly (readonly Identity[])[],
  options: TlsOptions = {},
  place: Place = {},
  answer: (socket: Socket) => void = () => undefined,
): Promise<TestServer> {
  const server = createServer({
    key: chains.flatMap(([leaf]) => (leaf === undefined ? [] : [leaf.keyPem])),
    cert: chains.map((chain) => chain.map(({ pem }) => pem).join('\n')),
    ...options,
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  return listen(server, place);
}

/** Gives each connection to a function, as bytes. */
export function serveBytes(answer: (socket: Socket) => void, place: Place = {}): Promise<TestServer> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    }),
    place,
  );
}

async function listen(server: Server, { address = '127.0.0.1', port = 0 }: Place): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, address);
  await once(server, 'listening');
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : 0,
    open: () => sockets.size,
    accepted: () => accepted,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Probes a port of these addresses under a name, by default with the limits of the function. */
export function probe(
  port: number,
  more: Partial<Omit<ProberOptions, 'resolve'>> & {
    readonly name?: string;
    readonly addresses?: readonly string[];
  } = {},
): Promise<HostObservation> {
  const { name = 'localhost', addresses = ['127.0.0.1'], ...options } = more;
  const resolve = (): Promise<Outcome<readonly string[]>> => Promise.resolve({ ok: true, value: addresses });
  const host: Host = { name, port };
  return prober({ resolve, trustAnchors: {}, trust: openTrustStore([]), ...options })(host);
}

/** The chains of an observation. */
export const chainsOf = ({ variants }: HostObservation): readonly ServedChain[] =>
  variants.flatMap(({ answer }) => (answer.kind === 'served' ? [answer.chain] : []));

/** The result of each key type: a version of TLS, or why none. */
export const answersOf = ({ variants }: HostObservation): Readonly<Record<string, string>> =>
  Object.fromEntries(variants.map(({ keyType, answer }) => [keyType, wordOf(answer)]));

function wordOf(answer: HostObservation['variants'][number]['answer']): string {
  switch (answer.kind) {
    case 'served':
      return answer.chain.tls;
    case 'not-offered':
      return `not offered: ${answer.reason}`;
    case 'unanswered':
      return answer.failure.code;
  }
}
