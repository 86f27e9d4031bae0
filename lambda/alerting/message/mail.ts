/** The mail of a run: the verdict first, what to do second, the evidence last, and where to read more. */
import type { Notification } from '../../domain/notification';
import type { Failure, TargetReport } from '../../domain/types';
import { escapeLines } from '../../text/escape';
import { evidence } from '../../report/evidence';
import { bySeverity, linesOf, listLines, omittedLine, separateSimilar, sortLines } from './detail';
import type { Line } from './detail';
import { MAX_NAMED, causeOf, groupRemedies } from '../../report/group';
import type { TargetGroup } from '../../report/group';
import { briefText } from '../../text/brevity';
import { section, wrap } from '../../text/layout';
import { terraformList } from '../../remedies/remedy';
import { verdictOf } from './summary';
import type { Batch } from './summary';
import { isAbout } from '../../domain/checks';

/** The content of a mail. */
export interface MailContent {
  readonly notifications: readonly Notification[];
  /** What a reader must know first, for example that there is no state. */
  readonly remarks: readonly string[];
  /** Failures that belong to no target. */
  readonly failures: readonly Failure[];
  /** All targets of the run failed. */
  readonly isBlind: boolean;
}

/** The limits of a mail: batches that are explained, names in its list, characters besides the list. */
export interface MailRoom {
  readonly most: number;
  readonly names: number;
  readonly characters: number;
}

/** A mail, and the findings that it does not name. */
export interface Mail {
  readonly text: string;
  readonly omitted: readonly Line[];
}

/** Plain text, prose in lines of at most 78 columns, commands unbroken. Returns what it omits. */
export function composeMail(content: MailContent, { most, names, characters }: MailRoom): Mail {
  const { notifications, remarks, failures, isBlind } = content;
  const { explained, lines } = separateSimilar(notifications);
  const batches = batchesOf(explained);
  const named = batches.slice(0, most);
  const others = [
    ...lines,
    ...named.flatMap((batch) => batch.slice(MAX_NAMED).flatMap(linesOf)),
    ...batches.slice(most).flatMap((batch) => batch.flatMap(linesOf)),
  ];
  const verdicts = [
    ...(isBlind ? ['The monitor could not check anything.'] : []),
    ...named.flatMap(verdictOf),
    ...failures.map(({ message }) => message),
    ...remarks,
  ];
  const actions = [
    ...named.flatMap(actionsOf),
    ...(failures.length > 0 ? [wrap(`For each code see docs/runbook.md: ${codesOf(failures)}.`)] : []),
  ];
  const head = [...new Set(verdicts)].map((words) => wrap(words));
  const tail = [
    ...section('WHAT TO DO', actions.length > 0 ? actions : ['Nothing.']),
    ...section(
      'WHY',
      [...new Set(named.flatMap(reasonsOf))].map((words) => wrap(words)),
    ),
    ...section('EVIDENCE', named.flatMap(evidenceParagraphs)),
    ...section('READ MORE', [wrap(readMore(named, failures))]),
  ];
  // A text that is cut need not name what it explains.
  const whole = escapeLines([...head, ...tail].join('\n\n'));
  const isCut = whole.length > characters;
  const listed = sortLines(isCut ? notifications.flatMap(linesOf) : others);
  const omitted = listed.slice(names);
  const list = [
    ...section('ALSO FOUND', listLines(listed.slice(0, names))),
    ...(omitted.length === 0 ? [] : [omittedLine(omitted.length)]),
  ];
  return {
    text: isCut
      ? withList(briefText(whole, characters), list)
      : `${escapeLines([...head, ...list, ...tail].join('\n\n'))}\n`,
    omitted,
  };
}

/** The list precedes what to do. */
function withList(text: string, list: readonly string[]): string {
  const at = text.indexOf(ACTIONS);
  const end = at === -1 ? text.length : at;
  return [text.slice(0, end).trimEnd(), ...list].join('\n\n') + (at === -1 ? '\n' : text.slice(end));
}

