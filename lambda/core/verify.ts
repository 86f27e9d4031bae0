/** Whether a served chain rests on a private certificate authority that the configuration trusts. */
import { X509Certificate } from 'node:crypto';
import { judgeAddress } from './address';
import { issues } from './certificate';
import type { JudgedChain } from './chain';

/** Splits a PEM bundle. The configuration has judged it already. */
export const readAnchors = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

/**
 * Whether a path from the leaf upward ends at one of the anchors, all of it valid now, by certificate authorities
 * only, and the leaf names the host. RFC 5280 section 6 in what a private CA needs; the documents themselves are read
 * over connections that OpenSSL verifies.
 */
export function restsOn(
  anchors: readonly X509Certificate[],
  chain: JudgedChain,
  host: string,
  now: Date,
): boolean {
  const path = chain.certificates.filter(({ onPath }) => onPath);
  const [leaf, ...authorities] = path;
  if (leaf === undefined || !namesHost(leaf.parsed, host)) return false;
  if (path.some(({ notBefore, notAfter }) => now < notBefore || now > notAfter)) return false;
  if (authorities.some(({ parsed }) => !parsed.ca)) return false;
  return path.some(({ parsed }) =>
    anchors.some((anchor) => anchor.ca && (anchor.raw.equals(parsed.raw) || issues(anchor, parsed))),
  );
}

/** Whether a certificate is for this host: RFC 6125 for names, RFC 5280 section 4.2.1.6 for addresses. */
export function namesHost(leaf: X509Certificate, host: string): boolean {
  const isName = judgeAddress(host) === 'not an address';
  return (isName ? leaf.checkHost(host, { subject: 'never' }) : leaf.checkIP(host)) !== undefined;
}
