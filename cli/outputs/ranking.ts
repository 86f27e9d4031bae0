/** Targets in the order in which people want to read them. */
import { openFindings } from '../../lambda/checks/suppressions';
import type { Failure, Finding, Report, Severity, TargetReport } from '../../lambda/domain/types';
import { compareSeverity, gravest } from '../../lambda/domain/severity';
import { effectOfReport } from '../../lambda/report/text';
import type { LoginEffect } from '../../lambda/domain/logins';
import { withAwsWords } from '../aws-problems';
import { isBlind } from '../exit';

/** Targets of one severity; null: nothing was found. */
export interface Rank {
  readonly severity: Severity | null;
  readonly targets: readonly TargetReport[];
}

const RANKS: readonly (Severity | null)[] = ['critical', 'high', 'medium', 'low', 'info', null];

/** Worst first, in each rank in the order of the report. Targets not audited rank as high, as in alerts. */
export const rankTargets = ({ targets }: Report): readonly Rank[] =>
  RANKS.map((severity) => ({
    severity,
    targets: targets.filter((target) => gravityOf(target) === severity),
  })).filter((rank) => rank.targets.length > 0);

const gravityOf = (target: TargetReport): Severity | null =>
  gravest([
    ...openFindings(target.findings).map(({ severity }) => severity),
    ...(isBlind(target) ? ['high' as const] : []),
  ]);

/** Open findings first, the highest severity first. */
export const rankFindings = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort(
    (a, b) =>
      Number(a.accepted !== undefined) - Number(b.accepted !== undefined) ||
      compareSeverity(b.severity, a.severity),
  );

/** What a report means for logins: what its text says. Null: it is about none. */
export const loginEffectOf = (report: Report): LoginEffect | null =>
  report.action === 'test-alert' || report.targets.length === 0 ? null : effectOfReport(report);

/** The message of a failure. If AWS denied a call, also what AWS said: it names the policy. */
export const withReason = ({ code, message, detail = '' }: Failure): string =>
  code === 'AWS_ACCESS_DENIED' ? withAwsWords(message, detail) : message;

/** The failure, unless a finding says the same. */
export const unmentionedFailure = ({ failure, findings }: TargetReport): Failure | null =>
  failure === undefined || findings.some(({ message }) => message === failure.message) ? null : failure;

/** The name of a role in its ARN; another subject as it is. */
export const shortName = (subject: string): string => subject.replace(/^arn:[^/]*:role\/(?:.*\/)?/s, '');
