/** Composes the one message of a run: a mail for people, JSON for machines, attributes for filters. */
import { effectOfTarget } from '../../checks/login-effect';
import { NO_LOGIN_AFFECTED } from '../../domain/logins';
import { isTakeoverCode } from '../../domain/errors';
import { briefEvent } from './brevity';
import { MAIL_COLUMNS, wrap } from '../../text/layout';
import type { AlertMessage } from '../../domain/message';
import type { Notification } from '../../domain/notification';
import type { Finding, Report, Severity } from '../../domain/types';
import { GRAVITY } from '../../domain/event-types';
import type { EventType } from '../../domain/event-types';
import { composeMail } from './mail';
import type { MailRoom } from './mail';
import { skippedInReport } from '../../report/skipped';
import { atLeast, severityOf } from '../../domain/severity';
import { headlineOf } from './outcome';
import { subjectOf } from './subject';
import { MAX_POLICIES } from '../../remedies/policies';
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

const WHOLE: MailRoom = {
  isBrief: false,
  most: Infinity,
  names: Infinity,
  characters: Infinity,
  policies: MAX_POLICIES,
};
const BRIEF: MailRoom = { ...WHOLE, isBrief: true };

/**
 * The limits to try, from all details down to the least that still names the cause, whatever third parties
 * have sent.
 */
const DETAIL: readonly MailRoom[] = [
  ...[Infinity, 100, 30, 10, 3].map((most) => ({ ...BRIEF, most })),
  { ...BRIEF, most: 3, characters: 20_000 },
  ...[Infinity, 2_000, 1_000, 500].map((names) => ({ ...BRIEF, most: 1, names, characters: 5_000 })),
];
/** The last resort, whatever its size. */
const LEAST: MailRoom = { ...BRIEF, most: 1, names: 500, characters: 5_000 };

/** A mail about many targets has at most so many lines, if that is possible without leaving out a name. */
const MAX_LINES = 100;

/** How many topics such a mail explains, the most urgent first, and all that are high or critical; and how many policies. */
const EXPLAINED = [MAX_POLICIES, 1, 0].flatMap((policies) =>
  [Infinity, 3, 2, 1].map((most) => ({ most, policies })),
);

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
  const skipped = skippedInReport(report, NOT_IN_MAILS);
  const alsoFailing = failingElsewhere(notifications, report);
  const subject = subjectOf([worst, ...others], isBlind, account);
  const compose = (room: MailRoom, mostEvents = room.most): AlertMessage => {
    const { failures } = report;
    const content = { topics, alsoFailing, remarks, failures, skipped, isBlind, account, docsUrl };
    const { text: email, omitted } = composeMail(content, room);
    const isCut = notifications.length > mostEvents;
    const events = (isCut ? [...notifications].sort(byUrgency) : notifications).map(eventOf);
    const shown = room.characters === Infinity ? events : events.map(briefEvent);
    return {
      ...message(shown, { subject, email, report, most: mostEvents }),
      omitted: omitted.flatMap(({ finding, notification }) => finding ?? notification.target ?? []),
    };
  };
  const urgent = topics.findLastIndex(({ severity }) => atLeast(severity, 'high')) + 1;
  const short = EXPLAINED.map(({ most, policies }) => ({
    ...BRIEF,
    policies,
    most: Math.max(most, urgent),
  }));
  return (
    (isAboutMany(notifications)
      ? firstOf([WHOLE, ...short], (room) => compose(room, Infinity), isShort)
      : firstOf([WHOLE], compose, isSmall)) ??
    firstOf(DETAIL, compose, isSmall) ??
    compose(LEAST)
  );
}

/** A failure or a remark of the mail gives the reason. */
const NOT_IN_MAILS = ['aws-not-read', 'roles-not-read', 'no-state'] as const;

/** Whether nothing could be collected, and the message reports it. That a host can be taken over is a result. */
function isBlindRun(notifications: readonly Notification[], { targets }: AlertContext['report']): boolean {
  const isNotified = notifications.some(
    ({ eventType }) => eventType === 'unknown.firing' || eventType === 'unknown.reminder',
  );
  return isNotified && targets.every(({ failure }) => failure !== undefined && !isTakeoverCode(failure.code));
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

const isSmall = ({ machine, email }: AlertMessage): boolean =>
  Buffer.byteLength(JSON.stringify([machine, email])) <= MAX_BYTES;

const isShort = (message: AlertMessage): boolean =>
  isSmall(message) && message.email.split('\n').length <= MAX_LINES;

/** The first that is accepted, or null. Composing takes time, so no more are composed than needed. */
function firstOf(
  rooms: readonly MailRoom[],
  compose: (room: MailRoom) => AlertMessage,
  isAccepted: (message: AlertMessage) => boolean,
): AlertMessage | null {
  for (const room of rooms) {
    const composed = compose(room);
    if (isAccepted(composed)) return composed;
  }
  return null;
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
