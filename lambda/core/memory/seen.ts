/** What a run saw of one target, as far as time matters. */
import type { Outcome, TargetReport } from '../domain';
import { hostKey } from '../certificates/host';
import { hostOf } from '../issuer';
import type { Observation } from '../judge';
import type { Jwks } from '../jwks';

/** The facts that are compared with those of earlier runs. */
export interface Seen {
  readonly report: TargetReport;
  /** Null where the provider could not be read, or there is none. */
  readonly audiences: readonly string[] | null;
  /** Host of `jwks_uri` as host:port; null where no document was read. */
  readonly jwksHost: string | null;
  readonly jwks: Outcome<Jwks> | null;
  /** How long the slowest document took; null where none came, or where that is not known. */
  readonly milliseconds: number | null;
  /** Thumbprints on paths that verify, by a public or a configured authority. */
  readonly verified: readonly string[];
  /** Somebody has acknowledged that the keys moved (DISC003). */
  readonly moveAccepted: boolean;
  /** The configuration permits updates. Else nothing in a list is the monitor's own work, whatever the table says. */
  readonly mayUpdate: boolean;
}

/** Picks the facts from what was observed. `decided`: what the configuration says. */
export function seenIn(
  observation: Observation,
  report: TargetReport,
  decided: Pick<Seen, 'moveAccepted' | 'mayUpdate'>,
): Seen {
  const { provider, discovery, jwks, hosts, milliseconds } = observation;
  return {
    report,
    audiences: provider?.ok === true ? provider.value.audiences : null,
    jwksHost: discovery.ok ? hostKey(hostOf(discovery.value.jwksUri)) : null,
    jwks,
    milliseconds,
    verified: hosts.flatMap(({ chains }) =>
      chains
        .filter(({ reported, anchored }) => reported.publiclyTrusted || anchored)
        .flatMap(({ certificates }) =>
          certificates.filter(({ onPath }) => onPath).map(({ thumbprint }) => thumbprint),
        ),
    ),
    ...decided,
  };
}
