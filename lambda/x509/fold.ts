/** Identical chains of several addresses, folded into one. */
import { anchorChain } from './anchoring';
import type { Anchoring, NotAnchored } from './anchoring';
import type { AnchorSet } from './anchor-set';
import { readChain } from './chain';
import type { EvaluatedChain } from './chain';
import type { Failure, ReportedChain, ServedChain } from '../domain/types';
import { groupBy } from '../domain/group';
import type { NonEmpty } from '../domain/group';

/** Identical chains of one host and key type, folded, with their evaluation. */
export interface FoldedChain extends EvaluatedChain {
  readonly reported: ReportedChain;
  readonly distrust: string | null;
  /** OpenSSL verified it by the trust anchors that the configuration names for the host. */
  readonly anchored: boolean;
  /** Thumbprints of the certificates on a valid path to an anchor of the host. */
  readonly anchoredThumbprints: readonly string[];
  /** Why the others are not, by thumbprint. */
  readonly notAnchored: ReadonlyMap<string, NotAnchored>;
}

/** The trust anchors that verify the chains of a host. */
export interface HostTrust {
  readonly publicRoots: AnchorSet;
  /**
   * They replace the public roots, except in deciding whether the chain is publicly trusted. Null: none are
   * configured.
   */
  readonly anchors: AnchorSet | null;
  readonly now: Date;
}

/**
 * Folds chains that are equal byte for byte; those that cannot be read become failures. `name`: the host for
 * people.
 */
export function foldChains(
  served: readonly ServedChain[],
  name: string,
  trust: HostTrust,
): { readonly chains: readonly FoldedChain[]; readonly failures: readonly Failure[] } {
  const chains: FoldedChain[] = [];
  const failures: Failure[] = [];
  for (const group of groupAlike(served)) {
    const [first] = group;
    const verdict = verdictOn(first, trust);
    const evaluated = readChain(first.certificates, areSupported(first.certificates, trust));
    if (evaluated.ok) chains.push(fold(group, evaluated.value, name, verdict));
    else failures.push({ ...evaluated.failure, message: `${name}: ${evaluated.failure.message}` });
  }
  return { chains, failures };
}

/**
 * By index, whether a certificate would be anchored if OpenSSL had verified the handshake. Forged copies can
 * make OpenSSL fail to verify a chain; they must not count instead of the honest certificate because of that.
 */
const areSupported = (
  served: readonly Uint8Array[],
  { publicRoots, anchors, now }: HostTrust,
): readonly boolean[] =>
  anchorChain({ served, anchors: anchors ?? publicRoots, now, verified: 'assumed' }).map(
    ({ anchored }) => anchored,
  );

interface TrustVerdict {
  readonly publiclyTrusted: boolean;
  readonly distrust: string | null;
  /** By the host's own anchors if it has any, else by the public roots. */
  readonly anchoring: readonly Anchoring[];
}

/**
 * Publicly trusted is what OpenSSL verified, if a path of the leaf also ends at a public root: the trust
 * store of the process may also contain private authorities and inspection proxies.
 */
function verdictOn(
  { certificates, verified, verifiedByAnchors, distrust }: ServedChain,
  { publicRoots, anchors, now }: HostTrust,
): TrustVerdict {
  const byRoots = anchorChain({ served: certificates, anchors: publicRoots, now, verified });
  const publiclyTrusted = byRoots[0]?.anchored === true;
  return {
    publiclyTrusted,
    distrust: publiclyTrusted ? null : reasonOf({ certificates, distrust }, publicRoots),
    anchoring:
      anchors === null
        ? byRoots
        : anchorChain({ served: certificates, anchors, now, verified: verifiedByAnchors }),
  };
}

/** OpenSSL's error for a chain that does not end at an authority that it knows. */
export const UNKNOWN_AUTHORITY = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
const DATES = new Set<string | null>(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/**
 * OpenSSL reports the last of several reasons, so it reports an expired chain of an unknown authority as
 * expired only. The unknown authority is more severe: it may be an interception.
 */
function reasonOf(
  { certificates, distrust }: Pick<ServedChain, 'certificates' | 'distrust'>,
  anchors: AnchorSet,
): string {
  if (distrust !== null && !DATES.has(distrust)) return distrust;
  const [leaf] = anchorChain({ served: certificates, anchors, now: null, verified: 'assumed' });
  return distrust !== null && leaf?.anchored === true ? distrust : UNKNOWN_AUTHORITY;
}

type AlikeChains = NonEmpty<ServedChain>;

const groupAlike = (served: readonly ServedChain[]): readonly AlikeChains[] => [
  ...groupBy(served, ({ keyType, verified, verifiedByAnchors, distrust, certificates }) =>
    JSON.stringify([
      keyType,
      verified,
      verifiedByAnchors,
      distrust,
      certificates.map((der) => Buffer.from(der).toString('base64')),
    ]),
  ).values(),
];

function fold(
  group: AlikeChains,
  evaluated: EvaluatedChain,
  name: string,
  { publiclyTrusted, distrust, anchoring }: TrustVerdict,
): FoldedChain {
  const [first] = group;
  const isAnchored = (index: number): boolean => anchoring[index]?.anchored === true;
  return {
    ...evaluated,
    distrust,
    anchored: first.verifiedByAnchors,
    anchoredThumbprints: evaluated.certificates
      .filter((_, index) => isAnchored(index))
      .map(({ thumbprint }) => thumbprint),
    notAnchored: new Map(
      evaluated.certificates.flatMap(({ thumbprint }, address) => {
        const answer = anchoring[address];
        return answer?.anchored === false ? [[thumbprint, answer.reason]] : [];
      }),
    ),
    reported: {
      host: name,
      addresses: [...new Set(group.map(({ address }) => address))].sort(),
      keyType: first.keyType,
      tls: group.map(({ tls }) => tls).reduce((highest, tls) => (tls > highest ? tls : highest)),
      publiclyTrusted,
      certificates: evaluated.certificates.map((certificate, address) => ({
        subject: certificate.subject,
        issuer: certificate.issuer,
        thumbprint: certificate.thumbprint,
        notAfter: certificate.notAfter.toISOString(),
        onPath: certificate.onPath,
        sha256: certificate.parsed.fingerprint256,
        anchored: isAnchored(address),
      })),
    },
  };
}
