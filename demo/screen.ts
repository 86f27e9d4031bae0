/** How a terminal of 80 columns shows the events of the demo. Only commands are longer: a broken one cannot be pasted. */
import type { Paint } from '../cli/colour';
import { pad, wrapTo } from '../cli/outputs/columns';
import { count, showTime } from '../lambda/text/layout';
import type { Mail, ShownFinding, StoryEvent } from './story';

const COLUMNS = 80;
const INDENT = '   ';
const LABEL_COLUMNS = 10;
/** Of a mail, at most so many lines are shown. */
const MAIL_LINES = 8;

/** The lines that show an event. */
export type Screen = (event: StoryEvent) => readonly string[];

/** A screen counts the steps, so each run of the demo has its own. */
export function newScreen(paint: Paint): Screen {
  let steps = 0;
  return (event) => {
    switch (event.kind) {
      case 'intro':
        return [
          '',
          paint(event.title, 'strong'),
          ...event.paragraphs.flatMap((text) => ['', ...prose(text)]),
        ];
      case 'step':
        steps += 1;
        return [
          '',
          paint(`${steps}. ${event.title}`, 'strong'),
          paint(`${INDENT}${showTime(event.at.toISOString())}`, 'faint'),
          ...prose(event.explanation, INDENT),
          '',
        ];
      case 'run':
        return labelled(
          'monitor',
          `${event.runs === 1 ? '' : `${event.runs} runs, the last one: `}${count(event.inSync, 'provider')} in sync, ${event.drifted} drifted`,
        );
      case 'finding':
        return findingLines(event.finding, paint);
      case 'mail':
        return event.mail === null ? labelled('mail', 'none') : mailLines(event.mail, paint);
      case 'login':
        return event.login.works
          ? labelled('CI job', `login works: ${event.login.identity.replace(/^.*:/, '')}`, (text) =>
              paint(text, 'good'),
            )
          : labelled('CI job', `login FAILED: ${event.login.reason}`, (text) => paint(text, 'critical'));
      case 'fix':
        return fixLines(event.steps);
      case 'unexpected':
        return prose(`UNEXPECTED: ${event.message}`, INDENT).map((line) => paint(line, 'critical'));
      case 'end':
        return endLines(event.asExpected, paint);
    }
  };
}

const prose = (text: string, indent = ''): readonly string[] =>
  wrapTo(text, COLUMNS - indent.length).map((line) => `${indent}${line}`);

/** A text beside its label. */
function labelled(
  label: string,
  text: string,
  paintLine: (line: string) => string = (line) => line,
): readonly string[] {
  return wrapTo(text, COLUMNS - INDENT.length - LABEL_COLUMNS).map(
    (line, index) => `${INDENT}${pad(index === 0 ? label : '', LABEL_COLUMNS)}${paintLine(line)}`,
  );
}

function findingLines({ check, severity, message }: ShownFinding, paint: Paint): readonly string[] {
  const tag = `[${severity}]`;
  return labelled('finding', `${tag} ${check}: ${message}`, (line) =>
    line.startsWith(tag) ? `${paint(tag, severity)}${line.slice(tag.length)}` : line,
  );
}

/** Who receives it, its subject and its first lines. The mail is wrapped already, so that it fits beside the frame. */
function mailLines({ to, subject, body }: Mail, paint: Paint): readonly string[] {
  const lines = body.trimEnd().split('\n');
  const shown = firstLines(lines);
  const omitted = lines.slice(shown.length).filter((line) => line !== '').length;
  const frame = paint('|', 'faint');
  const inFrame = (line: string): string => (line === '' ? frame : `${frame} ${line}`);
  const [first = '', ...more] = wrapTo(subject, COLUMNS - 2 - SUBJECT.length);
  return [
    ...labelled('mail', `sent to ${to}:`),
    '',
    ...[`${SUBJECT}${first}`, ...more.map((line) => `${' '.repeat(SUBJECT.length)}${line}`)].map((line) =>
      inFrame(paint(line, 'strong')),
    ),
    frame,
    ...shown.flatMap((line) => (line === '' ? [''] : fitted(line))).map(inFrame),
    ...(omitted === 0 ? [] : [frame, inFrame(paint(`(and ${count(omitted, 'more line')})`, 'faint'))]),
    '',
  ];
}

const SUBJECT = 'Subject: ';

/** The lines before the first heading, which is in capitals. */
function firstLines(lines: readonly string[]): readonly string[] {
  const heading = lines.findIndex((line) => /^[A-Z ]+$/.test(line));
  const shown = lines.slice(0, Math.min(heading === -1 ? lines.length : heading, MAIL_LINES));
  return shown.slice(0, shown.findLastIndex((line) => line !== '') + 1);
}

/** A line with the name of something may be longer than the frame. */
function fitted(line: string): readonly string[] {
  if (line.length <= COLUMNS - 2) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrapTo(line, COLUMNS - 2 - indent.length).map((part) => `${indent}${part}`);
}

/** Each command under its own sentence. */
function fixLines(steps: Extract<StoryEvent, { kind: 'fix' }>['steps']): readonly string[] {
  return steps.flatMap(({ prose: sentence, command }, index) => [
    ...(sentence === steps[index - 1]?.prose ? [] : prose(sentence, INDENT)),
    '',
    ...commandLines(command ?? ''),
    ...(index === steps.length - 1 ? [''] : []),
  ]);
}

const commandLines = (command: string): readonly string[] =>
  command.split('\n').map((line) => `${INDENT}  ${line}`);

function endLines(asExpected: boolean, paint: Paint): readonly string[] {
  if (!asExpected)
    return ['', paint('The demo did not end as expected: see the lines with UNEXPECTED.', 'critical')];
  return [
    '',
    paint('The demo ended as expected.', 'good'),
    '',
    paint('What to do next', 'strong'),
    '',
    ...prose('Audit your own account. This only reads. It needs AWS credentials:'),
    '',
    ...commandLines('npm run audit'),
    '',
    ...prose('Deploy the monitor. First copy the configuration:'),
    '',
    ...commandLines('cp monitor.config.example.json monitor.config.json'),
    '',
    ...prose('Write your mail address into monitor.config.json. Then deploy:'),
    '',
    ...commandLines('npx cdk bootstrap        # once per account and region'),
    ...commandLines('npx cdk deploy ThumbprintDriftMonitor'),
    '',
    ...prose('README.md describes each step.'),
  ];
}
