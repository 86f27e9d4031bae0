/** The report for a job summary, in GitHub Flavored Markdown. */
import type { Finding, Report, TargetReport } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { skippedSentences } from '../../lambda/report/skipped';
import { headline } from '../../lambda/report/text';
import { STATEMENTS } from '../../lambda/domain/logins';
import { isHereDocument, remedySteps } from '../../lambda/remedies/steps';
import { exitCodeOf, isSkipped } from '../exit';
import { skippedLines } from './checks';
import { withoutCommands } from './log-commands';
import type { Threshold } from '../exit';
import { loginEffectOf, rankFindings, rankTargets, unmentionedFailure, withReason } from './ranking';
import { nameOfThumbprint } from '../../lambda/report/thumbprint';

/** Renders a report. Texts of others cannot become markup, links, images or HTML. */
export function renderMarkdown(report: Report, failOn: Threshold, failOnSkipped = false): string {
  const targets = rankTargets(report).flatMap((rank) => rank.targets);
  const detailed = targets.filter(hasMore);
  const blocks = [
    `# ${markOf(report, failOn, failOnSkipped)} OIDC trust of AWS IAM`,
    prose(headline(report)),
    ...statements(report),
    ...(report.notes ?? []).map(prose),
    ...skippedSentences(report.skipped ?? []).map(prose),
    ...report.failures.map((failure) => `- **${failure.code}** ${prose(withReason(failure))}`),
    ...rankFindings(report.findings).map(findingBlock),
    ...(targets.length === 0 ? [] : [overview(targets)]),
    ...detailed.slice(0, MAX_DETAILED).map(details),
    ...(detailed.length > MAX_DETAILED
      ? [
          `${detailed.length - MAX_DETAILED} more targets are not shown in detail. To see all: \`--output json\`.`,
        ]
      : []),
  ];
  return `${withoutCommands(blocks.join('\n\n'))}\n`;
}

/** GitHub takes 1 MiB of summary a step. */
const MAX_DETAILED = 100;

const MARKS = { 0: '✅', 1: '❌', 2: '⚠️' } as const;
const SKIPPED = '⚪';

/** Nothing that was skipped is shown as passed. */
function markOf(report: Report, failOn: Threshold, failOnSkipped: boolean): string {
  const code = exitCodeOf(report, failOn, failOnSkipped);
  const isIncomplete = report.targets.length === 0 || report.targets.some(isSkipped);
  return code === 0 && isIncomplete && report.action !== 'test-alert' ? SKIPPED : MARKS[code];
}

/** What the report means for logins. */
function statements(report: Report): readonly string[] {
  const effect = loginEffectOf(report);
  return effect === null ? [] : [`**${STATEMENTS[effect]}**`];
}

/** Characters with a meaning in GFM. Escaped by backslash, which CommonMark section 2.4 permits for all of them. */
const MEANING = /[\\`*_~[\]{}<>|&#!]/g;

/** A text of others in a line of markdown. Addresses stay text, too: nothing becomes a link. */
const prose = (text: string): string =>
  escapeForeign(text)
    .replaceAll(MEANING, (character) => ENTITIES[character] ?? `\\${character}`)
    .replaceAll(
      /:\/\/|www\.|@/gi,
      (found) => `${found.slice(0, -1)}&#${found.charCodeAt(found.length - 1)};`,
    );

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** A text of others as code, on one line. CommonMark section 6.1: the fence is longer than any run of backticks. */
function code(text: string): string {
  const shown = escapeForeign(text);
  const fence = '`'.repeat(longestRun(shown) + 1);
  return shown.includes('`') ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** GFM section 4.10: a table splits at pipes before it parses code. */
const cellOf = (text: string): string => code(text).replaceAll('|', '\\|');

const overview = (targets: readonly TargetReport[]): string =>
  [
    '| status | list enforced | issuer | findings |',
    '|---|---|---|---|',
    ...targets.map(({ status, enforced, issuer, findings }) => {
      const ids = rankFindings(findings).map(({ check, severity, accepted }) =>
        accepted === undefined ? `${check} (${severity})` : `${check} (${severity}, accepted)`,
      );
      return `| ${status} | ${ENFORCED[String(enforced)] ?? ''} | ${cellOf(issuer)} | ${ids.join(', ')} |`;
    }),
  ].join('\n');

const ENFORCED: Readonly<Record<string, string>> = { true: 'yes', false: 'no', null: 'unknown' };

const hasMore = (target: TargetReport): boolean =>
  target.findings.length > 0 || target.failure !== undefined || skippedLines(target).length > 0;

function details(target: TargetReport): string {
  const failure = unmentionedFailure(target);
  return [
    `## ${code(target.issuer)}`,
    ...(failure === null
      ? []
      : [`- **${failure.code}** at step ${failure.step}: ${prose(withReason(failure))}`]),
    ...rankFindings(target.findings).map(findingBlock),
    ...skippedLines(target).map((words) => `- ${prose(words)}`),
    ...thumbprints(target),
  ].join('\n\n');
}

function findingBlock({ check, severity, message, remedy, accepted }: Finding): string {
  if (accepted !== undefined) {
    return `- **${check}** (${severity}), accepted until ${accepted.until}: ${prose(accepted.reason)}`;
  }
  return [
    `- **${check}** (${severity}) ${prose(message)}`,
    ...remedySteps(remedy).flatMap(({ prose: words, command }) => [
      ...(words === '' ? [] : [`  ${prose(words)}`]),
      ...(command === null ? [] : [fenced(command.split('\n'))]),
    ]),
  ].join('\n\n');
}

/** CommonMark section 4.5, inside a list item. */
function fenced(lines: readonly string[]): string {
  const shown = lines.map(escapeForeign);
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1));
  // A here-document works only if it is not indented, also where somebody copies it from the text.
  const indent = isHereDocument(lines.join('\n')) ? '' : '  ';
  return [`${fence}sh`, ...shown, fence].map((line) => `${indent}${line}`).join('\n');
}

function thumbprints(target: TargetReport): readonly string[] {
  const { listed, expected, status } = target;
  const rows = [...new Set([...listed, ...expected])].map((thumbprint) => {
    const name = nameOfThumbprint(thumbprint, target);
    const marks = [listed, expected].map((list) => (list.includes(thumbprint) ? 'yes' : ''));
    return `| ${cellOf(thumbprint)} | ${marks.join(' | ')} | ${name === null ? '' : prose(name)} |`;
  });
  return rows.length === 0 || status === 'in-sync'
    ? []
    : [['| thumbprint | listed | expected | certificate |', '|---|---|---|---|', ...rows].join('\n')];
}
