/** The report for a terminal: one line a target, the worst first, and under it what was found. */
import { openFindings } from '../../lambda/checks/suppressions';
import { isAbout } from '../../lambda/domain/checks';
import { STATEMENTS } from '../../lambda/domain/logins';
import type { Failure, Report, TargetReport } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { count } from '../../lambda/text/layout';
import { headline } from '../../lambda/report/text';
import type { Colour, Paint } from '../colour';
import { skippedLines } from './checks';
import { fit, pad, widthOf, wrapTo } from './columns';
import { INTERRUPTED, exitCodeOf, graveFindings, isBlind, isSkipped } from '../exit';
import type { Threshold } from '../exit';
import { withoutCommands } from './log-commands';
import { loginEffectOf, rankTargets, shortName, unmentionedFailure, withReason } from './ranking';
import type { Rank } from './ranking';
import { similarFindings, similarTargets } from './similar';
import type { FindingGroup, TargetGroup } from './similar';
import { skippedSentences } from '../../lambda/report/skipped';
import { remedySteps } from '../../lambda/remedies/steps';
import { nameOfThumbprint } from '../../lambda/report/thumbprint';

/** What the table needs to know of the terminal. */
export interface TableLook {
  readonly failOn: Threshold;
  readonly columns: number;
  readonly paint: Paint;
  readonly isInterrupted: boolean;
  /** `--fail-on-skipped`. @default false */
  readonly failOnSkipped?: boolean;
}

const MAX_COLUMNS = 100;
const MIN_COLUMNS = 60;
const STATUS = 16;
const ENFORCED = 8;
/** Of similar targets, and of similar findings. */
const MAX_LISTED = 10;
const LABEL = 10;

/** Renders a report for people: at most 100 columns, never more than the terminal has. */
export function renderTable(report: Report, look: TableLook): string {
  const { columns, paint } = look;
  const page: Page = {
    columns: Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns)),
    paint,
    shown: new Set(),
  };
  const lines = [
    ...wrapTo(headline(report), page.columns).map((line) => paint(line, 'strong')),
    ...loginLines(report, page),
    ...(report.notes ?? []).flatMap((note) => paragraph(note, '', page)),
    ...skippedSentences(report.skipped ?? []).flatMap((words) => paragraph(words, '', page)),
    ...report.failures.flatMap((failure) => failureLines(failure, '', page)),
    ...similarFindings(report.findings).flatMap((group) => findingLines(group, 1, '', page)),
    ...(report.targets.length === 0 ? [] : ['', header(page)]),
    ...rankTargets(report).flatMap((rank, index) => [...(index === 0 ? [] : ['']), ...rankLines(rank, page)]),
    '',
    ...ending(report, look).flatMap((words) => wrapTo(words, page.columns)),
  ];
  return `${withoutCommands(lines.map((line) => line.trimEnd()).join('\n'))}\n`;
}

/** `shown`: messages that the page has already, so that they need not be printed in full again. */
interface Page {
  readonly columns: number;
  readonly paint: Paint;
  readonly shown: Set<string>;
}

/** What the report means for logins, in one of the three fixed statements. */
function loginLines(report: Report, { paint }: Page): readonly string[] {
  const effect = loginEffectOf(report);
  return effect === null ? [] : [paint(STATEMENTS[effect], LOGIN_COLOURS[effect])];
}

const LOGIN_COLOURS = { fail: 'critical', unknown: 'medium', none: 'good' } as const;

const header = (page: Page): string =>
  page.paint(rowLines('STATUS', 'ENFORCED', ['ISSUER'], page).join('\n'), 'faint');

/** One row for each issuer. If one does not fit beside the status, all are below it, so that no column is cut. */
function rowLines(
  status: string,
  enforced: string,
  issuers: readonly string[],
  { columns }: Page,
): readonly string[] {
  const start = `  ${pad(status, STATUS)}  ${pad(enforced, ENFORCED)}`;
  const room = columns - start.length - 2;
  return issuers.every((issuer) => widthOf(issuer) <= room)
    ? issuers.map((issuer) => `${start}  ${issuer}`)
    : [start, ...issuers.map((issuer) => `    ${fit(issuer, columns - 4)}`)];
}

