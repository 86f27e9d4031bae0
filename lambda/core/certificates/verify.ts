/** Names and authorities that a served chain may rest on. */
import { X509Certificate, createHash } from 'node:crypto';
import { judgeAddress } from './address';
import { issues } from './certificate';
import type { Certificate } from './certificate';

/** Whether a certificate is for this host: RFC 6125 for names, RFC 5280 section 4.2.1.6 for addresses. */
export function namesHost(leaf: X509Certificate, host: string): boolean {
  const isName = judgeAddress(host) === 'not an address';
  // A name may end in the root's dot; certificates never do.
  return (
    (isName ? leaf.checkHost(host.replace(/\.$/, ''), { subject: 'never' }) : leaf.checkIP(host)) !==
    undefined
  );
}

/**
 * Thumbprints of the configured anchors that issued one of `tops`: what people list who take the root from their own
 * store and not from the server. `pem` is a bundle that the configuration has judged already.
 */
export function rootsAbove(tops: readonly Certificate[], pem: string): readonly string[] {
  return readAnchors(pem)
    .filter((anchor) => tops.some(({ parsed }) => !anchor.raw.equals(parsed.raw) && issues(anchor, parsed)))
    .map((anchor) => createHash('sha1').update(anchor.raw).digest('hex'));
}

const readAnchors = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
