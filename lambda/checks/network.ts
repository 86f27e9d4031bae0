/** Checks of the network path to a host: interception, and addresses that AWS cannot connect to. */
import { classifyAddress } from '../domain/address-policy';
import type { Finding, Host, HostObservation } from '../domain/types';
import type { FoldedChain } from '../x509/fold';
import { isKnownPublicHost } from '../domain/public-hosts';

/**
 * Reasons that the owner of a public host can cause, too: CERT005 reports them. A certificate for another
 * name is not among them: the owner would have noticed, and a captive portal or a wrong address on our side
 * has the same effect.
 */
const OWN_FAULT = new Set<string | null>(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** A well-known public host whose chain no public authority verifies: somebody else answers on our path. */
export const isIntercepted = (host: Host, chains: readonly FoldedChain[]): boolean =>
  isKnownPublicHost(host) &&
  chains.some(({ reported, distrust }) => !reported.publiclyTrusted && !OWN_FAULT.has(distrust));

/** Ranges in which people run servers. Loopback is this machine itself: a test, not a deployment. */
const PRIVATE = new Set<string | null>(['private', 'uniqueLocal', 'carrierGradeNat', 'linkLocal']);

/** NET001 and NET002 of one host. */
export function* evaluateNetwork(
  { host, variants }: HostObservation,
  name: string,
  chains: readonly FoldedChain[],
): Generator<Finding> {
  if (isIntercepted(host, chains)) {
    const ends = chains.flatMap((chain) =>
      chain.ends.map(({ issuer, thumbprint }) => `${issuer} (${thumbprint})`),
    );
    yield {
      check: 'NET001',
      severity: 'high',
      message: `${name} is a public host, but the monitor received a certificate chain that is not publicly trusted, issued by ${[...new Set(ends)].join(' and ')}. A TLS inspection proxy probably intercepts the connection of the monitor. AWS receives another chain. The thumbprints were not audited.`,
      remedy: `Exempt ${name} from TLS inspection, or run the monitor in a network without TLS inspection.`,
    };
  }
  const addresses = [...new Set(variants.map(({ address }) => address))];
  if (addresses.length > 0 && addresses.every((address) => PRIVATE.has(classifyAddress(address)))) {
    yield {
      check: 'NET002',
      severity: 'medium',
      message: `${name} has only private addresses in the network of the monitor (${addresses.join(', ')}). AWS STS needs a public address.`,
      remedy:
        'Serve the discovery document and the signing keys on a public address. If the name has a public address outside this network (split DNS), accept this finding.',
    };
  }
}