function rankLines({ severity, targets }: Rank, page: Page): readonly string[] {
  const groups = similarTargets(targets);
  if (severity !== null) {
    return [
      page.paint(severity.toUpperCase(), severity),
      ...groups.flatMap((group) => groupLines(group, page)),
    ];
  }
  const [skipped, clean] = [groups.filter(isSkippedGroup), groups.filter((group) => !isSkippedGroup(group))];
  return [
    ...(clean.length === 0 ? [] : [page.paint('NO OPEN FINDINGS', 'good')]),
    ...clean.flatMap((group) => groupLines(group, page)),
    ...(skipped.length === 0 ? [] : [page.paint('NO OPEN FINDINGS; IAM WAS NOT READ (--no-aws)', 'strong')]),
    ...skipped.flatMap((group) => groupLines(group, page)),
  ];
}

const isSkippedGroup = ([first]: TargetGroup): boolean => isSkipped(first);

/** The targets, and once what was found. A note of the report says what was skipped on purpose. */
function groupLines(group: TargetGroup, page: Page): readonly string[] {
  const [first] = group;
  const failure = isSkipped(first) ? null : unmentionedFailure(first);
  const issuers = group
    .slice(0, MAX_LISTED)
    .map(({ issuer }) => escapeForeign(issuer.replace(/^https:\/\//, '')));
  return [
    ...rowLines(first.status, ENFORCED_WORDS[String(first.enforced)] ?? '', issuers, page),
    ...(group.length > MAX_LISTED ? paragraph(more(group.length - MAX_LISTED), '    ', page) : []),
    ...(failure === null ? [] : failureLines(failure, '    ', page)),
    ...similarFindings(first.findings, first).flatMap((findings, index) =>
      findingLines(withOthers(findings, group, index), group.length, '    ', page),
    ),
    ...skippedLines(first).flatMap((words) => paragraph(words, '    ', page)),
    ...thumbprintLines(first, page),
  ];
}

const more = (amount: number): string => `and ${amount} more. To see all: --output json.`;

/** Similar targets have the same groups of findings, in the same order. */
const withOthers = (own: FindingGroup, [, ...others]: TargetGroup, index: number): FindingGroup => [
  ...own,
  ...others.flatMap((target) => similarFindings(target.findings, target)[index] ?? []),
];

const ENFORCED_WORDS: Readonly<Record<string, string>> = { true: 'yes', false: 'no', null: 'unknown' };

const failureLines = (failure: Failure, indent: string, page: Page): readonly string[] =>
  paragraph(`${failure.code} at step ${failure.step}: ${withReason(failure)}`, indent, page, {
    words: failure.code,
    colour: 'high',
  });

/** The first of similar findings, and the names of all. `targets`: to how many they belong. */
function findingLines(group: FindingGroup, targets: number, indent: string, page: Page): readonly string[] {
  const [finding] = group;
  const { check, severity, message, remedy, accepted } = finding;
  const title = `${check} ${severity}`;
  const example = group.every((one) => one.message === message) ? '' : ', for example';
  const amount = group.length === 1 ? '' : `, ${group.length} times${example}`;
  if (accepted !== undefined) {
    const words = `${title}${amount}, accepted until ${accepted.until}: ${accepted.reason}`;
    return paragraph(words, indent, page, { words: title, colour: 'faint' });
  }
  const words = `${title}${amount}: ${isChange(message, page) ? message : 'as above.'}`;
  const steps = remedySteps(remedy).filter(({ prose }) => prose !== '' && isChange(prose, page));
  return [
    ...paragraph(words, indent, page, { words: title, colour: severity }),
    ...subjectLines(group, targets).flatMap((list) => paragraph(list, `${indent}  `, page)),
    ...steps.flatMap(({ prose }, index) =>
      paragraph(`${index === 0 ? `Remedy${example}: ` : ''}${prose.replace(/:$/, '.')}`, `${indent}  `, page),
    ),
  ];
}

/** Providers of similar targets are in their rows. */
function subjectLines(group: FindingGroup, targets: number): readonly string[] {
  const subjects = [
    ...new Set(group.flatMap(({ subject }) => (subject === undefined ? [] : [shortName(subject)]))),
  ];
  const isListed = targets > 1 && group.every(({ check }) => !isAbout({ check }, 'trust'));
  if (subjects.length < 2 || isListed) return [];
  const rest = subjects.length - MAX_LISTED;
  const shown = subjects.slice(0, MAX_LISTED).join(', ');
  return [`All: ${shown}${rest > 0 ? ` ${more(rest)}` : ''}`];
}

function isChange(words: string, { shown }: Page): boolean {
  const isShown = shown.has(words);
  shown.add(words);
  return !isShown;
}

/** Wrapped, the lines after the first indented by two more; the words at its beginning painted. */
function paragraph(
  text: string,
  indent: string,
  { columns, paint }: Page,
  title?: { readonly words: string; readonly colour: Colour },
): readonly string[] {
  return wrapTo(text, columns - indent.length - 2).map((line, index) => {
    if (index > 0) return `${indent}  ${line}`;
    return title !== undefined && line.startsWith(title.words)
      ? `${indent}${paint(title.words, title.colour)}${line.slice(title.words.length)}`
      : `${indent}${line}`;
  });
}

/** The listed and the served thumbprints, if the reader must compare them or wants to know. */
function thumbprintLines(target: TargetReport, page: Page): readonly string[] {
  if (target.status === 'in-sync' || isBlind(target)) return [];
  return [
    ...(target.status === 'drifted' ? nameTargets('listed', target.listed, target, page) : []),
    ...nameTargets('expected', target.expected, target, page),
  ];
}

const nameTargets = (
  label: string,
  thumbprints: readonly string[],
  target: TargetReport,
  page: Page,
): readonly string[] =>
  (thumbprints.length === 0 ? ['none'] : thumbprints).map((thumbprint, index) => {
    const start = `    ${pad(index === 0 ? label : '', LABEL)}`;
    const name = nameOfThumbprint(thumbprint, target) ?? '';
    const line = `${start}${escapeForeign(thumbprint)}`;
    return name === ''
      ? fit(line, page.columns)
      : `${line}  ${page.paint(fitEnd(escapeForeign(name), page.columns - line.length - 2), 'faint')}`;
  });

/** The beginning of a name identifies it best. */
function fitEnd(text: string, columns: number): string {
  const [first = '', ...rest] = wrapTo(text, columns - 2);
  return rest.length === 0 ? first : `${first.replace(/[,;:(]$/, '')} …`;
}

function ending(report: Report, look: TableLook): readonly string[] {
  const { failOn, failOnSkipped, isInterrupted } = look;
  const { accepted } = report.summary;
  return [
    ...(accepted === 0 ? [] : [`${count(accepted, 'finding')} accepted.`]),
    ...(report.targets.some(hasCommand)
      ? ['To see the commands: --output markdown. To see lists for Terraform: --output terraform.']
      : []),
    isInterrupted
      ? `Exit code ${INTERRUPTED}: interrupted.`
      : `Exit code ${exitCodeOf(report, failOn, failOnSkipped)}: ${reasonOf(report, look)}`,
  ];
}

const hasCommand = ({ findings }: TargetReport): boolean =>
  openFindings(findings).some(({ remedy }) => remedySteps(remedy).some(({ command }) => command !== null));

function reasonOf(report: Report, { failOn, failOnSkipped }: TableLook): string {
  if (exitCodeOf(report, failOn) === 2) return 'not everything could be audited.';
  if (exitCodeOf(report, failOn, failOnSkipped) === 2) return 'checks were skipped (--fail-on-skipped).';
  const grave = graveFindings(report, failOn);
  const findings = grave.length === 0 ? 'no finding' : count(grave.length, 'finding');
  const skipped = report.targets.some(isSkipped) ? '; IAM was not read (--no-aws)' : '';
  return `${findings} at or above ${failOn}${skipped}.`;
}
