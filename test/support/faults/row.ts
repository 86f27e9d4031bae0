/** Whether the result of a run is what the row of its fault expects. */
import type { TargetReport } from '../../../lambda/domain/types';
import type { Run } from './run';
import type { Stage } from './stage';
import type { Act } from './story';

/** Sentences about unexpected results. */
export function unmet(
  { fault: { expected }, victim }: Act,
  runs: readonly Run[],
  stage: Stage,
): readonly string[] {
  const problems = runs.slice(0, 1).flatMap(({ report, error }): readonly string[] => {
    const name = error instanceof Error ? error.name : String(error);
    if (expected.error !== undefined) return expected.error === name ? [] : [`It failed with ${name}.`];
    if (report === null) return [`It failed: ${String(error)}`];
    const target = report.targets.find(({ issuer }) => issuer === victim.issuer);
    const found = report.failures.map(({ code }) => code);
    const missing = (expected.failures ?? []).filter((code) => !found.includes(code));
    return [
      ...missing.map((code) => `${code} is not among the failures: ${found.join(', ') || 'there are none'}.`),
      ...(target === undefined ? ['The victim is not in the report.'] : unmetBy(target, expected)),
      ...(expected.says?.test(report.text.replaceAll(/\s+/g, ' ')) === false
        ? [`The text does not say ${String(expected.says)}: ${report.text}`]
        : []),
    ];
  });
  return [...problems, ...(problems.length === 0 ? (expected.more?.(stage, runs) ?? []) : [])];
}

function unmetBy(
  { status, failure, findings }: TargetReport,
  { codes, status: wanted, checks = [] }: Act['fault']['expected'],
): readonly string[] {
  const state = wanted ?? (codes === undefined ? 'in-sync' : 'not-audited');
  const found = findings.map(({ check }) => check);
  return [
    ...(status === state
      ? []
      : [`The victim is ${status} (${failure?.code ?? 'no failure'}), not ${state}.`]),
    ...(codes === undefined || (failure !== undefined && codes.includes(failure.code))
      ? []
      : [`The victim's failure is ${JSON.stringify(failure ?? null)}, not ${codes.join(' or ')}.`]),
    ...checks
      .filter((check) => !found.includes(check))
      .map((check) => `${check} is not among the findings: ${found.join(', ')}.`),
  ];
}
