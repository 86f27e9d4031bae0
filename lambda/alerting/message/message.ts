/** Composes the one message of a run: a mail for people, JSON for machines, attributes for filters. */
import { effectOfTarget } from '../../checks/login-effect';
import { NO_LOGIN_AFFECTED } from '../../domain/logins';
import { briefEvent } from './brevity';
import { MAIL_COLUMNS, wrap } from '../../text/layout';
import type { AlertMessage } from '../../domain/message';
import type { Notification } from '../../domain/notification';
import type { Finding, Report, Severity } from '../../domain/types';
import { GRAVITY } from '../../domain/event-types';
import type { EventType } from '../../domain/event-types';
import { composeMail } from './mail';
import type { MailRoom } from './mail';
import { severityOf } from '../../domain/severity';
import { headlineOf } from './outcome';
import { subjectOf } from './subject';
import { byUrgency, isAboutMany, topicsOf } from './topic';
import type { Topic } from './topic';

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
  { isBrief: false, most: Infinity, names: Infinity, characters: Infinity },
  ...[Infinity, 100, 30, 10, 3].map((most) => ({
    isBrief: true,
    most,
    names: Infinity,
    characters: Infinity,
  })),
  { isBrief: true, most: 3, names: Infinity, characters: 20_000 },
  ...[Infinity, 2_000, 1_000, 500].map((names) => ({ isBrief: true, most: 1, names, characters: 5_000 })),
];

/** A message about many targets is brief if it would have more lines. */
const MAX_LINES = 100;

/** The context of the notifications. */
export interface AlertContext {
  readonly report: Omit<Report, 'text'>;
  /** What a reader must know besides. */
  readonly remarks: readonly string[];
  /** The configured name or the alias of the account; null: there is none. */
  readonly accountName: string | null;
  /** Where the documentation is; null: not configured. */
  readonly docsUrl: string | null;
}

/** The message of a run, or null if there are no notifications. */
export function composeAlert(
  notifications: readonly Notification[],
  context: AlertContext,
): AlertMessage | null {
  const topics = topicsOf(notifications);
  const [worst, ...others] = topics;
  if (worst === undefined) return null;
  const { report, accountName, docsUrl } = context;
  const isBlind = isBlindRun(notifications, report);
  const account = { id: report.account, name: accountName };
  const { remarks } = context;
  const alsoFailing = failingElsewhere(notifications, report);
  const subject = subjectOf([worst, ...others], isBlind, account);
  const compose = (room: MailRoom): AlertMessage => {
    const { failures } = report;
    const content = { topics, alsoFailing, remarks, failures, isBlind, account, docsUrl };
    const { text: email, omitted } = composeMail(content, room);
    const isCut = notifications.length > room.most;
    const events = (isCut ? [...notifications].sort(byUrgency) : notifications).map(eventOf);
    const shown = room.characters === Infinity ? events : events.map(briefEvent);
    return {
      ...message(shown, { subject, email, report, most: room.most }),
      omitted: omitted.flatMap(({ finding, notification }) => finding ?? notification.target ?? []),
    };
  };
  const isMany = isAboutMany(notifications);
  return fitting(
    DETAIL.map((detail) => () => compose(detail)),
    ({ email }, index) => index > 0 || !isMany || email.split('\n').length <= MAX_LINES,
  );
}

/** Whether nothing could be collected, and the message reports it. */
function isBlindRun(notifications: readonly Notification[], { targets }: AlertContext['report']): boolean {
  const isNotified = notifications.some(
    ({ eventType }) => eventType === 'unknown.firing' || eventType === 'unknown.reminder',
  );
  return isNotified && targets.every(({ failure }) => failure !== undefined);
}

/** Issuers whose logins fail and that no notification is about: they were alerted before, and still fail. */
function failingElsewhere(
  notifications: readonly Notification[],
  { targets }: AlertContext['report'],
): readonly string[] {
  const notified = new Set(notifications.map(({ target }) => target?.issuer));
  const failing = targets.filter((one) => !notified.has(one.issuer) && effectOfTarget(one) === 'fail');
  return failing.map(({ issuer }) => issuer);
}

/** The message of `test-alert`. */
export function composeTest(report: Omit<Report, 'text'>, accountName: string | null): AlertMessage {
  const event: AlertEvent = { ...NO_TARGET, eventType: 'test', severity: 'info', findings: [], since: null };
  const account = { id: report.account, name: accountName };
  const notification: Notification = { ...event, eventType: 'test', target: null, since: report.startedAt };
  const topic: Topic = {
    eventType: 'test',
    severity: event.severity,
    entries: [{ notification, finding: null }],
  };
  const headline = headlineOf([topic], false, account, { max: MAIL_COLUMNS, severity: null, ascii: false });
  return message([event], {
    subject: subjectOf([topic], false, account),
    email: `${headline}\n${NO_LOGIN_AFFECTED}\n\n${wrap(TEST_TEXT)}\n`,
    report,
    most: 1,
  });
}

const TEST_TEXT = 'This message was requested as a test. It shows that alerts arrive. No action is needed.';

/** The first that is short enough and that SNS accepts; the last if none is. */
function fitting(
  attempts: readonly (() => AlertMessage)[],
  isShort: (message: AlertMessage, attempt: number) => boolean,
): AlertMessage | null {
  let last: AlertMessage | null = null;
  for (const [index, attempt] of attempts.entries()) {
    last = attempt();
    const bytes = Buffer.byteLength(JSON.stringify([last.machine, last.email]));
    if (bytes <= MAX_BYTES && isShort(last, index)) return last;
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
