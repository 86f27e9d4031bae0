/** The result of a handshake: the certificates exactly as served, and Node's verdict on them. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Failure, KeyType } from '../../domain/types';
import { failure } from '../../domain/errors';
import { codeOf } from '../network-errors';
import type { Result } from '../../domain/result';

/** Limits of what is read. `certificateBytes` is one certificate's DER. */
export interface ChainLimits {
  readonly certificates: number;
  readonly certificateBytes: number;
}

/** The result of a completed handshake. */
export interface CompletedHandshake {
  readonly keyType: KeyType;
  /** As Node names it: `TLSv1.2`, `TLSv1.3`. */
  readonly tls: string;
  readonly certificates: readonly Uint8Array[];
  /** Verified by the given roots, host name and dates included; else OpenSSL's last reason. */
  readonly trusted: boolean;
  readonly distrust: string | null;
}

/**
 * `refusal`: the server said what it does not offer. A reset, a timeout, or a closed connection proves
 * nothing.
 */
export type Handshake = Result<
  CompletedHandshake,
  { readonly failure: Failure; readonly refusal: 'key-type' | 'version' | null }
>;

/**
 * Reads the served chain. `getPeerX509Certificate` works once per socket (nodejs/node#65579) and its
 * `issuerCertificate` is the next served certificate, not the issuer; a resumed session has no chain at all.
 */
export function readHandshake(socket: TLSSocket, where: string, limits: ChainLimits): Handshake {
  const refuse = (code: 'TLS_NO_CERTIFICATE' | 'TLS_TOO_LARGE', words: string): Handshake => ({
    ok: false,
    failure: failure('tls', code, `${where} ${words}.`),
    refusal: null,
  });
  const leaf = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate();
  if (leaf === undefined)
    return refuse('TLS_NO_CERTIFICATE', 'completed the TLS handshake without a certificate');
  const served = servedCertificates(leaf, limits.certificates);
  if (served.length > limits.certificates) {
    return refuse('TLS_TOO_LARGE', `sent more than ${limits.certificates} certificates, which is the limit`);
  }
  if (served.some(({ raw }) => raw.length > limits.certificateBytes)) {
    return refuse(
      'TLS_TOO_LARGE',
      `sent a certificate of more than ${limits.certificateBytes} bytes, which is the limit`,
    );
  }
  return {
    ok: true,
    value: {
      keyType: leaf.publicKey.asymmetricKeyType?.startsWith('rsa') === true ? 'rsa' : 'ecdsa',
      tls: socket.getProtocol() ?? 'unknown',
      certificates: served.map(({ raw }) => raw),
      trusted: socket.authorized,
      distrust: socket.authorized ? null : distrustOf(socket),
    },
  };
}

/** The certificates as they were served; one more than `most` if there are more. */
export function servedCertificates(leaf: X509Certificate, most: number): readonly X509Certificate[] {
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

function distrustOf(socket: TLSSocket): string {
  // Typed as Error by @types/node, a string in Node:
  // https://nodejs.org/api/tls.html#tlssocketauthorizationerror
  const reason: unknown = socket.authorizationError;
  return codeOf(reason) || String(reason);
}
