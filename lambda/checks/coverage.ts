/** Checks that a run skipped: findings of earlier runs are not resolved by them, and the report says why. */
import { CHECKS, CHECK_IDS, checkOf, checksReading } from '../domain/checks';
import type { CheckId, Source } from '../domain/checks';
import { skipAll } from '../domain/skipped';
import type { Failure, SkippedCheck, TargetReport } from '../domain/types';
import { count } from '../text/layout';
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

/** They compare with earlier runs. */
export const HISTORY_CHECKS: readonly CheckId[] = CHECKS.filter(({ history }) => history === true).map(
  ({ id }) => id,
);

/** They need every trust policy. */
export const POLICY_CHECKS: readonly CheckId[] = [
  'PROV003',
  'TRUST001',
  'TRUST002',
  'TRUST003',
  'TRUST004',
  'TRUST005',
  'TRUST007',
  'TRUST008',
  'TRUST009',
  'TRUST010',
];

/**
 * The checks of one target that did not run, with the reason, for its report. Those of a target that was not audited
 * are not listed, since its failure says why, unless IAM was left out on purpose. A check with a finding has run.
 */
export function skippedOfTarget(
  observation: Observation,
  { failure, findings }: Pick<TargetReport, 'failure' | 'findings'>,
): readonly SkippedCheck[] {
  if (failure !== undefined && failure.code !== 'AWS_SKIPPED') return [];
  const found = new Set(findings.map(({ check }) => check));
  const all = [...skippedBySource(observation), ...(observation.trust?.skippedChecks ?? [])].filter(
    ({ check, roles }) => !HISTORY_CHECKS.includes(check) && (roles !== undefined || !found.has(check)),
  );
  const seen = new Set<CheckId>();
  return all.filter(({ check, roles }) => {
    const isNew = roles !== undefined || !seen.has(check);
    seen.add(check);
    return isNew;
  });
}

function* skippedBySource({ discovery, jwks, provider, hosts }: Observation): Generator<SkippedCheck> {
  if (provider?.ok === false && provider.failure.code === 'AWS_SKIPPED')
    yield* skipAll(checksReading('provider'), becauseOf(provider.failure));
  if (!discovery.ok) yield* skipAll(checksReading('discovery'), becauseOf(discovery.failure));
  // Without a discovery document, nothing names the URL of the keys.
  const keys = jwks ?? discovery;
  if (!keys.ok) yield* skipAll(checksReading('jwks'), becauseOf(keys.failure));
  const unanswered = hosts.flatMap((host) => host.unanswered);
  if (unanswered.length > 0) {
    const reason = `${count(unanswered.length, 'handshake')} got no answer, so not every certificate chain was evaluated.`;
    yield* skipAll(checksReading('chains'), { code: 'no-answer', reason });
  }
}

/** The failure of a source as a reason. */
export const becauseOf = ({ code, message }: Failure): Omit<SkippedCheck, 'check'> => ({
  code: code === 'AWS_SKIPPED' ? 'aws-not-read' : 'not-read',
  reason: message,
});
