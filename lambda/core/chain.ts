/** A served chain: which of its certificates are on the path, and which thumbprint AWS would take from it. */
import { isTwin, issues, readCertificate } from './certificate';
import type { Certificate } from './certificate';
import type { Outcome } from './domain';
import { failure } from './errors';

/** A certificate in its chain. Roots are self-signed; strays are not on the path from the leaf upward. */
export interface ChainCertificate extends Certificate {
  readonly onPath: boolean;
  readonly role: 'leaf' | 'intermediate' | 'root' | 'stray';
}

/** What AWS says makes STS fail: a chain in another order than upward, with copies, or with strangers. */
export type ChainFault = 'misordered' | 'duplicated' | 'additional';

/** A chain as it was judged. `certificates` are in served order; `expected` is the thumbprint that AWS would take. */
export interface JudgedChain {
  readonly certificates: readonly ChainCertificate[];
  readonly faults: readonly ChainFault[];
  /** The end of the path, whose issuer nobody served. */
  readonly top: Certificate;
  readonly expected: string;
}

/** Judges a chain of DER certificates, leaf first, on itself alone: no trust store has a say in it. */
export function readChain(served: readonly Uint8Array[]): Outcome<JudgedChain> {
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
  const judged = certificates.map((certificate): ChainCertificate => {
    const onPath = path.includes(certificate.thumbprint);
    return { ...certificate, onPath, role: roleOf(certificate, leaf, onPath) };
  });
  const upward = distinct.filter(({ thumbprint }) => path.includes(thumbprint));
  const faults = faultsOf(certificates, distinct, upward);
  const top = topOf(leaf, upward);
  return {
    ok: true,
    value: { certificates: judged, faults, top, expected: expectedThumbprint(upward, faults, top) },
  };
}

/**
 * The thumbprint that AWS would take: SHA-1 of the last certificate that the server sends.
 *
 * Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider": `openssl s_client
 * -showcerts`, "the last certificate displayed". That supposes an orderly chain. Strays are nobody's issuer, and of
 * a misordered chain the last is just any, so there the certificates are taken in the order that they should have:
 * the end of the path upward. Both give the same for an orderly chain without cross-signed twins at its end; of such
 * twins the one that was served last counts.
 */
function expectedThumbprint(
  upward: readonly Certificate[],
  faults: readonly ChainFault[],
  top: Certificate,
): string {
  return faults.includes('misordered') ? top.thumbprint : (upward.at(-1) ?? top).thumbprint;
}

const withoutCopies = (certificates: readonly Certificate[]): readonly Certificate[] =>
  certificates.filter(
    ({ thumbprint }, index) => certificates.findIndex((other) => other.thumbprint === thumbprint) === index,
  );

/** Thumbprints of everything that the leaf rests on among what was served, and of its cross-signed twins. */
function pathFrom(leaf: Certificate, distinct: readonly Certificate[]): readonly string[] {
  const path = [leaf];
  for (const lower of path) {
    const above = distinct.filter(
      (other) =>
        !path.includes(other) &&
        (issues(other.parsed, lower.parsed) || (lower !== leaf && isTwin(other, lower))),
    );
    path.push(...above);
  }
  return path.map(({ thumbprint }) => thumbprint);
}

function roleOf(certificate: Certificate, leaf: Certificate, onPath: boolean): ChainCertificate['role'] {
  if (!onPath) return 'stray';
  if (certificate.thumbprint === leaf.thumbprint) return 'leaf';
  return certificate.selfSigned ? 'root' : 'intermediate';
}

function faultsOf(
  certificates: readonly Certificate[],
  distinct: readonly Certificate[],
  upward: readonly Certificate[],
): readonly ChainFault[] {
  const orderly = upward.every((upper, index) => {
    const lower = upward[index - 1];
    return lower === undefined || isTwin(upper, lower) || issues(upper.parsed, lower.parsed);
  });
  return [
    ...(orderly ? [] : ['misordered' as const]),
    ...(distinct.length < certificates.length ? ['duplicated' as const] : []),
    ...(upward.length < distinct.length ? ['additional' as const] : []),
  ];
}

/** Climbs from the leaf until nobody above was served. A self-signed twin ends no climb that a cross-signed one continues. */
function topOf(leaf: Certificate, upward: readonly Certificate[]): Certificate {
  const climbed = new Set([leaf]);
  let top = leaf;
  for (;;) {
    const next = upward.find((other) => !climbed.has(other) && issues(other.parsed, top.parsed));
    if (next === undefined) return top;
    climbed.add(next);
    top = next;
  }
}
