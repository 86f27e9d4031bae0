/** Collects the certificates of a TLS server, by every kind of handshake that AWS might make. */
import { setMaxListeners } from 'node:events';
import { createSecureContext } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type {
  Host,
  HostObservation,
  KeyType,
  Outcome,
  ServedChain,
  Tls12Answer,
  Variant,
} from '../../domain/types';
import { anchorChain } from '../../x509/anchoring';
import type { AnchorSet } from '../../x509/anchor-set';
import type { TrustStore } from '../../x509/trust-store';
import { handshake } from './handshake';
import type { Endpoint, ProbeLimits } from './handshake';
import type { Handshake } from './served-chain';
import { hostKey } from '../../domain/host';

export type { ProbeLimits } from './handshake';

/** The limits of the deployed function. */
export const PROBE_LIMITS: ProbeLimits = {
  connectMs: 3_000,
  handshakeMs: 5_000,
  certificates: 20,
  certificateBytes: 64 * 1024,
};

/**
 * The offer of a client that accepts certificates of this key type alone, in OpenSSL's spelling. In TLS 1.2
 * and 1.3 it decides which of its certificates a server presents.
 *
 * Servers may apply signature schemes to the whole chain (RFC 8446 section 4.4.2.2), and ECDSA leaves under
 * RSA authorities are common. So the ECDSA client accepts RSA signatures, too: those of PKCS #1, which TLS
 * 1.3 permits in certificates only; in TLS 1.2 its cipher suites still require an ECDSA leaf.
 */
const ONLY: Readonly<Record<KeyType, SecureContextOptions>> = {
  rsa: {
    sigalgs:
      'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
  },
  ecdsa: {
    sigalgs: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA+SHA256:RSA+SHA384:RSA+SHA512',
    ciphers:
      'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:aECDSA:!aNULL:!eNULL',
  },
};

/**
 * The TLS contexts of the clients. OpenSSL takes a millisecond for each, so the handshakes of a run share
 * them.
 */
interface TlsContexts extends Readonly<Record<KeyType, SecureContext>> {
  /** Accepts any certificate, but no version newer than TLS 1.2. */
  readonly older: SecureContext;
}

/**
 * `anchors`: instead of the trust store of the process. Hosts with the same anchors share their contexts,
 * too.
 */
function clientele(): (anchors?: AnchorSet) => TlsContexts {
  const made = new Map<string | undefined, TlsContexts>();
  return (anchors) => {
    const clients = made.get(anchors?.id) ?? makeClients(anchors);
    made.set(anchors?.id, clients);
    return clients;
  };
}

function makeClients(anchors: AnchorSet | undefined): TlsContexts {
  const client = (offer: SecureContextOptions): SecureContext =>
    createSecureContext({
      minVersion: 'TLSv1.2',
      ...offer,
      ...(anchors === undefined ? {} : { ca: [...anchors.pems] }),
    });
  return { rsa: client(ONLY.rsa), ecdsa: client(ONLY.ecdsa), older: client({ maxVersion: 'TLSv1.2' }) };
}

/**
 * How hosts are probed. `trustAnchors` maps host:port to a PEM bundle; `trust` opens them and has the public
 * roots.
 */
export interface ProberOptions {
  readonly resolve: (name: string, step: 'tls', mayBePrivate: boolean) => Promise<Outcome<readonly string[]>>;
  readonly trustAnchors: Readonly<Record<string, string>>;
  readonly trust: TrustStore;
  readonly limits?: ProbeLimits;
  /** Ends every handshake in progress. */
  readonly over?: AbortSignal;
}

/**
 * Probes every address of a host with every key type, and whether TLS 1.2 is offered, all at once. Never
 * rejects: the observation contains the failures.
 *
 * Three handshakes per address. Two are not enough for three questions: a refusal of TLS 1.2 shows only if
 * nothing newer is offered, and a key type that is requested in one version alone would miss a chain that the
 * other version serves. They run in parallel, because in sequence they would cost another round trip.
 */
export function prober({
  resolve,
  trustAnchors,
  trust,
  limits = PROBE_LIMITS,
  over = new AbortController().signal,
}: ProberOptions): (host: Host, mayBePrivate?: boolean) => Promise<HostObservation> {
  // One listener per handshake.
  setMaxListeners(0, over);
  const clientsFor = clientele();
  return async (host, mayBePrivate = false) => {
    const addresses = await resolve(host.name, 'tls', mayBePrivate);
    if (!addresses.ok) return { host, variants: [], tls12: [], failure: addresses.failure };
    const bundle = trustAnchors[hostKey(host)];
    const anchors = bundle === undefined ? null : trust.anchorsIn(bundle);
    const ask = asker({
      open: () => clientsFor(),
      closed: anchors === null ? null : () => clientsFor(anchors),
      publicRoots: trust.publicRoots,
      roots: () => clientsFor(trust.publicRoots),
      shake: (endpoint, context) => handshake(endpoint, () => ({ secureContext: context() }), limits, over),
    });
    const answers = await Promise.all(addresses.value.map((address) => probeAddress({ host, address }, ask)));
    return {
      host,
      variants: answers.flatMap(({ variants }) => variants),
      tls12: answers.map(({ tls12 }) => tls12),
      failure: null,
    };
  };
}

