/** The result of all probes of one host. Evaluated once per run, however many targets share the host. */
import { evaluateCertificates } from './certificates';
import type { EnforcedBasis, Failure, Finding, Host, HostObservation } from '../domain/types';
import { failure } from '../domain/errors';
import { hostKey, hostName } from '../domain/host';
import type { TrustStore } from '../x509/trust-store';
import { foldChains } from '../x509/fold';
import type { FoldedChain } from '../x509/fold';
import { isIntercepted, evaluateNetwork } from './network';
import { rootsAbove } from '../x509/verify';

/**
 * An evaluated host, as far as it could be collected. `failure` exists if, and only if, no verdict on its
 * thumbprints is possible.
 */
export interface EvaluatedHost {
  readonly host: Host;
  /** The configuration names trust anchors for it, which replace the public roots. */
  readonly hasAnchors: boolean;
  readonly chains: readonly FoldedChain[];
  /** Every thumbprint AWS might compare here: sorted, lower case. Empty if our own path is intercepted. */
  readonly expected: readonly string[];
  /** Those of them that lie on a valid path to an anchor of the host: sorted. Nothing else may be listed. */
  readonly proposed: readonly string[];
  /** Thumbprints of configured anchors right above the served path, which the server does not send. */
  readonly rootsAbove: readonly string[];
  readonly basis: EnforcedBasis;
  /** CERT and NET findings: what is wrong with what is served, whether or not it is listed. */
  readonly findings: readonly Finding[];
  /**
   * Variants that did not answer although others did. An unreachable IPv6 address is none while IPv4 works.
   */
  readonly unanswered: readonly Failure[];
  readonly failure: Failure | null;
}

/** The context in which a host is evaluated. */
export interface HostOptions {
  /** host:port → PEM bundle. */
  readonly trustAnchors: Readonly<Record<string, string>>;
  readonly expiryDays: number;
  readonly trust: TrustStore;
  readonly now: Date;
}

/** Evaluates what was observed of one host. */
export function evaluateHost(observed: HostObservation, options: HostOptions): EvaluatedHost {
  const { host, variants } = observed;
  const { trustAnchors, trust, now } = options;
  const name = hostName(host);
  const pem = trustAnchors[hostKey(host)];
  const anchors = pem === undefined ? null : trust.anchorsIn(pem);
  const served = variants.flatMap(({ answer }) => (answer.kind === 'served' ? [answer.chain] : []));
  const { chains, failures } = foldChains(served, name, {
    publicRoots: trust.publicRoots,
    anchors,
    now,
  });
  const unanswered = [...failures, ...unansweredIn(variants)];
  const intercepted = isIntercepted(host, chains);
  const expected = intercepted ? [] : [...new Set(chains.flatMap((chain) => chain.expected))].sort();
  const anchored = chains.flatMap(({ anchoredThumbprints }) => anchoredThumbprints);
  return {
    host,
    hasAnchors: anchors !== null,
    chains,
    expected,
    proposed: expected.filter((thumbprint) => anchored.includes(thumbprint)),
    rootsAbove: rootsAbove(
      chains.flatMap(({ ends }) => ends),
      anchors?.all() ?? [],
    ),
    basis: intercepted ? 'unknown' : basisOf(observed, chains),
    findings: [...findingsOfHost(observed, chains, options)],
    unanswered: chains.length === 0 ? [] : unanswered,
    failure: intercepted ? interceptedFailure(name) : whyUnknown(observed, chains, unanswered),
  };
}

function* findingsOfHost(
  observed: HostObservation,
  chains: readonly FoldedChain[],
  { now, expiryDays }: HostOptions,
): Generator<Finding> {
  const { host, variants } = observed;
  const name = hostName(host);
  yield* evaluateNetwork(observed, name, chains);
  if (!isIntercepted(host, chains)) {
    yield* evaluateCertificates(chains, { name, hostname: host.name, now, expiryDays });
  }
  // A current client cannot collect the certificates of such a server.
  if (refusesByVersion(variants)) {
    yield {
      check: 'CERT004',
      severity: 'medium',
      message: `${name} does not support TLS 1.2 or later, so the monitor could not read its certificates.`,
      remedy: "Ask the issuer's operator to enable TLS 1.2 or later. AWS requires it.",
    };
  }
}

