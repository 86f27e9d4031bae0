/** What STS requests of an issuer: the discovery document and the key set, over connections that it compares with the list. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import * as v from 'valibot';
import { AwsFault } from './fault';
import type { Network } from './store';
import { invalidToken, noKey } from './token';

/** The message of AWS if a provider does not list the thumbprint of the issuer's certificate. */
export const THUMBPRINT_MISMATCH =
  "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";

const DISCOVERY = v.object({ issuer: v.string(), jwks_uri: v.pipe(v.string(), v.url()) });
const TIMEOUT_MS = 5_000;

/**
 * The key set of an issuer. `thumbprints`: null for a provider that AWS knows by itself. Throws InvalidIdentityToken,
 * IDPCommunicationError.
 */
export async function fetchKeySet(
  issuer: string,
  thumbprints: readonly string[] | null,
  network: Network,
): Promise<unknown> {
  const get = (url: URL): Promise<unknown> => getJson(url, thumbprints, network);
  // Of an issuer that ends in a slash, this one is left out: OpenID Connect Discovery 1.0, section 4.
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const document = v.safeParse(DISCOVERY, await get(url));
  if (!document.success || document.output.issuer !== issuer) throw noKey();
  return get(new URL(document.output.jwks_uri));
}

async function getJson(url: URL, thumbprints: readonly string[] | null, network: Network): Promise<unknown> {
  const socket = await openSocket(url, network);
  try {
    if (thumbprints?.includes(lastThumbprint(socket)) === false) throw invalidToken(THUMBPRINT_MISMATCH);
    const response = await get(url, socket);
    if (response.statusCode !== 200) throw noKey();
    return await json(response).catch(() => null);
  } finally {
    socket.destroy();
  }
}

async function openSocket({ hostname, port }: URL, { hosts, ports }: Network): Promise<TLSSocket> {
  const socket = connect({
    host: hosts[hostname]?.[0] ?? hostname,
    port: port === '' ? (ports[hostname] ?? 443) : Number(port),
    servername: hostname,
    ALPNProtocols: ['http/1.1'],
    // What decides is the list.
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return socket;
  } catch {
    socket.destroy();
    throw unreachable();
  }
}

const unreachable = (): AwsFault =>
  new AwsFault('IDPCommunicationError', 400, 'The identity provider (IDP) could not be reached.');

/** Of the last certificate that the issuer serves, which is the one that AWS compares. */
function lastThumbprint(socket: TLSSocket): string {
  let last = socket.getPeerX509Certificate();
  while (last?.issuerCertificate !== undefined) last = last.issuerCertificate;
  return last?.fingerprint.replaceAll(':', '').toLowerCase() ?? '';
}

const get = ({ host, pathname }: URL, socket: TLSSocket): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request({ createConnection: () => socket, path: pathname, headers: { host }, signal });
    sent.on('response', resolve);
    sent.on('error', () => {
      reject(unreachable());
    });
    sent.end();
  });
