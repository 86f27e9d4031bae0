/** Which checks a run could not make, so that nothing follows from their silence. */
import { CHECK_IDS } from '../domain/types';
import type { CheckId, TargetReport } from '../domain/types';
import type { Observation } from './target';

const startingWith = (...prefixes: readonly string[]): readonly CheckId[] =>
  CHECK_IDS.filter((check) => prefixes.some((prefix) => check.startsWith(prefix)));

/** How fast the keys come is not known either. */
const OF_KEYS = startingWith('JWKS', 'DISC004');
const SPEED: readonly CheckId[] = ['DISC004'];
const OF_DOCUMENT = startingWith('DISC');
const OF_SERVED = startingWith('CERT', 'NET');
const OF_LIST = startingWith('THUMB', 'PROV');

/** The checks of one target that could not be made. Those of `report` that found something are of no concern here. */
export function skippedChecks(observation: Observation, report: TargetReport): ReadonlySet<CheckId> {
  if (report.failure !== undefined) return new Set(CHECK_IDS);
  const { discovery, jwks, provider, hosts, trust, milliseconds } = observation;
  return new Set([
    // A chain that does not verify is no failure, but no document is read over it.
    ...(discovery.ok ? [] : OF_DOCUMENT),
    ...(jwks?.ok === true ? [] : OF_KEYS),
    ...(milliseconds === null ? SPEED : []),
    ...(trust?.skipped ?? []),
    ...(hosts.some(({ unanswered }) => unanswered.length > 0) ? OF_SERVED : []),
    // A provider that is gone has been looked for.
    ...(provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND' ? OF_LIST : []),
  ]);
}
