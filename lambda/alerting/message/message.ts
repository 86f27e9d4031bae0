/** Composes the one message of a run: a mail for people, JSON for machines, attributes for filters. */
import { briefEvent } from '../../text/brevity';
import type { AlertMessage } from '../../domain/message';
import type { Notification } from '../../domain/notification';
import type { Finding, Report, Severity } from '../../domain/types';
import { GRAVITY } from '../../domain/event-types';
import type { EventType } from '../../domain/event-types';
import { bySeverity } from './detail';
import { composeMail } from './mail';
import type { MailRoom } from './mail';
import { severityOf } from '../../domain/severity';
import { subjectOf } from './subject';

/**
 * One event of the machine message: all findings of one kind about one target. See `docs/alert.schema.json`.
 */
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
  /** ISO 8601: when it began; null: nothing began. */
  readonly since: string | null;
}

/** SNS accepts 256 KiB for all bodies together, as JSON; the rest is for attributes. */
const MAX_BYTES = 240 * 1024;

/**
 * The limits to try, from all details down to the least that still names the cause, whatever third parties
 * have sent.
 */
const DETAIL: readonly MailRoom[] = [
  ...[Infinity, 100, 30, 10, 3].map((most) => ({ most, names: Infinity, characters: Infinity })),
  { most: 3, names: Infinity, characters: 20_000 },
  ...[Infinity, 2_000, 1_000, 500].map((names) => ({ most: 1, names, characters: 5_000 })),
];

/** The context of the notifications. */
export interface AlertContext {
  readonly report: Omit<Report, 'text'>;
  /** What a reader must know first. */
  readonly remarks: readonly string[];
}

/** The message of a run, or null if there are no notifications. */
export function composeAlert(
  notifications: readonly Notification[],
  context: AlertContext,
): AlertMessage | null {
  if (notifications.length === 0) return null;
  const isBlind = isBlindRun(notifications, context.report);
  const compose = (room: MailRoom): AlertMessage => {
    const { failures, account } = context.report;
    const { remarks, report } = context;
    const { text: email, omitted } = composeMail({ notifications, remarks, failures, isBlind }, room);
    const subject = subjectOf(notifications, isBlind, account);
    const isCut = notifications.length > room.most;
    const events = (isCut ? [...notifications].sort(bySeverity) : notifications).map(eventOf);
    const shown = room.characters === Infinity ? events : events.map(briefEvent);
    return {
      ...message(shown, { subject, email, report, most: room.most }),
      omitted: omitted.flatMap(({ finding, notification }) => finding ?? notification.target ?? []),
    };
  };
  return fitting(DETAIL.map((detail) => () => compose(detail)));
}

/** Whether nothing could be collected, and the message reports it. */
function isBlindRun(notifications: readonly Notification[], { targets }: AlertContext['report']): boolean {
  const isNotified = notifications.some(
    ({ eventType }) => eventType === 'unknown.firing' || eventType === 'unknown.reminder',
  );
  return isNotified && targets.every(({ failure }) => failure !== undefined);
}

/** The message of `test-alert`. */
export function composeTest(report: Omit<Report, 'text'>): AlertMessage {
  const event: AlertEvent = { ...NO_TARGET, eventType: 'test', severity: 'info', findings: [], since: null };
  const subject = '[info] Test: alerts of the thumbprint monitor arrive.';
  return message([event], { subject, email: TEST_TEXT, report, most: 1 });
}

const TEST_TEXT = 'This is a test. Alerts of the thumbprint drift monitor arrive here. Nothing is wrong.\n';

/** The first that SNS accepts; the last if none is accepted. */
function fitting(attempts: readonly (() => AlertMessage)[]): AlertMessage | null {
  let last: AlertMessage | null = null;
  for (const attempt of attempts) {
    last = attempt();
    if (Buffer.byteLength(JSON.stringify([last.machine, last.email])) <= MAX_BYTES) return last;
  }
  return last;
}

interface Frame {
  readonly subject: string;
  readonly email: string;
  readonly report: Omit<Report, 'text'>;
  readonly most: number;
}

function message(events: readonly AlertEvent[], { subject, email, report, most }: Frame): AlertMessage {
  const eventTypes = GRAVITY.filter((type) => events.some(({ eventType }) => eventType === type));
  const eventType = eventTypes[0] ?? 'test';
  const severity = severityOf(events);
  const named = events.slice(0, most);
  return {
    subject,
    email,
    omitted: [],
    machine: JSON.stringify({
      schemaVersion: 1,
      eventType,
      eventTypes,
      severity,
      accountId: report.account,
      startedAt: report.startedAt,
      text: email,
      events: named,
      omittedEvents: events.length - named.length,
    }),
    attributes: {
      eventType,
      eventTypes,
      severity,
      // SNS rejects empty values.
      accountId: report.account ?? 'unknown',
      schemaVersion: '1',
    },
  };
}

const NO_TARGET = {
  issuer: null,
  providerArn: null,
  listed: [],
  expected: [],
  enforced: null,
  roles: [],
} as const;

function eventOf({ eventType, severity, target, findings, since }: Notification): AlertEvent {
  const { issuer, providerArn, listed, expected, enforced, roles } = target ?? NO_TARGET;
  return { eventType, severity, issuer, providerArn, listed, expected, enforced, roles, findings, since };
}
