/** The facts about one target that are compared between runs. */
import type { Outcome, TargetReport } from '../../domain/types';
import { hostOf } from '../../oidc/issuer';
import type { Observation } from '../target';
import { hostKey } from '../../domain/host';
import type { Jwks } from '../../domain/facts';

/** The facts that are compared with those of earlier runs. */
export interface ObservedTarget {
  readonly report: TargetReport;
  /** Null if the provider could not be read, or there is none. */
  readonly audiences: readonly string[] | null;
  /** Host of `jwks_uri` as host:port; null if no document was read. */
  readonly jwksHost: string | null;
  readonly jwks: Outcome<Jwks> | null;
  /** How long the slowest document took; null if none arrived, or if that is not known. */
  readonly milliseconds: number | null;
  /** Thumbprints of certificates on a valid path to a public or a configured anchor. */
  readonly verified: readonly string[];
  /** A suppression accepts that the keys moved (DISC003). */
  readonly moveAccepted: boolean;
  /**
   * The configuration permits updates. Otherwise no entry of a list counts as added by the monitor, whatever
   * the table says.
   */
  readonly mayUpdate: boolean;
}

/**
 * What the configuration decides. `isAcceptedHost`: whether DISC003 of this issuer is suppressed for a host.
 */
export interface Decided {
  readonly isAcceptedHost: (host: string) => boolean;
  readonly mayUpdate: boolean;
}

/** Picks the facts from what was observed. */
export function observedIn(
  observation: Observation,
  report: TargetReport,
  { isAcceptedHost, mayUpdate }: Decided,
): ObservedTarget {
  const jwksHost = observation.discovery.ok ? hostKey(hostOf(observation.discovery.value.jwksUri)) : null;
  const { provider, jwks, hosts, milliseconds } = observation;
  return {
    report,
    audiences: provider?.ok === true ? provider.value.audiences : null,
    jwksHost,
    jwks,
    milliseconds,
    verified: hosts.flatMap(({ chains }) => chains.flatMap(({ anchoredThumbprints }) => anchoredThumbprints)),
    moveAccepted: jwksHost !== null && isAcceptedHost(jwksHost),
    mayUpdate,
  };
}