const ACTIONS = '\n\nWHAT TO DO\n\n';

const codesOf = (failures: readonly Failure[]): string =>
  [...new Set(failures.map(({ code }) => code))].join(', ');

/** Notifications of one kind and cause are one batch, the most severe first. */
function batchesOf(notifications: readonly Notification[]): readonly Batch[] {
  const batches = new Map<string, Batch>();
  for (const one of notifications) {
    const key = JSON.stringify([one.eventType, one.target === null ? one.findings : sameness(one)]);
    const batch = batches.get(key);
    batches.set(key, batch === undefined ? [one] : [...batch, one]);
  }
  return [...batches.values()].sort(([a], [b]) => bySeverity(a, b));
}

/** Drift is equal if its cause is equal; findings only if their texts are equal. */
const sameness = ({ eventType, target, findings }: Notification): unknown =>
  /^(drift|unknown)\./.test(eventType) && target !== null
    ? causeOf({ ...target, findings: findings.filter((finding) => !isAbout(finding, 'discovery')) })
    : findings.map(({ check, message }) => [check, message]);

const targetsOf = (batch: Batch): readonly TargetReport[] =>
  batch.flatMap(({ target }) => (target === null ? [] : [target]));

const isOver = ({ eventType }: Notification): boolean => eventType.endsWith('.resolved');

function actionsOf(batch: Batch): readonly string[] {
  if (isOver(batch[0])) return [];
  const remedies = batch.map(({ findings }) => findings.map(({ remedy }) => remedy));
  const [{ eventType, target }] = batch;
  const terraform = eventType.startsWith('drift.') && target !== null ? terraformParts(target) : [];
  return [...groupRemedies(remedies), ...terraform];
}

/** The list may be managed in code: then the next apply would revert a command. */
function terraformParts({ listed, expected }: TargetReport): readonly string[] {
  const list = terraformList(listed, expected);
  return list === null
    ? []
    : [wrap('Or, where Terraform keeps the list (aws_iam_openid_connect_provider):'), list];
}

/** Only drift has more text than its verdict: the verdict of the others is their text. */
const reasonsOf = ([{ eventType, findings }]: Batch): readonly string[] =>
  eventType === 'drift.firing' || eventType === 'drift.reminder'
    ? findings.map(({ message }) => message)
    : [];

/** Whether chains are evidence for a notification. They are none for a role's policy. */
const restsOnChains = ({ eventType, findings }: Notification): boolean =>
  /^(drift|unknown)\./.test(eventType) ||
  findings.some((finding) => isAbout(finding, 'thumbprints', 'certificates', 'network'));

function evidenceParagraphs(batch: Batch): readonly string[] {
  const [first, ...others] = targetsOf(batch);
  const [{ since }] = batch;
  if (first === undefined) return [];
  const shown = (target: TargetReport): TargetReport => ({ ...target, findings: batch[0].findings });
  const group: TargetGroup = [shown(first), ...others.map(shown)];
  return [evidence(group, { since, chains: restsOnChains(batch[0]) })];
}

function readMore(batches: readonly Batch[], failures: readonly Failure[]): string {
  const checks = batches.flatMap((batch) =>
    batch.flatMap(({ findings }) => findings.map(({ check }) => check)),
  );
  const codes = [
    ...failures.map(({ code }) => code),
    ...batches.flatMap((batch) => targetsOf(batch).flatMap(({ failure }) => failure?.code ?? [])),
  ];
  const links = [
    ...(checks.length === 0 ? [] : [`docs/findings.md: ${[...new Set(checks)].sort().join(', ')}.`]),
    ...(codes.length === 0 ? [] : [`docs/runbook.md: ${[...new Set(codes)].sort().join(', ')}.`]),
  ];
  return links.length === 0 ? 'docs/runbook.md.' : links.join(' ');
}
