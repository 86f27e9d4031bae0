/** Fetches documents over verified HTTPS, limited in size and time. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LookupFunction, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isNativeError } from 'node:util/types';
import type { Fetched, Outcome, Step } from '../../domain/types';
import { connections } from './connections';
import type { Connections, Opening } from './connections';
import { sendRequest, brokenExchange, exchangeFailure } from './exchange';
import type { Attempt, Question } from './exchange';
import { ANCHORING_LIMITS, anchorChain } from '../../x509/anchoring';
import type { AnchorSet } from '../../x509/anchor-set';
import type { TrustStore } from '../../x509/trust-store';
import { Client, buildConnector } from './undici';
import { measureEventLoopDelay } from './event-loop-delay';
import { servedCertificates } from '../tls/served-chain';
import type { EventLoopDelay } from './event-loop-delay';

/** Limits of an exchange. Times are milliseconds; `totalMs` covers retries, headers and body. */
export interface HttpLimits {
  readonly connectMs: number;
  readonly totalMs: number;
  readonly bytes: number;
  readonly retryDelayMs: number;
}

/** The limits of the deployed function. */
export const HTTP_LIMITS: HttpLimits = {
  connectMs: 3_000,
  totalMs: 10_000,
  bytes: 256 * 1024,
  retryDelayMs: 250,
};

type Resolve = (name: string, step: Step, mayBePrivate: boolean) => Promise<Outcome<readonly string[]>>;

/** How documents are fetched. `trustAnchors` maps host:port to a PEM bundle. */
export interface ReaderOptions {
  readonly resolve: Resolve;
  readonly trustAnchors: Readonly<Record<string, string>>;
  readonly trust: TrustStore;
  readonly limits?: HttpLimits;
}

/** Fetches documents. `fetchDocument` never rejects; `close` ends every connection. */
export interface DocumentReader {
  readonly fetchDocument: (url: URL, step: Step, mayBePrivate?: boolean) => Promise<Outcome<Fetched>>;
  readonly close: () => Promise<void>;
}

const CONNECTIONS = 8;
/**
 * undici 7 fails when it has more HTTP/2 streams in flight than the server allows; servers allow 10 and more.
 */
const STREAMS = 8;
const ATTEMPTS = 3;

/**
 * Opens a reader for one run. Connections are reused between its documents and never resumed from another
 * run.
 */
export function documentReader({
  resolve,
  trustAnchors,
  trust,
  limits = HTTP_LIMITS,
}: ReaderOptions): DocumentReader {
  const pools = new Map<string, Pool>();
  // undici ends a connection that is being set up only once it is set up.
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  // A connection to a private address must not carry requests that may not go there.
  const poolFor = (pem: string, mayBePrivate: boolean): Pool => {
    const key = `${mayBePrivate} ${pem}`;
    const pool =
      pools.get(key) ??
      openPool(pem, { trust, lookup: lookupIn(resolve, mayBePrivate), limits, over: over.signal });
    pools.set(key, pool);
    return pool;
  };
  const eventLoopDelay = measureEventLoopDelay();
  const bounds = { ...limits, over: over.signal, eventLoopDelay };
  const read = async (url: URL, step: Step, mayBePrivate = false): Promise<Outcome<Fetched>> => {
    const addresses = await resolve(url.hostname, step, mayBePrivate);
    if (!addresses.ok) return addresses;
    const anchors = trustAnchors[hostAndPort(url)];
    if (anchors === undefined) return exchange(poolFor('', mayBePrivate), url, step, bounds);
    // A host with a private CA may have moved to a public one: either is verified.
    const byAnchors = await exchange(poolFor(anchors, mayBePrivate), url, step, bounds);
    return isUntrusted(byAnchors) ? exchange(poolFor('', mayBePrivate), url, step, bounds) : byAnchors;
  };
  return {
    fetchDocument: read,
    close: async () => {
      eventLoopDelay.stop();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      over.abort();
    },
  };
}

const hostAndPort = (url: URL): string => `${url.hostname}:${url.port || '443'}`;

const isUntrusted = (outcome: Outcome<Fetched>): boolean =>
  !outcome.ok && outcome.failure.code === 'TLS_UNTRUSTED';

type Pool = Connections<IdlePool>;

/** A connection. Whether it is anchored is known once it is set up. */
interface IdlePool {
  readonly client: Client;
  isUnanchored: boolean;
}

interface Pooling {
  readonly trust: TrustStore;
  readonly lookup: LookupFunction;
  readonly limits: HttpLimits;
  readonly over: AbortSignal;
}

function openPool(pem: string, { trust, lookup, limits, over }: Pooling): Pool {
  const connect = buildConnector({
    signal: over,
    allowH2: true,
    // undici resumes TLS sessions by default. A run must make full handshakes, as a new client does.
    maxCachedSessions: 0,
    timeout: limits.connectMs,
    lookup,
    ...(pem === '' ? {} : { ca: pem }),
  });
  return connections({
    open: (origin) => openClient(origin, connect, pem === '' ? trust.publicRoots : trust.anchorsIn(pem)),
    end: ({ client }) => client.destroy(),
    most: CONNECTIONS,
    room: STREAMS,
  });
}

/**
 * HTTP/1.1 answers one request after the other, so that a slow document would delay those of other issuers.
 */
