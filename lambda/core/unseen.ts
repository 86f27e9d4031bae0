/** Which checks a run could not make, so that nothing follows from their silence. */
import { CHECK_IDS } from './domain';
import type { CheckId, TargetReport } from './domain';
import type { Observation } from './judge';

const startingWith = (...prefixes: readonly string[]): readonly CheckId[] =>
  CHECK_IDS.filter((check) => prefixes.some((prefix) => check.startsWith(prefix)));

const OF_KEYS = startingWith('JWKS');
const OF_SERVED = startingWith('CERT', 'NET');
const OF_LIST = startingWith('THUMB', 'PROV');

/** The checks of one target that could not be made. Those of `report` that found something are of no concern here. */
export function unseenChecks(observation: Observation, report: TargetReport): ReadonlySet<CheckId> {
  if (report.failure !== undefined) return new Set(CHECK_IDS);
  const { jwks, provider, hosts, trust } = observation;
  return new Set([
    ...(jwks?.ok === true ? [] : OF_KEYS),
    ...(trust?.unseen ?? []),
    ...(hosts.some(({ unanswered }) => unanswered.length > 0) ? OF_SERVED : []),
    // A provider that is gone has been looked for.
    ...(provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND' ? OF_LIST : []),
  ]);
}
