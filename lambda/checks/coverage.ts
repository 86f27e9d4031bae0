/** Checks that a run skipped: nothing follows from them, so what earlier runs found is not resolved. */
import { CHECK_IDS, checksReading } from '../domain/checks';
import type { CheckId, Source } from '../domain/checks';
import type { TargetReport } from '../domain/types';
import type { Observation } from './target';

/** The checks of one target that were skipped. Those of `report` that found something are of no concern here. */
export function skippedChecks(observation: Observation, report: TargetReport): ReadonlySet<CheckId> {
  if (report.failure !== undefined) return new Set(CHECK_IDS);
  const { trust } = observation;
  return new Set([...checksReading(...unreadSources(observation)), ...(trust?.skipped ?? [])]);
}

function unreadSources({ discovery, jwks, provider, hosts, milliseconds }: Observation): readonly Source[] {
  return [
    // A chain that does not verify is no failure, but no document is read over it.
    ...(discovery.ok ? [] : (['discovery'] as const)),
    ...(jwks?.ok === true ? [] : (['jwks'] as const)),
    ...(milliseconds === null ? (['duration'] as const) : []),
    ...(hosts.some(({ unanswered }) => unanswered.length > 0) ? (['chains'] as const) : []),
    // A provider that is gone has been looked for.
    ...(provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND' ? (['provider'] as const) : []),
  ];
}