/** A chain that OpenSSL verified, by the public roots or by the anchors of its host. */
export const isVerified = ({ reported, anchored }: FoldedChain): boolean =>
  reported.publiclyTrusted || anchored;

/** Faults of a chain that no trust anchor would repair. */
const NOT_OF_AUTHORITY = /EXPIRED|NOT_YET_VALID|ALTNAME/;

/**
 * Neither the public roots nor an anchor verify a chain. Dates and names, which CERT005 checks, do not depend
 * on anchors.
 */
export const lacksAuthority = ({ anchored, distrust }: FoldedChain): boolean =>
  distrust !== null && !anchored && !NOT_OF_AUTHORITY.test(distrust);

/** No anchor is known for a host: a private CA that is not in `trustAnchors`. */
export const lacksAnchor = ({ hasAnchors, chains, failure }: EvaluatedHost): boolean =>
  !hasAnchors && failure === null && chains.length > 0 && chains.every(lacksAuthority);

/** Failures for an IPv6 address on a machine without IPv6, or in a network that drops it. */
const UNREACHABLE = new Set<Failure['code']>(['TCP_UNREACHABLE', 'TCP_TIMEOUT']);

/** One failure per address and cause: both key types fail alike. */
function unansweredIn(variants: HostObservation['variants']): readonly Failure[] {
  const v4Works = variants.some(({ address, answer }) => isV4(address) && answer.kind === 'served');
  const unanswered = variants.flatMap(({ address, answer }) =>
    answer.kind === 'unanswered' && !(v4Works && !isV4(address) && UNREACHABLE.has(answer.failure.code))
      ? [answer.failure]
      : [],
  );
  return unanswered.filter(
    ({ message }, index) => unanswered.findIndex((other) => other.message === message) === index,
  );
}

const isV4 = (address: string): boolean => !address.includes(':');

function whyUnknown(
  { host, variants, failure: unresolved }: HostObservation,
  chains: readonly FoldedChain[],
  [unanswered]: readonly Failure[],
): Failure | null {
  if (chains.length > 0) return null;
  const name = hostName(host);
  return unresolved ?? unanswered ?? (refusesByVersion(variants) ? tooOld(name) : nothingOffered(name));
}

/** Every address says that it has no version in common with a client of TLS 1.2 and 1.3. */
const refusesByVersion = (variants: HostObservation['variants']): boolean =>
  variants.length > 0 &&
  variants.every(({ answer }) => answer.kind === 'not-offered' && answer.reason === 'version');

const tooOld = (name: string): Failure =>
  failure('tls', 'TLS_HANDSHAKE', `${name} supports neither TLS 1.2 nor TLS 1.3.`);

const nothingOffered = (name: string): Failure =>
  failure(
    'tls',
    'TLS_NO_CERTIFICATE',
    `${name} refused handshakes with RSA and with ECDSA certificates, in TLS 1.2 and 1.3. It may require a client certificate.`,
  );

const interceptedFailure = (name: string): Failure =>
  failure(
    'tls',
    'TLS_UNTRUSTED',
    `${name} is a public host, but the monitor received a certificate chain that no public CA issued.`,
  );

/**
 * AWS consults the list if it does not trust the certificate by itself, or if the endpoint requires TLS 1.3.
 * Only addresses that served a chain count: nothing is known of the others, which may be unreachable from
 * here.
 * Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider".
 */
function basisOf({ tls12 }: HostObservation, chains: readonly FoldedChain[]): EnforcedBasis {
  if (chains.length === 0) return 'unknown';
  if (chains.some(({ reported }) => !reported.publiclyTrusted)) return 'private-ca';
  const serving = chains.flatMap(({ reported }) => reported.addresses);
  const answers = tls12.filter(({ address }) => serving.includes(address));
  if (answers.some(({ offered }) => offered === false)) return 'tls13-only';
  return answers.every(({ offered }) => offered === true) ? 'public-ca' : 'unknown';
}
