/** Checks that a run skipped: findings of earlier runs are not resolved by them. */
import { CHECK_IDS, checksReading } from '../domain/checks';
import type { CheckId, Source } from '../domain/checks';
import type { TargetReport } from '../domain/types';
import type { Observation } from './target';

/**
 * The checks of one target that were skipped. Whether they have findings in `report` does not matter here.
 */
export function skippedChecks(observation: Observation, report: TargetReport): ReadonlySet<CheckId> {
  if (report.failure !== undefined) return new Set(CHECK_IDS);
  const { trust } = observation;
  return new Set([...checksReading(...unreadSources(observation)), ...(trust?.skipped ?? [])]);
}

function unreadSources({ discovery, jwks, provider, hosts, milliseconds }: Observation): readonly Source[] {
  return [
    // A chain that does not verify is no failure, but no document is fetched over it.
    ...(discovery.ok ? [] : (['discovery'] as const)),
    ...(jwks?.ok === true ? [] : (['jwks'] as const)),
    ...(milliseconds === null ? (['duration'] as const) : []),
    ...(hosts.some(({ unanswered }) => unanswered.length > 0) ? (['chains'] as const) : []),
    // For a deleted provider the check was done.
    ...(provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND' ? (['provider'] as const) : []),
  ];
}
