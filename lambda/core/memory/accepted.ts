/** Findings that somebody has acknowledged: they stay in the report, and nobody is told again until the date. */
import type { AcceptedFinding } from '../config';
import type { CheckId, Finding, TargetReport } from '../domain';
import { quote } from '../text/quote';

/**
 * A target whose accepted findings are marked; they stay where they were. Check and issuer must be the same, the issuer
 * character by character. An entry whose date is over covers nothing: its finding is open and says so.
 */
export const markAccepted = (
  target: TargetReport,
  accept: readonly AcceptedFinding[],
  now: Date,
): TargetReport => {
  const entries = accept.filter(({ issuer }) => issuer === target.issuer);
  return entries.length === 0
    ? target
    : { ...target, findings: target.findings.map((finding) => mark(finding, entries, now)) };
};

/** Whether a check of an issuer is acknowledged today, found or not. */
export const isAccepted = (
  check: CheckId,
  issuer: string,
  accept: readonly AcceptedFinding[],
  now: Date,
): boolean =>
  accept.some((entry) => entry.check === check && entry.issuer === issuer && now < endOf(entry.until));

/** The findings that nobody has acknowledged. They alone count for severity, exit codes and alerts. */
export const openFindings = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding.accepted === undefined);

function mark(finding: Finding, entries: readonly AcceptedFinding[], now: Date): Finding {
  const entry = entries.find(({ check }) => check === finding.check);
  if (entry === undefined) return finding;
  const { reason, until } = entry;
  if (now < endOf(until)) return { ...finding, accepted: { reason, until } };
  return { ...finding, message: `${finding.message} It was accepted until ${until}: ${quote(reason)}.` };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day is meant to its end, in UTC; a time, which always names its zone, is meant as it stands. */
function endOf(until: string): Date {
  return until.includes('T') ? new Date(until) : new Date(Date.parse(until) + DAY_MS);
}
