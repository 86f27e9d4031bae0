/** One TLS handshake: the certificates exactly as served, and Node's verdict on them. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, rootCertificates } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Failure, Host, KeyType } from '../core/domain';
import { failure } from '../core/errors';
import { hostKey } from '../core/certificates/host';
import { codeOf, connectionFailure } from './network-errors';

/** What bounds a handshake. Times are milliseconds, `certificateBytes` is one certificate's DER. */
export interface ProbeLimits {
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly certificates: number;
  readonly certificateBytes: number;
}

/** What a handshake showed. */
export type Handshake =
  | {
      readonly ok: true;
      readonly keyType: KeyType;
      /** As Node names it: `TLSv1.2`, `TLSv1.3`. */
      readonly tls: string;
      readonly certificates: readonly Uint8Array[];
      /** Verified by the roots that were given, host name and dates included; else why not. */
      readonly trusted: boolean;
      readonly distrust: string | null;
    }
  /** `refusal`: the server said what it does not offer. Reset, silence and close say nothing. */
  | { readonly ok: false; readonly failure: Failure; readonly refusal: 'key-type' | 'version' | null };

/** Where a handshake goes: the address is the one that was judged, the name is what the certificate must name. */
export interface Endpoint {
  readonly host: Host;
  readonly address: string;
}

/**
 * One full handshake without resumption. Never rejects, and closes its socket on every path. `over`: the run is, and
 * nobody waits for an answer any more.
 */
export function handshake(
  endpoint: Endpoint,
  options: ConnectionOptions,
  limits: ProbeLimits,
  over: AbortSignal,
): Promise<Handshake> {
  const where = `${hostKey(endpoint.host)} (${endpoint.address})`;
  return new Promise((resolve) => {
    const socket = open(endpoint, options);
    const hangUp = (): void => fail(failure('tls', 'TLS_TIMEOUT', `${where} did not answer within the run.`));
    const end = (result: Handshake): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', hangUp);
      socket.destroy();
      resolve(result);
    };
    const fail = (message: Failure, code = ''): void =>
      end({ ok: false, failure: message, refusal: refusalOf(code) });
    const late = (code: 'TCP_TIMEOUT' | 'TLS_TIMEOUT', ms: number): NodeJS.Timeout =>
      setTimeout(() => fail(failure('tls', code, `${where} did not answer within ${ms} ms.`)), ms);
    let timer = late('TCP_TIMEOUT', limits.connectMs);
    let connected = false;
    over.addEventListener('abort', hangUp);
    if (over.aborted) hangUp();
    socket.on('connect', () => {
      connected = true;
      clearTimeout(timer);
      timer = late('TLS_TIMEOUT', limits.handshakeMs);
    });
    socket.on('secureConnect', () => end(readHandshake(socket, where, limits)));
    socket.on('error', (error: Error) => fail(socketFailure(where, error, connected), codeOf(error)));
    socket.on('close', () =>
      fail(failure('tls', 'TLS_RESET', `${where} closed the connection during the handshake.`)),
    );
  });
}

const open = ({ host, address }: Endpoint, options: ConnectionOptions): TLSSocket =>
  connect({
    minVersion: 'TLSv1.2',
    ...options,
    host: address,
    port: host.port,
    // RFC 6066 section 3: literal addresses are not permitted as server names, nor is the root's dot.
    ...(isIP(host.name) === 0 ? { servername: host.name.replace(/\.$/, '') } : {}),
    // The verdict is filled in all the same. A chain that does not verify is observed, not hidden.
    rejectUnauthorized: false,
  });

/** Alerts by which a server says that it does not offer what was asked: RFC 8446 section 6.2. */
function refusalOf(code: string): 'key-type' | 'version' | null {
  if (code.includes('ALERT_HANDSHAKE_FAILURE')) return 'key-type';
  // The second is no alert: the server chose a version that is older than any that was offered to it.
  return /ALERT_PROTOCOL_VERSION|ERR_SSL_UNSUPPORTED_PROTOCOL/.test(code) ? 'version' : null;
}

function socketFailure(where: string, error: Error, connected: boolean): Failure {
  // OpenSSL reads at most 100 KiB of certificates.
  if (codeOf(error) === 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE')
    return failure('tls', 'TLS_TOO_LARGE', `${where} serves more certificates than can be read.`);
  const known = connectionFailure('tls', where, error);
  if (known?.code === 'TCP_RESET' && connected) return { ...known, code: 'TLS_RESET' };
  return (
    known ??
    failure(
      'tls',
      'TLS_HANDSHAKE',
      `${where} did not complete the TLS handshake (${codeOf(error) || 'no code'}).`,
    )
  );
}

/**
 * Reads the served chain. `getPeerX509Certificate` works once a socket (nodejs/node#65579) and its
 * `issuerCertificate` is the next served certificate, not the issuer; a resumed session has no chain at all.
 */
function readHandshake(socket: TLSSocket, where: string, limits: ProbeLimits): Handshake {
  const refuse = (code: 'TLS_NO_CERTIFICATE' | 'TLS_TOO_LARGE', words: string): Handshake => ({
    ok: false,
    failure: failure('tls', code, `${where} ${words}.`),
    refusal: null,
  });
  const leaf = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate();
  if (leaf === undefined)
    return refuse('TLS_NO_CERTIFICATE', 'completed the handshake without a certificate');
  const served = servedCertificates(leaf, limits.certificates);
  if (served.length > limits.certificates) {
    return refuse('TLS_TOO_LARGE', `serves more than ${limits.certificates} certificates`);
  }
  if (served.some(({ raw }) => raw.length > limits.certificateBytes)) {
    return refuse('TLS_TOO_LARGE', `serves a certificate of more than ${limits.certificateBytes} bytes`);
  }
  return {
    ok: true,
    keyType: leaf.publicKey.asymmetricKeyType?.startsWith('rsa') === true ? 'rsa' : 'ecdsa',
    tls: socket.getProtocol() ?? 'unknown',
    certificates: served.map(({ raw }) => raw),
    trusted: socket.authorized,
    distrust: socket.authorized ? null : distrustOf(socket, served),
  };
}

function servedCertificates(leaf: X509Certificate, most: number): readonly X509Certificate[] {
  const served: X509Certificate[] = [];
  for (
    let next: X509Certificate | undefined = leaf;
    next && served.length <= most;
    next = next.issuerCertificate
  ) {
    served.push(next);
  }
  return served;
}

/**
 * OpenSSL tells the last of several reasons, so an expired chain of an unknown authority is only called expired. That
 * it is unknown is graver: it may be an interception.
 */
function distrustOf(socket: TLSSocket, served: readonly X509Certificate[]): string {
  // Typed as Error by @types/node, a string in Node: https://nodejs.org/api/tls.html#tlssocketauthorizationerror
  const told: unknown = socket.authorizationError;
  const reason = codeOf(told) || String(told);
  if (reason !== 'CERT_HAS_EXPIRED' && reason !== 'CERT_NOT_YET_VALID') return reason;
  return reachesPublicRoot(served) ? reason : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
}

/** Whether one of the certificates is, or is issued by, one of Mozilla's roots as Node carries them. */
const reachesPublicRoot = (served: readonly X509Certificate[]): boolean =>
  rootCertificates
    .map((pem) => new X509Certificate(pem))
    .some((root) => served.some((one) => one.checkIssued(root) && one.verify(root.publicKey)));
