/** A served chain: which of its certificates are on the path, and which thumbprint AWS would take from it. */
import { isCrossSigned, issues, readCertificate } from './certificate';
import type { Certificate } from './certificate';
import type { Outcome } from '../domain/types';
import { failure } from '../domain/errors';

/** A certificate in its chain. Roots are self-signed; an `unrelated` one is not on the path from the leaf upward. */
export interface ChainCertificate extends Certificate {
  readonly onPath: boolean;
  readonly role: 'leaf' | 'intermediate' | 'root' | 'unrelated';
}

/**
 * What AWS says makes STS fail: a chain in another order than upward, with duplicates, or with certificates
 * that are not on the path.
 */
export type ChainFault = 'misordered' | 'duplicated' | 'additional';

/** A chain as it was evaluated. `certificates` are in served order. */
export interface EvaluatedChain {
  readonly certificates: readonly ChainCertificate[];
  readonly faults: readonly ChainFault[];
  /**
   * The ends of the path: one certificate, or several if one on the path is cross-signed by several
   * authorities.
   */
  readonly ends: readonly Certificate[];
  /** The thumbprints that AWS might take from this chain: those of `ends`. */
  readonly expected: readonly string[];
}

/**
 * Evaluates a chain of DER certificates, leaf first. `anchored`: by index, whether a certificate lies on a
 * valid path to a trust anchor; it decides only which cross-certificates count as one authority.
 */
export function readChain(
  served: readonly Uint8Array[],
  anchored: readonly boolean[] = [],
): Outcome<EvaluatedChain> {
  const certificates = served.map(readCertificate).filter((certificate) => certificate !== null);
  const [leaf] = certificates;
  if (leaf === undefined || certificates.length < served.length) {
    return {
      ok: false,
      failure: failure('tls', 'TLS_MALFORMED', 'The server sent a certificate that cannot be read.'),
    };
  }
  const distinct = withoutCopies(certificates);
  const path = pathFrom(leaf, distinct);
  const upward = distinct.filter((certificate) => path.includes(certificate));
  const verified = new Set(
    certificates.filter((_, position) => anchored[position] === true).map(({ thumbprint }) => thumbprint),
  );
  const groups = groupByKey(upward);
  const ends = expectedCertificates(groups, path).flatMap((group) => countedIn(group, verified));
  return {
    ok: true,
    value: {
      certificates: certificates.map((one) => placed(one, leaf, upward)),
      faults: faultsOf(certificates, distinct, upward, groups),
      ends,
      expected: ends.map(({ thumbprint }) => thumbprint),
    },
  };
}

/**
 * The authorities whose thumbprint AWS would take: those of the last certificate that the server sends.
 *
 * Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider": `openssl s_client
 * -showcerts`, "the last certificate displayed". That supposes an orderly chain. A certificate that is not on
 * the path issued nothing, and the last one of a misordered chain is arbitrary. So the certificates are taken
 * in the order that they should have, and the end of the path upward counts. Of cross-certificates at the end
 * the one that was served last counts. But anybody can make a certificate for the subject and key of another,
 * so an unverified one never replaces the honest one.
 */
function expectedCertificates(
  groups: readonly SameKeyCertificates[],
  path: readonly Certificate[],
): readonly SameKeyCertificates[] {
  const ends = groups.filter((lower) => !groups.some((upper) => upper !== lower && certifies(upper, lower)));
  // A cycle of authorities that certify each other has no end: the one farthest from the leaf counts.
  const farthest = groups.filter((group) => group.includes(path.at(-1) ?? group[0]));
  return ends.length > 0 ? ends : farthest;
}

/**
 * Of cross-certificates the one that was served last, and the last one that lies on a valid path to an
 * anchor. If none of them does, it is not known which of them are forged, and each counts.
 */
function countedIn(group: SameKeyCertificates, verified: ReadonlySet<string>): readonly Certificate[] {
  const copies = group.filter(({ thumbprint }) => verified.has(thumbprint));
  return copies.length === 0 ? group : [...new Set([...copies.slice(-1), ...group.slice(-1)])];
}

const withoutCopies = (certificates: readonly Certificate[]): readonly Certificate[] =>
  certificates.filter(
    ({ thumbprint }, index) => certificates.findIndex((other) => other.thumbprint === thumbprint) === index,
  );

/** The served certificates on a path from the leaf upward, the leaf included: nearest first. */
function pathFrom(leaf: Certificate, distinct: readonly Certificate[]): readonly Certificate[] {
  const path = [leaf];
  for (const lower of path) {
    const above = distinct.filter((other) => !path.includes(other) && issues(other.parsed, lower.parsed));
    path.push(...above);
  }
  return path;
}

/** One subject with one key, by its certificates in served order: several if it is cross-signed. */
type SameKeyCertificates = readonly [Certificate, ...Certificate[]];

function groupByKey(upward: readonly Certificate[]): readonly SameKeyCertificates[] {
  const groups: SameKeyCertificates[] = [];
  for (const certificate of upward) {
    const known = groups.findIndex(([first]) => isCrossSigned(first, certificate));
    const copies = groups[known];
    if (copies === undefined) groups.push([certificate]);
    else groups[known] = [...copies, certificate];
  }
  return groups;
}

const certifies = (upper: SameKeyCertificates, lower: SameKeyCertificates): boolean =>
  upper.some((above) => lower.some((below) => issues(above.parsed, below.parsed)));

function placed(
  certificate: Certificate,
  leaf: Certificate,
  upward: readonly Certificate[],
): ChainCertificate {
  const onPath = upward.some(({ thumbprint }) => thumbprint === certificate.thumbprint);
  return { ...certificate, onPath, role: roleOf(certificate, leaf, onPath) };
}

function roleOf(certificate: Certificate, leaf: Certificate, onPath: boolean): ChainCertificate['role'] {
  if (!onPath) return 'unrelated';
  if (certificate.thumbprint === leaf.thumbprint) return 'leaf';
  return certificate.selfSigned ? 'root' : 'intermediate';
}

function faultsOf(
  certificates: readonly Certificate[],
  distinct: readonly Certificate[],
  upward: readonly Certificate[],
  groups: readonly SameKeyCertificates[],
): readonly ChainFault[] {
  return [
    ...(isOrderly(upward, groups) ? [] : ['misordered' as const]),
    ...(distinct.length < certificates.length ? ['duplicated' as const] : []),
    ...(upward.length < distinct.length ? ['additional' as const] : []),
  ];
}

/**
 * Each certificate issues the one before it, or is a cross-certificate of it: RFC 5246 section 7.4.2,
 * extended for those.
 */
function isOrderly(upward: readonly Certificate[], groups: readonly SameKeyCertificates[]): boolean {
  return upward.every((upper, index) => {
    const below = upward[index - 1];
    const lower = groups.find((group) => below !== undefined && group.includes(below));
    return lower === undefined || lower.includes(upper) || certifies([upper], lower);
  });
}
