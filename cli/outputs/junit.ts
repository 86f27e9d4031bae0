/** The report as JUnit XML: one suite a target, one case a check, so that CI systems list them as tests. */
import type { Finding, Report, TargetReport } from '../../lambda/domain/types';
import { headline } from '../../lambda/report/text';
import { escapeForeign } from '../../lambda/text/escape';
import { openFindings } from '../../lambda/checks/suppressions';
import { atLeast } from '../../lambda/domain/severity';
import { isEvaluatedByAudit, notEvaluatedReason, skippedReason } from './checks';
import { withoutCommands } from './log-commands';
import { remedySteps } from '../../lambda/remedies/steps';
import { isBlind } from '../exit';
import { withReason } from './ranking';
import type { Threshold } from '../exit';
import { CHECK_IDS, checkOf } from '../../lambda/domain/checks';
import type { CheckId } from '../../lambda/domain/checks';

/**
 * Renders a report in the form that Jenkins's junit-10.xsd describes. CircleCI shows of a failed case its name, class
 * name, message and text: https://circleci.com/docs/collect-test-data/
 */
export function renderJunit(report: Report, failOn: Threshold): string {
  const suites = [
    runSuite(report, failOn),
    ...report.targets.map((target) => targetSuite(target, failOn)),
  ].filter(({ cases }) => cases.length > 0);
  const seconds = ((Date.parse(report.finishedAt) - Date.parse(report.startedAt)) / 1000).toFixed(3);
  const cases = suites.flatMap((suite) => suite.cases);
  const attributes = { name: 'thumbprint-monitor', time: seconds, ...counts(cases) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${written(attributes)}>`,
    ...suites.flatMap((suite) => suiteLines(suite, report.startedAt)),
    '</testsuites>',
    '',
  ].join('\n');
}

type CaseResult = 'passed' | 'failure' | 'error' | 'skipped';

/** `message` is one line, `text` may be several. */
interface Case {
  readonly name: string;
  readonly result: CaseResult;
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

const caseOf = (name: string, result: CaseResult, type = '', message = '', text = ''): Case => ({
  name,
  result,
  type,
  message,
  text,
});

/** What belongs to no target. */
function runSuite(report: Report, failOn: Threshold): Suite {
  const { failures, findings, notes = [], skipped = [] } = report;
  // A run without targets has audited nothing, so it does not pass.
  const isEmpty = report.action !== 'test-alert' && report.targets.length + failures.length === 0;
  return {
    name: 'run',
    cases: [
      ...(isEmpty ? [caseOf('audited', 'skipped', 'skipped', headline(report))] : []),
      ...failures.map((failure) =>
        caseOf(`audited: ${failure.step}`, 'error', failure.code, withReason(failure)),
      ),
      ...notes.map((note, index) => caseOf(`note ${index + 1}`, 'skipped', 'note', note)),
      ...[...new Set(findings.map(({ check }) => check))].map((check) => foundCase(check, findings, failOn)),
      ...skipped
        .filter(({ check }) => !findings.some((finding) => finding.check === check))
        .map(({ check, reason }) => caseOf(caseNameOf(check), 'skipped', 'skipped', reason)),
    ],
  };
}

function targetSuite(target: TargetReport, failOn: Threshold): Suite {
  return {
    name: target.issuer,
    cases: [
      auditedCase(target),
      ...CHECK_IDS.flatMap((check) => {
        if (target.findings.some((finding) => finding.check === check)) {
          return [foundCase(check, target.findings, failOn, skippedReason(check, target))];
        }
        return isEvaluatedByAudit(checkOf(check)) ? [unfoundCase(check, target)] : [];
      }),
    ],
  };
}

function auditedCase(target: TargetReport): Case {
  const { failure } = target;
  if (failure === undefined) return caseOf('audited', 'passed');
  return caseOf('audited', isBlind(target) ? 'error' : 'skipped', failure.code, withReason(failure));
}

const caseNameOf = (check: CheckId): string => `${check} ${checkOf(check).title}`;

function unfoundCase(check: CheckId, target: TargetReport): Case {
  const reason = notEvaluatedReason(checkOf(check), target);
  return reason === null
    ? caseOf(caseNameOf(check), 'passed')
    : caseOf(caseNameOf(check), 'skipped', 'skipped', reason);
}

/**
 * A check with findings fails from the threshold on. Below it passes, and its output lists the findings, unless it was
 * not done for some roles or could not decide. `skipped`: why it was not done.
 */
function foundCase(
  check: CheckId,
  findings: readonly Finding[],
  failOn: Threshold,
  skipped: string | null = null,
): Case {
  const mine = findings.filter((finding) => finding.check === check);
  const open = openFindings(mine);
  const grave = open.filter(({ severity }) => atLeast(severity, failOn));
  const text = open
    .map(({ severity, message, remedy }) => [`${severity}: ${message}`, ...stepsOf(remedy)].join('\n\n'))
    .join('\n\n');
  const [first] = grave;
  if (first !== undefined) return caseOf(caseNameOf(check), 'failure', first.severity, first.message, text);
  const undecided = open.find(({ notEvaluated }) => notEvaluated === true);
  const reason = skipped ?? undecided?.message ?? null;
  if (reason !== null) return caseOf(caseNameOf(check), 'skipped', 'not-evaluated', reason, text);
  const [accepted] = mine.flatMap((finding) => (finding.accepted === undefined ? [] : [finding.accepted]));
  if (open.length > 0 || accepted === undefined) return caseOf(caseNameOf(check), 'passed', '', '', text);
  const words = `Accepted until ${accepted.until}: ${accepted.reason}`;
  return caseOf(caseNameOf(check), 'skipped', 'accepted', words);
}

/** Each command directly below its sentence. */
const stepsOf = (remedy: string): readonly string[] =>
  remedySteps(remedy).map(({ prose, command }) => [prose, ...(command === null ? [] : [command])].join('\n'));

const counts = (cases: readonly Case[]): Record<'tests' | 'failures' | 'errors', string> => ({
  tests: String(cases.length),
  failures: String(cases.filter(({ result }) => result === 'failure').length),
  errors: String(cases.filter(({ result }) => result === 'error').length),
});

function suiteLines({ name, cases }: Suite, timestamp: string): readonly string[] {
  const skipped = String(cases.filter(({ result }) => result === 'skipped').length);
  return [
    `  <testsuite${written({ name, ...counts(cases), skipped, time: '0', timestamp })}>`,
    ...cases.flatMap((one) => caseLines(one, name)),
    '  </testsuite>',
  ];
}

function caseLines({ name, result, type, message, text }: Case, classname: string): readonly string[] {
  const start = `    <testcase${written({ name, classname, time: '0' })}`;
  const body =
    result === 'passed' ? xmlElement('system-out', {}, text) : xmlElement(result, { type, message }, text);
  return result === 'passed' && text === ''
    ? [`${start}/>`]
    : [`${start}>`, `      ${body}`, '    </testcase>'];
}

const xmlElement = (name: string, attributes: Readonly<Record<string, string>>, text: string): string =>
  text === ''
    ? `<${name}${written(attributes)}/>`
    : `<${name}${written(attributes)}>${text.split('\n').map(xml).join('\n')}</${name}>`;

const written = (attributes: Readonly<Record<string, string>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xml(value)}"`)
    .join('');

/** XML 1.0 section 2.2 permits no control character, escaped or not, and neither U+FFFE nor U+FFFF. */
const xml = (text: string): string =>
  withoutCommands(
    escapeForeign(text)
      .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character),
    CHARACTER_REFERENCES,
  );

const CHARACTER_REFERENCES = { hash: '&#35;', colon: '&#58;' } as const;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
