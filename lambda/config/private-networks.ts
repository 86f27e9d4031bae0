/** Which requests of a run may go to private addresses. */
import type { MonitorConfig } from './config';
import { hostOf } from '../oidc/issuer';
import type { MayBePrivate } from '../domain/address-policy';
import { hostKey } from '../domain/host';

/**
 * `allowPrivateNetworks` belongs to the hosts of configured `issuers`. Anybody who may create a provider in
 * the account chooses a discovered issuer, and with its documents any `jwks_uri`, so neither may lead into
 * the private network:
 *
 * - An issuer's own documents: its host and port are those of a configured issuer.
 * - Another host, in the `jwks_uri`: the issuer itself is configured, and the host has the issuer's name (on
 *   another port) or is the host of another configured issuer.
 */
export function privateNetworks({
  allowPrivateNetworks,
  issuers,
}: Pick<MonitorConfig, 'allowPrivateNetworks' | 'issuers'>): MayBePrivate {
  if (!allowPrivateNetworks) return () => false;
  const configured = new Set(issuers);
  const hosts = new Set(issuers.map((issuer) => hostKey(hostOf(issuer))));
  return (url, issuer) => {
    const asked = hostOf(url);
    const own = hostOf(issuer);
    if (hostKey(asked) === hostKey(own)) return hosts.has(hostKey(own));
    return configured.has(issuer) && (asked.name === own.name || hosts.has(hostKey(asked)));
  };
}
