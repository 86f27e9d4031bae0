/** What all probes of one host say together. Judged once a run, however many targets share the host. */
import type { EnforcedBasis, Failure, Host, HostObservation, ReportedChain, ServedChain } from './domain';
import { readChain } from './chain';
import type { JudgedChain } from './chain';
import { failure } from './errors';

/** Alike chains of one host and key type, folded, with what is to be said of them. */
export interface FoldedChain extends JudgedChain {
  readonly reported: ReportedChain;
  readonly distrust: string | null;
}

/** A host as far as it could be seen. `failure` exists exactly where no chain was served. */
export interface JudgedHost {
  readonly host: Host;
  readonly chains: readonly FoldedChain[];
  /** Every thumbprint AWS might meet here: sorted, lower case. */
  readonly expected: readonly string[];
  readonly basis: EnforcedBasis;
  /** Variants that did not answer although others did. */
  readonly unanswered: readonly Failure[];
  readonly failure: Failure | null;
}

/** `host:port`, as hosts are compared. */
export const hostKey = ({ name, port }: Host): string => `${name}:${port}`;

/** A host for people: the port only where it is not 443. */
export const hostName = ({ name, port }: Host): string => (port === 443 ? name : `${name}:${port}`);

/** Judges what was observed of one host. */
export function judgeHost(observed: HostObservation): JudgedHost {
  const served = observed.variants.flatMap(({ answer }) => (answer.kind === 'served' ? [answer.chain] : []));
  const unanswered = observed.variants.flatMap(({ answer }) =>
    answer.kind === 'unanswered' ? [answer.failure] : [],
  );
  const { chains, failures } = foldChains(observed.host, served);
  return {
    host: observed.host,
    chains,
    expected: [...new Set(chains.map(({ expected }) => expected))].sort(),
    basis: basisOf(observed, chains),
    unanswered: [...unanswered, ...failures],
    failure:
      chains.length > 0
        ? null
        : (observed.failure ?? failures[0] ?? unanswered[0] ?? nothingOffered(observed.host)),
  };
}

const nothingOffered = (host: Host): Failure =>
  failure(
    'tls',
    'TLS_NO_CERTIFICATE',
    `${hostName(host)} refuses both RSA and ECDSA certificates in TLS 1.2 and 1.3.`,
  );

function foldChains(
  host: Host,
  served: readonly ServedChain[],
): { chains: FoldedChain[]; failures: Failure[] } {
  const alike = new Map<string, ServedChain[]>();
  for (const chain of served) {
    const key = `${chain.keyType} ${chain.publiclyTrusted} ${chain.certificates.map((der) => Buffer.from(der).toString('base64')).join(' ')}`;
    alike.set(key, [...(alike.get(key) ?? []), chain]);
  }
  const chains: FoldedChain[] = [];
  const failures: Failure[] = [];
  for (const group of alike.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const judged = readChain(first.certificates);
    if (judged.ok) chains.push(fold(host, first, group, judged.value));
    else failures.push(judged.failure);
  }
  return { chains, failures };
}

const fold = (
  host: Host,
  first: ServedChain,
  group: readonly ServedChain[],
  judged: JudgedChain,
): FoldedChain => ({
  ...judged,
  distrust: first.distrust,
  reported: {
    host: hostName(host),
    addresses: group.map(({ address }) => address).sort(),
    keyType: first.keyType,
    tls:
      group
        .map(({ tls }) => tls)
        .sort()
        .at(-1) ?? first.tls,
    publiclyTrusted: first.publiclyTrusted,
    certificates: judged.certificates.map(({ subject, issuer, thumbprint, notAfter, onPath }) => ({
      subject,
      issuer,
      thumbprint,
      notAfter: notAfter.toISOString(),
      onPath,
    })),
  },
});

/**
 * AWS consults the list where the certificate authority is not one it knows, or the endpoint requires TLS 1.3.
 * Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider".
 */
function basisOf({ tls12 }: HostObservation, chains: readonly FoldedChain[]): EnforcedBasis {
  if (chains.length === 0) return 'unknown';
  if (chains.some(({ reported }) => !reported.publiclyTrusted)) return 'private-ca';
  if (tls12.some(({ offered }) => offered === false)) return 'tls13-only';
  return tls12.every(({ offered }) => offered === true) ? 'public-ca' : 'unknown';
}
