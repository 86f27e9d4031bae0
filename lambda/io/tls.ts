/** Asks a TLS server for its certificates: a full handshake each, chain exactly as served. */
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Failure, Host, HostObservation, KeyType, Outcome, ServedChain, Variant } from '../core/domain';
import { failure } from '../core/errors';
import { codeOf, connectionFailure } from './network-errors';

/** What bounds a handshake. Times are milliseconds, `certificateBytes` is one certificate's DER. */
export interface ProbeLimits {
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly certificates: number;
  readonly certificateBytes: number;
}

/** The limits of the deployed function. */
export const PROBE_LIMITS: ProbeLimits = {
  connectMs: 3_000,
  handshakeMs: 5_000,
  certificates: 20,
  certificateBytes: 64 * 1024,
};

/**
 * Signature schemes that a client with this key type alone would offer, in OpenSSL's spelling. In TLS 1.2 and 1.3
 * they decide which of its certificates a server presents.
 */
const SIGNATURE_SCHEMES: Readonly<Record<KeyType, string>> = {
  rsa: 'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519',
};

/** Alerts by which a server says that it does not offer what was asked. Reset, silence and close are no answer. */
const NOT_OFFERED = /ALERT_HANDSHAKE_FAILURE|ALERT_PROTOCOL_VERSION/;

type Resolve = (name: string, step: 'tls') => Promise<Outcome<readonly string[]>>;

/**
 * Probes every address of a host with every key type, and whether TLS 1.2 is offered, all at once.
 * Never rejects: what could not be seen stands in the observation.
 */
export function prober(resolve: Resolve, limits = PROBE_LIMITS): (host: Host) => Promise<HostObservation> {
  return async (host) => {
    const addresses = await resolve(host.name, 'tls');
    if (!addresses.ok) return { host, variants: [], tls12: [], failure: addresses.failure };
    const probes = addresses.value.map(async (address) => ({
      variants: await Promise.all([
        probe(host, address, 'rsa', limits),
        probe(host, address, 'ecdsa', limits),
      ]),
      tls12: { address, offered: await offersTls12(host, address, limits) },
    }));
    const done = await Promise.all(probes);
    return {
      host,
      variants: done.flatMap((one) => one.variants),
      tls12: done.map((one) => one.tls12),
      failure: null,
    };
  };
}

async function probe(host: Host, address: string, keyType: KeyType, limits: ProbeLimits): Promise<Variant> {
  const result = await handshake(host, address, { sigalgs: SIGNATURE_SCHEMES[keyType] }, limits);
  return { address, keyType, answer: answerOf(result, address, keyType) };
}

function answerOf(result: Handshake, address: string, keyType: KeyType): Variant['answer'] {
  if (!result.ok) {
    return NOT_OFFERED.test(result.alert)
      ? { kind: 'not-offered' }
      : { kind: 'unanswered', failure: result.failure };
  }
  // TLS 1.2 with RSA key exchange needs no signature, so a server may show its RSA chain to an ECDSA client.
  if (result.keyType !== keyType) return { kind: 'not-offered' };
  return { kind: 'served', chain: { ...result.chain, address, keyType } };
}

async function offersTls12(host: Host, address: string, limits: ProbeLimits): Promise<boolean | null> {
  const result = await handshake(host, address, { maxVersion: 'TLSv1.2' }, limits);
  if (result.ok) return true;
  return result.alert.includes('PROTOCOL') ? false : null;
}

type Handshake =
  | { readonly ok: true; readonly keyType: KeyType; readonly chain: Omit<ServedChain, 'address' | 'keyType'> }
  /** `alert`: OpenSSL's code where the TLS layer ended the handshake, else ''. */
  | { readonly ok: false; readonly failure: Failure; readonly alert: string };

/** One full handshake without resumption. `rejectUnauthorized: false` still fills the verdict, which is recorded. */
function handshake(
  host: Host,
  address: string,
  options: ConnectionOptions,
  limits: ProbeLimits,
): Promise<Handshake> {
  const where = `${host.name}:${host.port} (${address})`;
  return new Promise((resolve) => {
    const socket = connect({
      ...options,
      host: address,
      port: host.port,
      // RFC 6066 section 3: literal addresses are not permitted as server names.
      ...(isIP(host.name) === 0 ? { servername: host.name } : {}),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    const end = (result: Handshake): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const fail = (message: Failure, alert = ''): void => end({ ok: false, failure: message, alert });
    const late = (code: 'TCP_TIMEOUT' | 'TLS_TIMEOUT', ms: number): NodeJS.Timeout =>
      setTimeout(() => fail(failure('tls', code, `${where} did not answer within ${ms} ms.`)), ms);
    let timer = late('TCP_TIMEOUT', limits.connectMs);
    let connected = false;
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

function socketFailure(where: string, error: Error, connected: boolean): Failure {
  const known = connectionFailure('tls', where, error);
  if (known?.code === 'TCP_RESET' && connected) return { ...known, code: 'TLS_RESET' };
  return (
    known ??
    failure('tls', 'TLS_HANDSHAKE', `${where} did not complete the TLS handshake (${error.message}).`)
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
    alert: '',
  });
  const leaf = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate();
  if (leaf === undefined)
    return refuse('TLS_NO_CERTIFICATE', 'completed the handshake without a certificate');
  const served = servedCertificates(leaf, limits.certificates);
  if (served.length > limits.certificates) {
    return refuse('TLS_TOO_LARGE', `serves more than ${limits.certificates} certificates`);
  }
  if (served.some((certificate) => certificate.length > limits.certificateBytes)) {
    return refuse('TLS_TOO_LARGE', `serves a certificate of more than ${limits.certificateBytes} bytes`);
  }
  return {
    ok: true,
    keyType: leaf.publicKey.asymmetricKeyType?.startsWith('rsa') === true ? 'rsa' : 'ecdsa',
    chain: {
      tls: socket.getProtocol() ?? 'unknown',
      certificates: served,
      publiclyTrusted: socket.authorized,
      distrust: socket.authorized ? null : distrustOf(socket),
    },
  };
}

function servedCertificates(leaf: X509Certificate, most: number): readonly Uint8Array[] {
  const served: Uint8Array[] = [];
  for (
    let next: X509Certificate | undefined = leaf;
    next && served.length <= most;
    next = next.issuerCertificate
  ) {
    served.push(next.raw);
  }
  return served;
}

/** Typed as Error by @types/node, a string in Node: https://nodejs.org/api/tls.html#tlssocketauthorizationerror */
function distrustOf(socket: TLSSocket): string {
  const reason: unknown = socket.authorizationError;
  return codeOf(reason) || String(reason);
}
