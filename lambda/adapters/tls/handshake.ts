/** One TLS handshake: a socket from its opening to its end, whatever happens to it. */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Failure, Host } from '../../domain/types';
import { failure } from '../../domain/errors';
import { detailOf } from '../error-detail';
import { codeOf, connectionFailure } from '../network-errors';
import { readHandshake } from './served-chain';
import type { ChainLimits, Handshake } from './served-chain';
import { hostKey } from '../../domain/host';

/** Limits of a handshake. Times are milliseconds. */
export interface ProbeLimits extends ChainLimits {
  readonly connectMs: number;
  readonly handshakeMs: number;
}

/**
 * The server of a handshake: the address that was validated, and the name that the certificate must contain.
 */
export interface Endpoint {
  readonly host: Host;
  readonly address: string;
}

/**
 * One full handshake without resumption. Never rejects, and closes its socket on every path. `options`: what
 * the client offers and trusts. `over`: aborted at the end of the run, when nothing waits for an answer any
 * more.
 */
export function handshake(
  endpoint: Endpoint,
  options: () => ConnectionOptions,
  limits: ProbeLimits,
  over: AbortSignal,
): Promise<Handshake> {
  const where = `${hostKey(endpoint.host)} (${endpoint.address})`;
  try {
    return complete(open(endpoint, options()), where, limits, over);
  } catch (error) {
    // Node refused before it sent anything: the TLS settings of this process, or the port. The server has
    // said nothing.
    const refused: Handshake = { ok: false, failure: socketFailure(where, error, false), refusal: null };
    return Promise.resolve(refused);
  }
}

const complete = (
  socket: TLSSocket,
  where: string,
  limits: ProbeLimits,
  over: AbortSignal,
): Promise<Handshake> =>
  new Promise((resolve) => {
    const hangUp = (): void =>
      fail(failure('tls', 'TLS_TIMEOUT', `${where} did not answer before the deadline of the run.`));
    const end = (result: Handshake): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', hangUp);
      socket.destroy();
      resolve(result);
    };
    const fail = (message: Failure, code = ''): void =>
      end({ ok: false, failure: message, refusal: tlsRefusalOf(code) });
    const late = (code: 'TCP_TIMEOUT' | 'TLS_TIMEOUT', ms: number): NodeJS.Timeout =>
      setTimeout(() => fail(failure('tls', code, `${where} did not ${AWAITED[code]} within ${ms} ms.`)), ms);
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
      fail(failure('tls', 'TLS_RESET', `${where} closed the connection during the TLS handshake.`)),
    );
  });

const open = ({ host, address }: Endpoint, options: ConnectionOptions): TLSSocket =>
  connect({
    ...options,
    host: address,
    port: host.port,
    // RFC 6066 section 3: literal addresses are not permitted as server names, nor is the root's dot.
    ...(isIP(host.name) === 0 ? { servername: host.name.replace(/\.$/, '') } : {}),
    // Node still sets the verdict. A chain that does not verify is collected, too.
    rejectUnauthorized: false,
  });

/** What a server did not do in time. */
const AWAITED = {
  TCP_TIMEOUT: 'accept the connection',
  TLS_TIMEOUT: 'complete the TLS handshake',
} as const;

/** Alerts by which a server says that it does not offer what was requested: RFC 8446 section 6.2. */
function tlsRefusalOf(code: string): 'key-type' | 'version' | null {
  if (code.includes('ALERT_HANDSHAKE_FAILURE')) return 'key-type';
  // The second is no alert: the server chose a version that is older than any that was offered to it.
  return /ALERT_PROTOCOL_VERSION|ERR_SSL_UNSUPPORTED_PROTOCOL/.test(code) ? 'version' : null;
}

function socketFailure(where: string, error: unknown, connected: boolean): Failure {
  const [code, detail] = [codeOf(error), detailOf(error)];
  // OpenSSL reads at most 100 KiB of certificates.
  if (code === 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE')
    return failure(
      'tls',
      'TLS_TOO_LARGE',
      `${where} sent more than 100 KiB of certificates, which is the limit.`,
      detail,
    );
  const known = connectionFailure('tls', where, error);
  if (known?.code === 'TCP_RESET' && connected) {
    return failure(
      'tls',
      'TLS_RESET',
      `${where} closed the connection during the TLS handshake (${code}).`,
      detail,
    );
  }
  const message = `${where} did not complete the TLS handshake (${code || 'no code'}).`;
  return known ?? failure('tls', 'TLS_HANDSHAKE', message, detail);
}
