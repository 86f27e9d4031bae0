/** What all probes of one host say together. Judged once a run, however many targets share the host. */
import { judgeCertificates } from './certificate-findings';
import type { EnforcedBasis, Failure, Finding, Host, HostObservation } from './domain';
import { failure } from './errors';
import { foldChains } from './fold';
import type { FoldedChain } from './fold';
import { isIntercepted, judgeNetwork } from './network-findings';
import { readAnchors } from './verify';

/** A host as far as it could be seen. `failure` exists exactly where no verdict on its thumbprints is possible. */
export interface JudgedHost {
  readonly host: Host;
  readonly chains: readonly FoldedChain[];
  /** Every thumbprint AWS might meet here: sorted, lower case. */
  readonly expected: readonly string[];
  readonly basis: EnforcedBasis;
  /** CERT and NET findings: what is wrong with what is served, whoever lists it. */
  readonly findings: readonly Finding[];
  /** Variants that did not answer although others did. */
  readonly unanswered: readonly Failure[];
  readonly failure: Failure | null;
}

/** What a host is judged by beside what it serves. */
export interface JudgeOptions {
  /** host:port → PEM bundle. */
  readonly trustAnchors: Readonly<Record<string, string>>;
  readonly expiryDays: number;
  readonly now: Date;
}

/** `host:port`, as hosts are compared. */
export const hostKey = ({ name, port }: Host): string => `${name}:${port}`;

/** A host for people: the port only where it is not 443. */
export const hostName = ({ name, port }: Host): string => (port === 443 ? name : `${name}:${port}`);

/** Judges what was observed of one host. */
export function judgeHost(
  observed: HostObservation,
  { trustAnchors, expiryDays, now }: JudgeOptions,
): JudgedHost {
  const { host, variants } = observed;
  const name = hostName(host);
  const answers = variants.map(({ answer }) => answer);
  const served = answers.flatMap((answer) => (answer.kind === 'served' ? [answer.chain] : []));
  const anchors = readAnchors(trustAnchors[hostKey(host)] ?? '');
  const { chains, failures } = foldChains(served, { host, name, anchors, now });
  const silent = answers.flatMap((answer) => (answer.kind === 'unanswered' ? [answer.failure] : []));
  const unanswered = [...failures, ...silent];
  const intercepted = isIntercepted(host, chains);
  return {
    host,
    chains,
    expected: [...new Set(chains.map(({ expected }) => expected))].sort(),
    basis: intercepted ? 'unknown' : basisOf(observed, chains),
    findings: [
      ...judgeNetwork(host, name, chains),
      ...(intercepted ? [] : judgeCertificates(chains, { name, hostname: host.name, now, expiryDays })),
    ],
    unanswered,
    failure: intercepted ? interception(name) : blindness(observed, chains, unanswered),
  };
}

function blindness(
  observed: HostObservation,
  chains: readonly FoldedChain[],
  [unanswered]: readonly Failure[],
): Failure | null {
  if (chains.length > 0) return null;
  return observed.failure ?? unanswered ?? nothingOffered(hostName(observed.host));
}

const nothingOffered = (name: string): Failure =>
  failure('tls', 'TLS_NO_CERTIFICATE', `${name} refuses both RSA and ECDSA certificates in TLS 1.2 and 1.3.`);

const interception = (name: string): Failure =>
  failure('tls', 'TLS_UNTRUSTED', `${name} shows a chain here that no public authority stands behind.`);

/**
 * AWS consults the list where it does not trust the certificate by itself, or the endpoint requires TLS 1.3.
 * Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider".
 */
function basisOf({ tls12 }: HostObservation, chains: readonly FoldedChain[]): EnforcedBasis {
  if (chains.length === 0) return 'unknown';
  if (chains.some(({ reported }) => !reported.publiclyTrusted)) return 'private-ca';
  if (tls12.some(({ offered }) => offered === false)) return 'tls13-only';
  return tls12.every(({ offered }) => offered === true) ? 'public-ca' : 'unknown';
}
