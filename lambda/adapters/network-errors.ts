/** Converts error codes of Node and OpenSSL to failures. */
import { isNativeError } from 'node:util/types';
import type { Failure, Step } from '../domain/types';
import { failure } from '../domain/errors';
import type { FailureCode } from '../domain/errors';
import { detailOf } from './error-detail';

const TCP: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'TCP_REFUSED',
  ECONNRESET: 'TCP_RESET',
  EPIPE: 'TCP_RESET',
  ETIMEDOUT: 'TCP_TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'TCP_TIMEOUT',
  EHOSTUNREACH: 'TCP_UNREACHABLE',
  ENETUNREACH: 'TCP_UNREACHABLE',
  EADDRNOTAVAIL: 'TCP_UNREACHABLE',
};

/** OpenSSL's verification results as Node spells them, and Node's own host name check. */
const VERIFICATION =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|CRL_|ERROR_IN_|UNSPECIFIED|OUT_OF_MEM)/;

const WORDS: Partial<Record<FailureCode, string>> = {
  TCP_REFUSED: 'refused the connection',
  TCP_RESET: 'closed the connection before the response was complete',
  TCP_TIMEOUT: 'did not accept the connection in time',
  TCP_UNREACHABLE: 'cannot be reached: there is no network route to it',
  TLS_HANDSHAKE: 'did not complete the TLS handshake',
  TLS_UNTRUSTED: 'sent a certificate that could not be verified',
};

/** The string `code` of an error, or of the first error inside an AggregateError or a `cause`; else ''. */
export function codeOf(error: unknown): string {
  if (!isNativeError(error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** Converts an error of a TCP or TLS connection. Null if it is unknown. */
export function connectionFailure(step: Step, where: string, error: unknown): Failure | null {
  const code = codeOf(error);
  const ours = TCP[code] ?? tlsCode(code);
  if (ours === undefined) return null;
  return failure(
    step,
    ours,
    `${where} ${WORDS[ours] ?? 'did not accept the connection'} (${code}).`,
    detailOf(error),
  );
}

function tlsCode(code: string): FailureCode | undefined {
  if (VERIFICATION.test(code)) return 'TLS_UNTRUSTED';
  return code.startsWith('ERR_SSL_') || code === 'EPROTO' ? 'TLS_HANDSHAKE' : undefined;
}
