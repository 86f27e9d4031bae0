/** Whether STS trusts an issuer's certificate: by its library of authorities first, then by the provider's list. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Call it once a connection, when it is secure. The host is that of the URL, as the certificate must name it. */
export function isTrusted(
  socket: TLSSocket,
  host: string,
  thumbprints: readonly string[],
  now: Date,
): boolean {
  if (socket.authorized) return true;
  const chain = servedBy(socket);
  const [leaf] = chain;
  const top = chain.at(-1);
  if (leaf === undefined || top === undefined) return false;
  const listed = thumbprints.some((each) => each.toLowerCase() === thumbprintOf(top));
  return listed && names(leaf, host) && chain.every((each) => isCurrent(each, now)) && isOrderly(chain);
}

/** As served: https://github.com/nodejs/node/blob/main/doc/api/tls.md#tlssocketgetpeerx509certificate */
function servedBy(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let next = socket.getPeerX509Certificate(); next !== undefined; next = next.issuerCertificate) {
    chain.push(next);
  }
  return chain;
}

const thumbprintOf = ({ fingerprint }: X509Certificate): string =>
  fingerprint.replaceAll(':', '').toLowerCase();

const names = (leaf: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: Date): boolean =>
  new Date(validFrom) <= now && now < new Date(validTo);

const isOrderly = (chain: readonly X509Certificate[]): boolean =>
  chain.every((each, index) => {
    const above = chain[index + 1];
    return above === undefined || (each.checkIssued(above) && each.verify(above.publicKey) && above.ca);
  });
