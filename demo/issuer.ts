/**
 * An OIDC issuer on this machine: HTTP/1.1 and h2 over TLS, with chains that can be rotated. It has the paths of a CircleCI
 * Server, and others on request.
 */
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Identity } from './authority';
import { makeSigningKey } from './signing-key';
import type { SigningKey } from './signing-key';
import { portOf } from './port';

/** Certificates exactly as they are to be served. The first one's key is used. */
export type Chain = readonly Identity[];

/** One chain, or one RSA and one ECDSA chain; the client's choice decides. */
export type IssuerOptions = ({ readonly chain: Chain } | { readonly chains: readonly Chain[] }) & {
  /** @default localhost */
  readonly name?: string;
  /** One edge each, all on the same port. @default 127.0.0.1 */
  readonly addresses?: readonly string[];
  /** The port that its documents name, if another server is in front of it. @default its own */
  readonly publicPort?: number;
  /** Further issuers of this host, as other vendors have them: `/id/0123456789ABCDEF`, or empty for the host itself. */
  readonly paths?: readonly string[];
  /** @default a new one */
  readonly signingKey?: SigningKey;
  /** Serve certificates that OpenSSL calls too weak, for hostile tests. @default false */
  readonly servesWeak?: boolean;
};

/** Answers instead of the issuer, for hostile tests. False: the issuer answers after all. */
export type Override = (request: Http2ServerRequest, response: Http2ServerResponse) => boolean;

/** A running issuer, for every organization at once. */
export interface Issuer {
  /** `https://NAME:PORT`, or `https://NAME` if the port is 443. */
  readonly url: string;
  readonly port: number;
  /** The issuer URL of a CircleCI organization, by its UUID. */
  readonly issuerOf: (org: string) => string;
  /** Serves a connection that another server accepted, at the first edge. */
  readonly accept: (socket: Socket) => void;
  /** Every handshake from now on serves these chains, at all edges or at one; open connections stay as they are. */
  readonly rotate: (chains: readonly Chain[], address?: string) => void;
  /** How many handshakes went as far as the server's certificate, those of clients that then hung up included. */
  readonly handshakes: () => number;
  /** The path of every request, oldest first. */
  readonly requests: () => readonly string[];
  /** Publishes and uses another signing key instead of the one before. */
  readonly replaceKeys: () => Promise<void>;
  /** Signs claims with the key in use: a token. */
  readonly sign: SigningKey['sign'];
  /** Undefined removes an override. */
  readonly onRequest: (override: Override | undefined) => void;
  readonly close: () => Promise<void>;
}

/** The counters and settings of the server while it runs. */
interface Journal {
  handshakes: number;
  override: Override | undefined;
  key: SigningKey;
  readonly requests: string[];
  readonly sockets: Set<Socket>;
}

/** Starts an issuer on a free port, with a signing key of its own. Rejects if an address is not available. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const chains = 'chains' in options ? options.chains : [options.chain];
  const { name = 'localhost', addresses = ['127.0.0.1'], paths = [], servesWeak = false } = options;
  const journal: Journal = {
    handshakes: 0,
    override: undefined,
    key: options.signingKey ?? (await makeSigningKey()),
    requests: [],
    sockets: new Set(),
  };
  const edges: Edge[] = [];
  let port = 0;
  for (const address of addresses) {
    const server = createSecureServer({ ...secrets(chains, servesWeak), allowHTTP1: true });
    port = await listen(server, { address, port }, journal);
    edges.push({ address, server, servesWeak });
  }
  const url = new URL(`https://${name}:${options.publicPort ?? port}`).origin;
  for (const { server } of edges) serve(server, { url, paths }, journal);
  const issuerOf = (org: string): string => `${url}/org/${org}`;
  return { url, port, issuerOf, ...controls(edges, journal) };
}

/** What all edges serve. */
interface Served {
  readonly url: string;
  readonly paths: readonly string[];
}

/** One address of the issuer. */
interface Edge {
  readonly address: string;
  readonly server: Http2SecureServer;
  readonly servesWeak: boolean;
}

