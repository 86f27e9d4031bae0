/** Names in a served chain, and authorities above it. */
import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { Anchor } from './anchor-set';
import { classifyAddress } from '../domain/address-policy';
import { issues } from './certificate';
import type { Certificate } from './certificate';

/** Whether a certificate is for this host: RFC 6125 for names, RFC 5280 section 4.2.1.6 for addresses. */
export function namesHost(leaf: X509Certificate, host: string): boolean {
  const isName = classifyAddress(host) === 'not an address';
  // A name may end in the root's dot; certificates never do.
  return (
    (isName ? leaf.checkHost(host.replace(/\.$/, ''), { subject: 'never' }) : leaf.checkIP(host)) !==
    undefined
  );
}

/**
 * Thumbprints of the configured anchors that issued one of `ends`: the values that people list if they take
 * the root from their own store and not from the server.
 */
export const rootsAbove = (ends: readonly Certificate[], anchors: readonly Anchor[]): readonly string[] =>
  anchors
    .filter(({ der, parsed: anchor }) =>
      ends.some(({ parsed }) => !der.equals(parsed.raw) && issues(anchor, parsed)),
    )
    .map(({ der }) => createHash('sha1').update(der).digest('hex'));
