/** The report for a terminal: one line a target, the worst first, and under it what was found. */
import type { Failure, Finding, Report, TargetReport } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { count } from '../../lambda/text/layout';
import { headline } from '../../lambda/report/text';
import type { Colour, Paint } from '../colour';
import { fit, pad, wrapTo } from './columns';
import { INTERRUPTED, exitCodeOf, graveFindings, isBlind } from '../exit';
import type { Threshold } from '../exit';
import { withoutCommands } from './log-commands';
import { rankFindings, rankTargets, unmentionedFailure } from './ranking';
import type { Rank } from './ranking';
import { nameOfThumbprint } from '../../lambda/report/thumbprint';

/** What the table needs to know of the terminal. */
export interface TableLook {
  readonly failOn: Threshold;
  readonly columns: number;
  readonly paint: Paint;
  readonly isInterrupted: boolean;
}

const MAX_COLUMNS = 100;
const MIN_COLUMNS = 60;
const STATUS = 16;
const ENFORCED = 8;
/** From here on there is room for a CircleCI issuer beside the status and whether AWS enforces the list. */
const WIDE = 90;
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
    ...report.failures.flatMap((failure) => failureLines(failure, '', page)),
    ...rankFindings(report.findings).flatMap((finding) => findingLines(finding, '', page)),
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

const header = (page: Page): string => page.paint(row('STATUS', 'ENFORCED', 'ISSUER', page), 'faint');

function row(status: string, enforced: string, issuer: string, { columns }: Page): string {
  const start = `  ${pad(status, STATUS)}  ${columns < WIDE ? '' : `${pad(enforced, ENFORCED)}  `}`;
  return start + fit(issuer, columns - start.length);
}

const rankLines = ({ severity, targets }: Rank, page: Page): readonly string[] => [
  severity === null ? page.paint('NO OPEN FINDINGS', 'good') : page.paint(severity.toUpperCase(), severity),
  ...targets.flatMap((target) => targetLines(target, page)),
];

function targetLines(target: TargetReport, page: Page): readonly string[] {
  const failure = unmentionedFailure(target);
  const issuer = escapeForeign(target.issuer.replace(/^https:\/\//, ''));
  return [
    row(target.status, ENFORCED_WORDS[String(target.enforced)] ?? '', issuer, page),
    ...(failure === null ? [] : failureLines(failure, '    ', page)),
    ...rankFindings(target.findings).flatMap((finding) => findingLines(finding, '    ', page)),
    ...thumbprintLines(target, page),
  ];
}

const ENFORCED_WORDS: Readonly<Record<string, string>> = { true: 'yes', false: 'no', null: 'unknown' };

const failureLines = ({ code, step, message }: Failure, indent: string, page: Page): readonly string[] =>
  paragraph(`${code} at step ${step}: ${message}`, indent, page, { words: code, colour: 'high' });

function findingLines(finding: Finding, indent: string, page: Page): readonly string[] {
  const { check, severity, message, remedy, accepted } = finding;
  const title = `${check} ${severity}`;
  if (accepted !== undefined) {
    const words = `${title}, accepted until ${accepted.until}: ${accepted.reason}`;
    return paragraph(words, indent, page, { words: title, colour: 'faint' });
  }
  const [prose = ''] = remedy.split('\n');
  const words = `${title}: ${isChange(message, page) ? message : 'as above.'}`;
  return [
    ...paragraph(words, indent, page, { words: title, colour: severity }),
    ...(prose !== '' && isChange(prose, page)
      ? paragraph(`Remedy: ${prose.replace(/:$/, '.')}`, `${indent}  `, page)
      : []),
  ];
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

function ending(report: Report, { failOn, isInterrupted }: TableLook): readonly string[] {
  const { accepted } = report.summary;
  return [
    ...(accepted === 0 ? [] : [`${count(accepted, 'finding')} accepted.`]),
    ...(report.targets.some(hasCommand)
      ? ['Commands that mend it: --output markdown. Lists for Terraform: --output terraform.']
      : []),
    isInterrupted
      ? `Exit code ${INTERRUPTED}: interrupted.`
      : `Exit code ${exitCodeOf(report, failOn)}: ${verdict(report, failOn)}`,
  ];
}

const hasCommand = ({ findings }: TargetReport): boolean =>
  findings.some(({ remedy, accepted }) => accepted === undefined && remedy.includes('\n'));

function verdict(report: Report, failOn: Threshold): string {
  if (exitCodeOf(report, failOn) === 2) return 'not everything could be audited.';
  const grave = graveFindings(report, failOn);
  return grave.length === 0
    ? `no finding at or above ${failOn}.`
    : `${count(grave.length, 'finding')} at or above ${failOn}.`;
}
