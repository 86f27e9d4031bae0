/** The report as a person reads it: the verdict first, what to do second, the evidence last. */
import { effectOfFinding, effectOfTarget, worstEffect } from '../checks/login-effect';
import { openFindings } from '../checks/suppressions';
import { STATEMENTS } from '../domain/logins';
import type { LoginEffect } from '../domain/logins';
import type { Report, ReportedTrustStore, TargetReport } from '../domain/types';
import { escapeLines } from '../text/escape';
import { evidence } from './evidence';
import { MAX_NAMED, groupByCause, groupRemedies } from './group';
import type { TargetGroup } from './group';
import { count, section, wrap } from '../text/layout';
import { isAbout } from '../domain/checks';

/** A report before its text is written. */
export type UntoldReport = Omit<Report, 'text'>;

/** Renders a report in plain text, prose in lines of at most 78 columns. Ends in a newline. */
export function reportText(report: UntoldReport, mostGroups = 50): string {
  const groups = groupByCause(report.targets);
  const shown = groups.slice(0, mostGroups);
  const sections = [
    wrap(headline(report)),
    ...(report.action === 'test-alert' || report.targets.length === 0
      ? []
      : [STATEMENTS[effectOfReport(report)]]),
    ...[...new Set(verdicts(report, shown))].map((message) => wrap(message)),
    ...section('WHAT TO DO', shown.flatMap(remediesOf)),
    ...section(
      'EVIDENCE',
      shown.map((group) => evidence(group)),
    ),
    ...(report.trustStore === undefined ? [] : [publicRoots(report.trustStore)]),
    ...(groups.length > shown.length ? [omittedGroups(groups.length - shown.length)] : []),
  ];
  return `${escapeLines(sections.join('\n\n'))}\n`;
}

/** What the whole report means for logins. */
export const effectOfReport = ({ targets, findings, failures }: UntoldReport): LoginEffect =>
  worstEffect([
    ...targets.map(effectOfTarget),
    ...openFindings(findings).map((finding) => effectOfFinding(finding, null)),
    ...(failures.length > 0 ? (['unknown'] as const) : []),
  ]);

/** Lists of roots differ between versions, and the verdicts depend on them. */
const publicRoots = ({ node, roots }: ReportedTrustStore): string =>
  wrap(`Publicly trusted: verified by one of the ${count(roots, 'root certificate')} of Node.js ${node}.`);

const omittedGroups = (groups: number): string =>
  wrap(
    `Not shown in this text: ${count(groups, 'more group')} of targets. To see all: thumbprint-monitor audit --output json`,
  );

/** The report in one sentence. */
export function headline({
  action,
  summary,
  targets,
  account,
  failures,
}: Omit<UntoldReport, 'schemaVersion'>): string {
  if (action === 'test-alert')
    return 'A test message was published. Each confirmed subscription receives it.';
  const where = account === null ? '' : ` in AWS account ${account}`;
  const states: readonly (readonly [string, number])[] = [
    ['drift', summary.drifted],
    ['not audited', summary.notAudited],
    ['provider missing', summary.providerMissing],
  ];
  const counts = states.filter(([, amount]) => amount > 0).map(([state, amount]) => `${state} ${amount}`);
  const of = `${count(targets.length, 'target')}${where}`;
  if (counts.length > 0) return `Thumbprints: ${counts.join(', ')} of ${of}.`;
  if (failures.length > 0) return `Thumbprints: not everything could be checked${where}.`;
  if (targets.length === 0) return `Nothing to check${where}: no OIDC provider is configured or selected.`;
  return `Thumbprints: in sync ${targets.length} of ${of}.`;
}

function* verdicts(
  { findings, failures, notes = [] }: UntoldReport,
  groups: readonly TargetGroup[],
): Generator<string> {
  for (const { message } of [...findings, ...failures]) yield message;
  yield* notes;
  for (const [target, ...others] of groups) {
    const { failure } = target;
    const messages = openFindings(target.findings).map(({ message }) => message);
    yield* messages.filter((message) => message !== failure?.message);
    yield* others.slice(0, MAX_NAMED - 1).flatMap(accountMessages);
    if (failure !== undefined) yield `${failure.message} This is not drift: the check itself failed.`;
  }
}

/** Messages about the account's roles and providers differ between targets with the same checks. */
const accountMessages = ({ findings }: TargetReport): readonly string[] =>
  openFindings(findings)
    .filter((finding) => isAbout(finding, 'providers', 'trust'))
    .map(({ message }) => message);

const remediesOf = (group: TargetGroup): readonly string[] =>
  groupRemedies(group.map(({ findings }) => openFindings(findings).map(({ remedy }) => remedy)));
