/** The exit code of a run. */
import { openFindings } from '../lambda/checks/suppressions';
import type { Finding, Report, Severity, SkippedCheck, TargetReport } from '../lambda/domain/types';
import { atLeast } from '../lambda/domain/severity';

/** 0: clean. 1: findings at or above the threshold. 2: something was not audited; it outranks 1. */
export type ExitCode = 0 | 1 | 2;

/** Interrupted by Ctrl-C: 128 and the number of SIGINT, as in shells. */
export const INTERRUPTED = 130;

/** The severity from which on a finding makes the exit code 1. */
export type Threshold = Exclude<Severity, 'info'>;

/** The thresholds, the lowest first. */
export const THRESHOLDS = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Threshold[];

/** IAM was left out on purpose, with `--no-aws`. */
export const isSkipped = ({ failure }: TargetReport): boolean => failure?.code === 'AWS_SKIPPED';

/** Could not be audited, although it should have been. */
export const isBlind = (target: TargetReport): boolean => target.failure !== undefined && !isSkipped(target);

/** The findings that are not accepted and whose severity is at least the threshold. */
export const graveFindings = ({ findings, targets }: Report, failOn: Threshold): readonly Finding[] =>
  openFindings([...findings, ...targets.flatMap((target) => target.findings)]).filter(({ severity }) =>
    atLeast(severity, failOn),
  );

/**
 * What `--fail-on-skipped` counts: not the checks that compare with earlier runs, which only the deployed monitor
 * knows.
 */
export const skippedIn = ({ skipped = [], targets }: Report): readonly SkippedCheck[] =>
  [...skipped, ...targets.flatMap(({ skipped: own = [] }) => own)].filter(({ code }) => code !== 'no-state');

/** The exit code by the report's content. */
export function exitCodeOf(report: Report, failOn: Threshold, failOnSkipped = false): ExitCode {
  if (report.failures.length > 0 || report.targets.some(isBlind)) return 2;
  if (failOnSkipped && skippedIn(report).length > 0) return 2;
  return graveFindings(report, failOn).length > 0 ? 1 : 0;
}
