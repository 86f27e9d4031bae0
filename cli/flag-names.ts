/** The texts of an audit name keys of the configuration; who uses the command line has flags instead. */
import type { Failure, Finding, Report, SkippedCheck, TargetReport } from '../lambda/domain/types';
import { withText } from '../lambda/report/assemble';

/** The first ones contain the later ones. Keys in other positions are names that others chose, and stay. */
const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/\bin issuers\b/g, 'with --issuer'],
  [/\bto issuers\b/g, 'with --issuer'],
  [/\b(host of )a configured issuer\b/g, '$1an issuer that is named with --issuer'],
  [/\bno configured issuer\b/g, 'no issuer that is named with --issuer'],
  [/\bno issuer is configured, or only\b/g, 'no issuer is named with --issuer, or only'],
  [/\bin trustAnchors\b/g, 'with --ca-file'],
  [/\bto trustAnchors\b/g, 'to the file of --ca-file'],
  [/(?<=^|\s)trustAnchors\b/g, '--ca-file'],
  [/\bno configured trust anchor\b/g, 'no certificate of --ca-file'],
  [/\b(?:set )allowPrivateNetworks\b/g, 'add --allow-private-networks'],
  [/(?<=^|\s)allowPrivateNetworks\b/g, '--allow-private-networks'],
  [/\bremove the issuer from the configuration\b/g, 'omit its --org or --issuer'],
  [/\bto accept in the configuration\b/g, 'to the file of --accept'],
  [/\bentries of accept\b/g, 'entries of --accept'],
  [/\bis configured or selected\b/g, 'is selected'],
];

/** A text with flags instead of keys. */
export const inFlags = (text: string): string =>
  FLAGS.reduce((changed, [key, flag]) => changed.replaceAll(key, flag), text);

/** How a run of the command line selects more providers, as a clause. */
export const SELECT_BY = 'omit --discover, or add --issuer URL for one of them';

/** The report of an audit with flags instead of keys, and with these notes after its own. */
export function reportInFlags({ text: _, ...report }: Report, notes: readonly string[]): Report {
  const all = [...(report.notes ?? []).map(inFlags), ...notes];
  const changed = withText({
    ...report,
    ...(all.length === 0 ? {} : { notes: all }),
    failures: report.failures.map(failureInFlags),
    ...(report.skipped === undefined ? {} : { skipped: report.skipped.map(skippedInFlags) }),
    findings: report.findings.map(findingInFlags),
    targets: report.targets.map(targetInFlags),
  });
  return { ...changed, text: inFlags(changed.text) };
}

const failureInFlags = (failure: Failure): Failure => ({ ...failure, message: inFlags(failure.message) });

const findingInFlags = (finding: Finding): Finding => ({
  ...finding,
  message: inFlags(finding.message),
  remedy: inFlags(finding.remedy),
});

const skippedInFlags = (skipped: SkippedCheck): SkippedCheck => ({
  ...skipped,
  reason: inFlags(skipped.reason),
});

const targetInFlags = ({ failure, ...target }: TargetReport): TargetReport => ({
  ...target,
  ...(target.skipped === undefined ? {} : { skipped: target.skipped.map(skippedInFlags) }),
  findings: target.findings.map(findingInFlags),
  ...(failure === undefined ? {} : { failure: failureInFlags(failure) }),
});