function serve(server: Http2SecureServer, served: Served, journal: Journal): void {
  server.on('request', (request, response) => {
    journal.requests.push(request.url);
    if (journal.override?.(request, response) === true) return;
    answer(response, documentAt(request.url, served, journal.key));
  });
}

type Controls = Pick<
  Issuer,
  'accept' | 'replaceKeys' | 'rotate' | 'handshakes' | 'requests' | 'sign' | 'onRequest' | 'close'
>;

const controls = (edges: readonly Edge[], journal: Journal): Controls => ({
  rotate: (next, address) => {
    for (const edge of edges) {
      if (address === undefined || address === edge.address)
        edge.server.setSecureContext(secrets(next, edge.servesWeak));
    }
  },
  accept: (socket) => {
    edges[0]?.server.emit('connection', socket);
  },
  handshakes: () => journal.handshakes,
  requests: () => journal.requests,
  sign: (claims) => journal.key.sign(claims),
  replaceKeys: async () => {
    journal.key = await makeSigningKey();
  },
  onRequest: (override) => {
    journal.override = override;
  },
  close: async () => {
    await Promise.all(edges.map(({ server }) => closeServer(server, journal.sockets)));
  },
});

/** OpenSSL pairs keys and certificates by their index. */
const secrets = (
  chains: readonly Chain[],
  servesWeak: boolean,
): { key: string[]; cert: string[]; ciphers?: string } => ({
  key: chains.flatMap(([leaf]) => (leaf === undefined ? [] : [leaf.keyPem])),
  cert: chains.map((chain) => chain.map(({ pem }) => pem).join('\n')),
  ...(servesWeak ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
});

async function listen(
  server: Http2SecureServer,
  at: { readonly address: string; readonly port: number },
  journal: Journal,
): Promise<number> {
  // Not 'secureConnection': a client that only wants the certificate hangs up before the server knows of its end.
  server.on('keylog', (line: Buffer) => {
    if (/^CLIENT_(HANDSHAKE_TRAFFIC_SECRET|RANDOM) /.test(line.toString())) journal.handshakes += 1;
  });
  server.on('connection', (socket: Socket) => {
    journal.sockets.add(socket);
    socket.once('close', () => journal.sockets.delete(socket));
  });
  server.listen(at.port, at.address);
  await once(server, 'listening');
  return portOf(server);
}

async function closeServer(server: Http2SecureServer, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

const PATH =
  /^(\/org\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/\.well-known\/(openid-configuration|jwks-pub\.json)$/;

const OTHER_PATH = /^(.*)\/\.well-known\/(openid-configuration|jwks)$/;

function documentAt(path: string, { url, paths }: Served, key: SigningKey): object | undefined {
  const [, other, file] = OTHER_PATH.exec(path) ?? [];
  const issuerPath = paths.find((one) => one.replace(/\/$/, '') === other);
  if (issuerPath !== undefined) {
    return file === 'jwks' ? { keys: [key.jwk] } : plainDiscoveryDocument(`${url}${issuerPath}`);
  }
  const [, org, name] = PATH.exec(path) ?? [];
  if (org === undefined) return undefined;
  return name === 'openid-configuration' ? discoveryDocument(`${url}${org}`) : { keys: [key.jwk] };
}

/** What every issuer has to say: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const plainDiscoveryDocument = (issuer: string): object => ({
  issuer,
  jwks_uri: `${issuer.replace(/\/$/, '')}/.well-known/jwks`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
});

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata, with what CircleCI fills in. */
export const discoveryDocument = (issuer: string): object => ({
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks-pub.json`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public', 'pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid'],
  claims_supported: [
    'aud',
    'sub',
    'iss',
    'iat',
    'exp',
    'oidc.circleci.com/project-id',
    'oidc.circleci.com/context-ids',
    'oidc.circleci.com/vcs-origin',
    'oidc.circleci.com/vcs-ref',
  ],
});

function answer(response: Http2ServerResponse, document: object | undefined): void {
  const status = document === undefined ? 404 : 200;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document ?? { message: 'Not Found' }));
}
