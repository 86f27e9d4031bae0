/** The report as a person reads it: the verdict first, what to do second, the evidence last. */
import { effectOfFinding, effectOfTarget, worstEffect } from '../checks/login-effect';
import { openFindings } from '../checks/suppressions';
import { STATEMENTS } from '../domain/logins';
import type { LoginEffect } from '../domain/logins';
import { groupBy } from '../domain/group';
import type { NonEmpty } from '../domain/group';
import { compareSeverity } from '../domain/severity';
import type { Finding, Report, ReportedTrustStore, TargetReport } from '../domain/types';
import { escapeLines } from '../text/escape';
import { evidence } from './evidence';
import { fewPolicies } from '../remedies/policies';
import { groupByCause, groupRemedies } from './group';
import { nameOfFinding, needsList, textsOfSimilar } from './similar';
import { skippedInReport } from './skipped';
import { count, section, wrap } from '../text/layout';

/** A report before its text is written. */
export type UntoldReport = Omit<Report, 'text'>;

/** Renders a report in plain text, prose in lines of at most 78 columns. Ends in a newline. */
export function reportText(report: UntoldReport, mostGroups = 20): string {
  const groups = groupByCause(report.targets);
  const shown = groups.slice(0, mostGroups);
  const similar = similarFindings(report);
  const limited = fewPolicies();
  const sections = [
    wrap(headline(report)),
    ...(report.action === 'test-alert' || report.targets.length === 0
      ? []
      : [STATEMENTS[effectOfReport(report)]]),
    ...[...report.failures.map(({ message }) => message), ...(report.notes ?? [])].map((words) =>
      wrap(words),
    ),
    ...new Set([...similar.flatMap(explain), ...failuresOf(report.targets)]),
    ...section(
      'WHAT TO DO',
      similar.flatMap((each) => groupRemedies(each.map(({ finding }) => [limited(finding.remedy)]))),
    ),
    ...section(
      'SKIPPED',
      skippedInReport(report).map((words) => wrap(words)),
    ),
    ...section(
      'EVIDENCE',
      shown.map((group) => evidence(group)),
    ),
    ...(report.trustStore === undefined ? [] : [publicRoots(report.trustStore)]),
    ...(groups.length > shown.length ? [omittedGroups(groups.length - shown.length)] : []),
  ];
  return `${escapeLines(sections.join('\n\n'))}\n`;
}

/** An open finding. `issuer` null: it belongs to the account. */
interface PlacedFinding {
  readonly finding: Finding;
  readonly issuer: string | null;
}

/** Open findings of one check and severity are similar: the most severe first. */
function similarFindings({ findings, targets }: UntoldReport): readonly NonEmpty<PlacedFinding>[] {
  const placed = [
    ...openFindings(findings).map((finding): PlacedFinding => ({ finding, issuer: null })),
    ...targets.flatMap((target) =>
      openFindings(target.findings).map((finding): PlacedFinding => ({ finding, issuer: target.issuer })),
    ),
  ];
  return [
    ...groupBy(placed, ({ finding: { check, severity } }) => JSON.stringify([check, severity])).values(),
  ].sort(([a], [b]) => compareSeverity(b.finding.severity, a.finding.severity));
}

const MAX_LISTED = 20;

/** The texts of similar findings, and a list if there are many. */
function explain(similar: NonEmpty<PlacedFinding>): readonly string[] {
  const findings = similar.map(({ finding }) => finding);
  const texts = textsOfSimilar(findings).map((words) => wrap(words));
  if (!needsList(findings)) return texts;
  const names = [...new Set(similar.map(({ finding, issuer }) => nameOfFinding(finding, issuer)))];
  const rest = names.length - MAX_LISTED;
  const lines = [...names.slice(0, MAX_LISTED), ...(rest > 0 ? [`and ${rest} more`] : [])];
  return [...texts, lines.map((line) => `  ${line}`).join('\n')];
}

/** Why targets were not audited, each reason once. A finding may have said it already. */
const failuresOf = (targets: readonly TargetReport[]): readonly string[] =>
  [
    ...new Set(
      targets.flatMap(({ failure, findings }) => {
        if (failure === undefined) return [];
        const isSaid = openFindings(findings).some(({ message }) => message === failure.message);
        return [`${isSaid ? '' : `${failure.message} `}${NOT_DRIFT}`];
      }),
    ),
  ].map((words) => wrap(words));

const NOT_DRIFT = 'What was not audited is not reported as drift: the check itself failed.';

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
