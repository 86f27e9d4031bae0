/** From a report to the one message of a run: a mail for people, JSON for machines, attributes for filters. */
import { openFindings } from './accepted';
import type { Finding, Report, Severity, TargetReport } from './domain';
import { atLeast, gravest } from './severity';
import { headline, reportText } from './text';

/** What a message is about. */
export type EventType = 'drift.firing' | 'unknown.firing' | 'finding.firing' | 'keys.changed' | 'test';

/** A message as SNS takes it. `subject`: at most 99 printable ASCII characters. `machine`: one line of JSON. */
export interface AlertMessage {
  readonly subject: string;
  readonly email: string;
  readonly machine: string;
  /** Lists become attributes of type String.Array. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** One event of the machine message: all findings of one kind about one target. */
export interface AlertEvent {
  readonly eventType: EventType;
  readonly severity: Severity;
  readonly issuer: string | null;
  readonly providerArn: string | null;
  readonly listed: readonly string[];
  readonly expected: readonly string[];
  readonly enforced: boolean | null;
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
  /** When it began; null: not known without a memory of earlier runs. */
  readonly since: string | null;
}

/** Gravest first: the contract's order. */
const GRAVITY: readonly EventType[] = [
  'drift.firing',
  'unknown.firing',
  'finding.firing',
  'keys.changed',
  'test',
];

/** SNS takes 256 KiB for all bodies together; the rest is for JSON escapes and attributes. */
const MOST_BYTES = 240 * 1024;

/** How much detail is tried, from all of it down to the least that still names the cause. */
const DETAIL = [Infinity, 100, 30, 10, 3];

/** The message of a run, or null where there is nothing that people must be told. */
export function composeAlert(report: Report): AlertMessage | null {
  const targets = report.targets.filter((target) => eventsOf(target).length > 0);
  const events = [...targets.flatMap(eventsOf), ...report.failures.map(runFailureEvent)];
  if (events.length === 0) return null;
  const telling = { ...report, targets };
  return fitting(DETAIL.map((most) => () => compose(telling, events, most)));
}

/** The message of `test-alert`. */
export function composeTest(report: Report): AlertMessage {
  const event = { ...NO_TARGET, eventType: 'test', severity: 'info', findings: [], since: null } as const;
  return compose(report, [event], 1);
}

/** The first that SNS accepts; the last where none does. */
function fitting(attempts: readonly (() => AlertMessage)[]): AlertMessage | null {
  let last: AlertMessage | null = null;
  for (const attempt of attempts) {
    last = attempt();
    if (Buffer.byteLength(last.email) + Buffer.byteLength(JSON.stringify(last.machine)) <= MOST_BYTES)
      return last;
  }
  return last;
}

function compose(report: Report, events: readonly AlertEvent[], most: number): AlertMessage {
  const eventTypes = GRAVITY.filter((type) => events.some(({ eventType }) => eventType === type));
  const eventType = eventTypes[0] ?? 'test';
  const severity = gravest(events.map((event) => event.severity)) ?? 'info';
  const text = eventType === 'test' ? TEST_TEXT : reportText(report, most);
  const envelope = { schemaVersion: 1, eventType, eventTypes, severity, accountId: report.account };
  const told = events.slice(0, most);
  return {
    subject: subjectOf(
      severity,
      eventType === 'test' ? 'Test: alerts of the thumbprint monitor arrive.' : headline(report),
    ),
    email: text,
    machine: JSON.stringify({
      ...envelope,
      startedAt: report.startedAt,
      text,
      events: told,
      omittedEvents: events.length - told.length,
    }),
    attributes: {
      eventType,
      eventTypes,
      severity,
      // SNS refuses empty values.
      accountId: report.account ?? 'unknown',
      schemaVersion: '1',
    },
  };
}

const TEST_TEXT = 'This is a test. Alerts of the thumbprint drift monitor arrive here. Nothing is wrong.\n';

/** SNS: at most 99 characters, printable ASCII, beginning with a letter, digit or punctuation mark. */
const subjectOf = (severity: Severity, words: string): string =>
  `[${severity}] ${words}`
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 99)
    .trimEnd();

const NO_TARGET = {
  issuer: null,
  providerArn: null,
  listed: [],
  expected: [],
  enforced: null,
  roles: [],
} as const;

/** Findings that are drift; the rest are findings of their own kind. */
const DRIFT = new Set<Finding['check']>(['THUMB001', 'THUMB002', 'THUMB006', 'THUMB007']);
/** Findings that only explain why a target is unknown. */
const UNKNOWN = new Set<Finding['check']>(['DISC001']);

function eventsOf(target: TargetReport): readonly AlertEvent[] {
  const { issuer, providerArn, listed, expected, enforced, roles, findings } = target;
  const event = (
    eventType: EventType,
    about: readonly Finding[],
    severity: Severity,
  ): readonly AlertEvent[] => [
    {
      eventType,
      severity,
      issuer,
      providerArn,
      listed,
      expected,
      enforced,
      roles,
      findings: about,
      since: null,
    },
  ];
  const open = openFindings(findings);
  const drift = open.filter(({ check }) => DRIFT.has(check));
  const unknown = open.filter(({ check }) => UNKNOWN.has(check));
  const isKnownBlind = unknown.length < findings.filter(({ check }) => UNKNOWN.has(check)).length;
  const other = open.filter(
    ({ check, severity }) => !DRIFT.has(check) && !UNKNOWN.has(check) && atLeast(severity, 'medium'),
  );
  return [
    ...(drift.length > 0 ? event('drift.firing', drift, worstOf(drift)) : []),
    ...(target.failure !== undefined && !isKnownBlind ? event('unknown.firing', unknown, 'high') : []),
    ...(other.length > 0 ? event('finding.firing', other, worstOf(other)) : []),
  ];
}

const worstOf = (findings: readonly Finding[]): Severity =>
  gravest(findings.map(({ severity }) => severity)) ?? 'info';

const runFailureEvent = (): AlertEvent => ({
  ...NO_TARGET,
  eventType: 'unknown.firing',
  severity: 'high',
  findings: [],
  since: null,
});
