/** Checks that a run skipped: findings of earlier runs are not resolved by them. */
import { CHECK_IDS, checkOf, checksReading } from '../domain/checks';
import type { CheckId, Source } from '../domain/checks';
import type { TargetReport } from '../domain/types';
import type { Observation } from './target';

/**
 * The checks of one target that were skipped. Whether they have findings in `report` does not matter here.
 */
export function skippedChecks(observation: Observation, report: TargetReport): ReadonlySet<CheckId> {
  const { trust } = observation;
  const skipped = new Set([...checksReading(...unreadSources(observation)), ...(trust?.skipped ?? [])]);
  if (report.failure === undefined) return skipped;
  return new Set(CHECK_IDS.filter((id) => skipped.has(id) || !needsIamOnly(id)));
}

/** Whether a provider exists, IAM says, also while its issuer is unreachable. */
const needsIamOnly = (id: CheckId): boolean => checkOf(id).passesWith === 'answer';

function* unreadSources({ discovery, jwks, provider, hosts, milliseconds }: Observation): Generator<Source> {
  // A chain that does not verify is no failure, but no document is fetched over it.
  if (!discovery.ok) yield 'discovery';
  if (jwks?.ok !== true) yield 'jwks';
  if (milliseconds === null) yield 'duration';
  if (hosts.some(({ unanswered }) => unanswered.length > 0)) yield 'chains';
  // For a deleted provider the check was done.
  if (provider?.ok === false && provider.failure.code !== 'AWS_NOT_FOUND') yield 'provider';
}
