/** The mail of a run: the verdict first, what to do second, the evidence last, and where to read more. */
import { speaksUp } from '../decide';
import type { Notification } from './notification';
import type { Failure, TargetReport } from '../domain';
import { escapeLines } from '../text/escape';
import { evidence } from './evidence';
import { GRAVITY } from './event-type';
import { causeOf, groupRemedies } from './group';
import type { Group } from './group';
import { count, section, wrap } from '../text/layout';
import { terraformList } from '../../remedies/remedy';
import { verdictOf } from './verdict';
import type { Batch } from './verdict';

/** What a mail is made of. */
export interface MailContent {
  readonly notifications: readonly Notification[];
  /** What a reader must know before all else, for example that nothing is remembered. */
  readonly remarks: readonly string[];
  /** What the run could not see and belongs to no target. */
  readonly failures: readonly Failure[];
  /** All targets of the run failed. */
  readonly isBlind: boolean;
}

/** Plain text, prose in lines of at most 78 columns, commands unbroken. `most`: how many batches are told in full. */
export function mailText({ notifications, remarks, failures, isBlind }: MailContent, most: number): string {
  const batches = batchesOf(notifications);
  const told = batches.slice(0, most);
  const verdicts = [
    ...(isBlind ? ['The monitor could not check anything.'] : []),
    ...told.flatMap(verdictOf),
    ...failures.map(({ message }) => message),
    ...remarks,
  ];
  const actions = [
    ...told.flatMap(actionsOf),
    ...(failures.length > 0 ? [wrap(`For each code see docs/runbook.md: ${codesOf(failures)}.`)] : []),
  ];
  const parts = [
    ...[...new Set(verdicts)].map((words) => wrap(words)),
    ...section('WHAT TO DO', actions.length > 0 ? actions : ['Nothing.']),
    ...section(
      'WHY',
      [...new Set(told.flatMap(reasonsOf))].map((words) => wrap(words)),
    ),
    ...section('EVIDENCE', told.flatMap(evidenceOf)),
    ...section('READ MORE', [wrap(readMore(told, failures))]),
    ...(batches.length > told.length ? [omission(batches.length - told.length)] : []),
  ];
  return `${escapeLines(parts.join('\n\n'))}\n`;
}

const codesOf = (failures: readonly Failure[]): string =>
  [...new Set(failures.map(({ code }) => code))].join(', ');

const omission = (batches: number): string =>
  wrap(
    `${count(batches, 'more group')} left out for length: invoke the function with {"action":"audit"} to see all.`,
  );

/** Notifications of one kind and cause are one batch, the gravest first. */
function batchesOf(notifications: readonly Notification[]): readonly Batch[] {
  const batches = new Map<string, Batch>();
  for (const one of notifications) {
    const key = JSON.stringify([one.eventType, one.target === null ? one.findings : sameness(one)]);
    const batch = batches.get(key);
    batches.set(key, batch === undefined ? [one] : [...batch, one]);
  }
  return [...batches.values()].sort(([a], [b]) => rank(a) - rank(b));
}

/** What rides along comes last. */
const rank = (one: Notification): number =>
  GRAVITY.indexOf(one.eventType) + (speaksUp(one) ? 0 : GRAVITY.length);

/** Drift is alike by its cause; findings only where they say the same. */
const sameness = ({ eventType, target, findings }: Notification): unknown =>
  /^(drift|unknown)\./.test(eventType) && target !== null
    ? causeOf({ ...target, findings: findings.filter(({ check }) => !check.startsWith('DISC')) })
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

/** The list may be kept in code, where a command would be undone by the next apply. */
function terraformParts({ listed, expected }: TargetReport): readonly string[] {
  const list = terraformList(listed, expected);
  return list === null
    ? []
    : [wrap('Or, where Terraform keeps the list (aws_iam_openid_connect_provider):'), list];
}

/** Only drift says more than its verdict: the others are their own words. */
const reasonsOf = ([{ eventType, findings }]: Batch): readonly string[] =>
  eventType === 'drift.firing' || eventType === 'drift.reminder'
    ? findings.map(({ message }) => message)
    : [];

/** A role's policy is not proven by chains. */
const restsOnChains = ({ eventType, findings }: Notification): boolean =>
  /^(drift|unknown)\./.test(eventType) || findings.some(({ check }) => /^(THUMB|CERT|NET)/.test(check));

function evidenceOf(batch: Batch): readonly string[] {
  const [first, ...others] = targetsOf(batch);
  const [{ since }] = batch;
  if (first === undefined) return [];
  const shown = (target: TargetReport): TargetReport => ({ ...target, findings: batch[0].findings });
  const group: Group = [shown(first), ...others.map(shown)];
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
  const places = [
    ...(checks.length === 0 ? [] : [`docs/findings.md: ${[...new Set(checks)].sort().join(', ')}.`]),
    ...(codes.length === 0 ? [] : [`docs/runbook.md: ${[...new Set(codes)].sort().join(', ')}.`]),
  ];
  return places.length === 0 ? 'docs/runbook.md.' : places.join(' ');
}