/**
 * A handshake verified by the trust store of the process, and whether the host's anchors verify the same
 * chain.
 */
type Answer = Handshake & { readonly anchored: boolean };
type Handshaker = (endpoint: Endpoint, kind: keyof TlsContexts) => Promise<Answer>;

/**
 * Contexts are created when they are needed, since that costs as much as several handshakes, and inside the
 * handshake, since OpenSSL throws if the settings of this process (`--tls-cipher-list`, a FIPS provider) do not
 * permit one.
 */
interface Asking {
  /** Contexts that trust the store of the process. */
  readonly open: () => TlsContexts;
  /** Contexts that trust the anchors of the host; null: it has none. */
  readonly closed: (() => TlsContexts) | null;
  readonly publicRoots: AnchorSet;
  /** Contexts that trust the public roots alone. */
  readonly roots: () => TlsContexts;
  readonly shake: (endpoint: Endpoint, context: () => SecureContext) => Promise<Handshake>;
}

/**
 * Anchors are checked in a handshake of their own: only OpenSSL validates paths as RFC 5280 says, and it has
 * one store.
 */
const asker =
  ({ open, closed, publicRoots, roots, shake }: Asking): Handshaker =>
  async (endpoint, kind) => {
    const [first, again] = await Promise.all([
      shake(endpoint, () => open()[kind]),
      closed === null ? null : shake(endpoint, () => closed()[kind]),
    ]);
    const observed = lacksRoots(first, publicRoots)
      ? better(first, await shake(endpoint, () => roots()[kind]))
      : first;
    const anchored =
      again?.ok === true && again.value.trusted && observed.ok && areSameChains(observed.value, again.value);
    return { ...observed, anchored };
  };

/** OpenSSL's errors if it found no authority, or one that it does not trust. */
const UNTRUSTED_AUTHORITY = /^UNABLE_TO|^SELF_SIGNED|^DEPTH_ZERO/;

/**
 * The trust store of the process may have fewer roots than Node.js includes: the chain may verify by those.
 */
const lacksRoots = (observed: Handshake, publicRoots: AnchorSet): boolean =>
  observed.ok &&
  UNTRUSTED_AUTHORITY.test(observed.value.distrust ?? '') &&
  anchorChain({
    served: observed.value.certificates,
    anchors: publicRoots,
    now: null,
    verified: 'assumed',
  })[0]?.anchored === true;

/** The second handshake counts if it served the same chain. */
const better = (first: Handshake, second: Handshake): Handshake =>
  first.ok && second.ok && second.value.trusted && areSameChains(first.value, second.value) ? second : first;

const areSameChains = (
  one: { readonly certificates: readonly Uint8Array[] },
  other: { readonly certificates: readonly Uint8Array[] },
): boolean => Buffer.concat(one.certificates).equals(Buffer.concat(other.certificates));

interface AddressAnswer {
  readonly variants: readonly Variant[];
  readonly tls12: Tls12Answer;
}

async function probeAddress(endpoint: Endpoint, ask: Handshaker): Promise<AddressAnswer> {
  const { address } = endpoint;
  const [rsa, ecdsa, older] = await Promise.all([
    ask(endpoint, 'rsa'),
    ask(endpoint, 'ecdsa'),
    ask(endpoint, 'older'),
  ]);
  const variants = [variantOf(rsa, address, 'rsa'), variantOf(ecdsa, address, 'ecdsa')];
  const observed = variants.flatMap(({ answer }) => (answer.kind === 'served' ? [answer.chain] : []));
  const another = older.ok && !observed.some((chain) => areSameChains(chain, older.value)) ? older : null;
  return {
    variants: another === null ? variants : [...variants, variantOf(another, address, another.value.keyType)],
    tls12: { address, offered: isOffered(older) },
  };
}

function variantOf(answer: Answer, address: string, keyType: KeyType): Variant {
  if (!answer.ok) {
    const { refusal, failure } = answer;
    return refusal === null
      ? { address, keyType, answer: { kind: 'unanswered', failure } }
      : { address, keyType, answer: { kind: 'not-offered', reason: refusal } };
  }
  return { address, keyType, answer: { kind: 'served', chain: chainOf(answer, address) } };
}

const chainOf = (
  { value: { keyType, tls, certificates, trusted, distrust }, anchored }: Extract<Answer, { ok: true }>,
  address: string,
): ServedChain => ({
  address,
  keyType,
  tls,
  certificates,
  verified: trusted,
  distrust,
  verifiedByAnchors: anchored,
});

/** A reset, a timeout or a close proves nothing, nor does a refusal for another reason than the version. */
function isOffered(older: Handshake): boolean | null {
  if (older.ok) return true;
  return older.refusal === 'version' ? false : null;
}