function openClient(
  origin: string,
  connect: buildConnector.connector,
  anchors: AnchorSet,
): Opening<IdlePool> {
  let meet: (room: number) => void;
  let fail: (reason: Error) => void;
  const room = new Promise<number>((resolve, reject) => ([meet, fail] = [resolve, reject]));
  const client = new Client(origin, {
    pipelining: STREAMS,
    allowH2: true,
    connect: (options, callback) => {
      const onAnswer: typeof callback = (...answer) => {
        const [error, socket] = answer;
        // undici passes no socket if there is an error, whatever its types say.
        if (error === null) {
          idle.isUnanchored = !isAnchored(socket, anchors);
          meet(roomOf(socket));
        } else fail(error);
        callback(...answer);
      };
      try {
        connect(options, onAnswer);
      } catch (error) {
        // Node throws if the TLS settings of this process permit no connection. The documents that wait for
        // this one would wait forever.
        onAnswer(isNativeError(error) ? error : new Error(String(error)), null);
      }
    },
  });
  const idle: IdlePool = { client, isUnanchored: false };
  return { connection: idle, room };
}

/**
 * Whether the leaf lies on a valid path to an anchor. OpenSSL has verified the connection, but perhaps by
 * another trust store of the process. `getPeerX509Certificate` works once per socket (nodejs/node#65579), and
 * undici does not call it.
 */
function isAnchored(socket: Socket, anchors: AnchorSet): boolean {
  const leaf = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (leaf === undefined) return false;
  const served = servedCertificates(leaf, ANCHORING_LIMITS.certificates).map(({ raw }) => raw);
  return anchorChain({ served, anchors, now: null, verified: 'assumed' })[0]?.anchored === true;
}

const roomOf = (socket: Socket): number => (protocolOf(socket) === 'h2' ? STREAMS : 1);

const protocolOf = (socket: Socket): string | false | null =>
  socket instanceof TLSSocket ? socket.alpnProtocol : null;

/** The connection goes to the addresses that were validated; undici resolves names only, never literals. */
const lookupIn =
  (resolve: Resolve, mayBePrivate: boolean): LookupFunction =>
  (name, options, callback) => {
    void resolve(name, 'discovery', mayBePrivate).then((outcome) => {
      if (!outcome.ok) callback(new Error(outcome.failure.message), []);
      else if (options.all === true) callback(null, outcome.value.map(toLookupAddress));
      else callback(null, outcome.value[0] ?? '', familyOf(outcome.value[0] ?? ''));
    });
  };

const familyOf = (address: string): number => (address.includes(':') ? 6 : 4);
const toLookupAddress = (address: string): { address: string; family: number } => ({
  address,
  family: familyOf(address),
});

/** Limits for one document. `over`: aborted when its reader is closed and nothing waits for it any more. */
type Bounds = HttpLimits & { readonly over: AbortSignal; readonly eventLoopDelay: EventLoopDelay };

/**
 * One document: at most three attempts, all inside one deadline, each on a working connection: one that broke
 * is not used again. Deadline and response time include the exchange and not the wait for a connection with
 * room.
 */
async function exchange(pool: Pool, url: URL, step: Step, limits: Bounds): Promise<Outcome<Fetched>> {
  let left = limits.totalMs;
  let missed = 0;
  for (let attempt = 1; ; attempt += 1) {
    const { bytes, totalMs } = limits;
    const answer = await attemptOver(
      pool,
      { url, step, bytes, totalMs, leftMs: left },
      limits.eventLoopDelay,
    );
    left -= answer.milliseconds;
    missed += answer.missed;
    const { outcome, retryAfterMs } = answer;
    const delay = Math.max(retryAfterMs ?? 0, limits.retryDelayMs * attempt * (0.5 + Math.random()));
    // No time is left for another attempt: this one is the result.
    const isLast = retryAfterMs === null || attempt === ATTEMPTS || delay >= left;
    if (isLast || !(await isPassing(delay, limits.over))) {
      const milliseconds = limits.totalMs - left;
      if (!outcome.ok) return outcome;
      const doubt = answer.isUnanchored ? { isUnanchored: true as const } : {};
      return { ok: true, value: { text: outcome.value, milliseconds, missed, ...doubt } };
    }
    left -= delay;
  }
}

/** Waits; false if `over` is aborted before that. */
const isPassing = (delay: number, over: AbortSignal): Promise<boolean> =>
  sleep(delay, true, { signal: over }).catch(() => false);

/** `missed`: of the milliseconds, those in which this process itself did not run. */
interface TimedAttempt extends Attempt {
  readonly milliseconds: number;
  readonly missed: number;
  readonly isUnanchored: boolean;
}

async function attemptOver(
  pool: Pool,
  question: Question,
  eventLoopDelay: EventLoopDelay,
): Promise<TimedAttempt> {
  const { url, step } = question;
  try {
    return await pool.use(url.origin, async (idle) => {
      const [start, missed] = [performance.now(), eventLoopDelay.missed()];
      const attempt = await sendRequest(idle.client, question);
      return {
        ...attempt,
        milliseconds: performance.now() - start,
        missed: eventLoopDelay.missed() - missed,
        isUnanchored: idle.isUnanchored,
      };
    });
  } catch (error) {
    // It waited for a connection that could not be set up.
    return {
      ...brokenExchange(exchangeFailure(error, url, step)),
      milliseconds: 0,
      missed: 0,
      isUnanchored: false,
    };
  }
}
