/** What a message is about: notifications that say the same of several providers or roles are one topic. */
import { effectOfFinding } from '../../checks/login-effect';
import { isAbout } from '../../domain/checks';
import { GRAVITY } from '../../domain/event-types';
import type { EventType } from '../../domain/event-types';
import { groupBy } from '../../domain/group';
import type { NonEmpty } from '../../domain/group';
import { speaksUp } from '../../domain/notification';
import type { Notification } from '../../domain/notification';
import { compareSeverity } from '../../domain/severity';
import type { Finding, Severity, TargetReport } from '../../domain/types';
import { causeOf } from '../../report/group';

/** One provider or one role of a topic. `finding` null: all findings of the notification together. */
export interface Entry {
  readonly notification: Notification;
  readonly finding: Finding | null;
}

/** Similar entries. */
export interface Topic {
  readonly eventType: EventType;
  readonly severity: Severity;
  readonly entries: NonEmpty<Entry>;
}

/** Whether something ended. */
export const isResolved = ({ eventType }: Pick<Topic, 'eventType'>): boolean =>
  eventType.endsWith('.resolved');

/** Whether thumbprints drifted or could not be checked: its findings are explained together. */
export const isWhole = ({ eventType }: Pick<Notification, 'eventType'>): boolean =>
  /^(drift|unknown)\./.test(eventType);

/**
 * The topics of a message: by severity, then by kind. Resolved ones follow the others, and what causes no
 * message by itself is last.
 */
export const topicsOf = (notifications: readonly Notification[]): readonly Topic[] =>
  [...groupBy(notifications.flatMap(entriesOf), keyOf(isAboutMany(notifications))).values()]
    .map((entries): Topic => {
      const [first] = entries;
      return { eventType: first.notification.eventType, severity: severityOfEntry(first), entries };
    })
    .sort(byUrgency);

/** Order of what has a kind and a severity. */
export const byUrgency = (
  a: Pick<Topic, 'eventType' | 'severity'>,
  b: Pick<Topic, 'eventType' | 'severity'>,
): number =>
  Number(speaksUp(b)) - Number(speaksUp(a)) ||
  Number(isResolved(a)) - Number(isResolved(b)) ||
  compareSeverity(b.severity, a.severity) ||
  GRAVITY.indexOf(a.eventType) - GRAVITY.indexOf(b.eventType);

function entriesOf(notification: Notification): readonly Entry[] {
  const { findings } = notification;
  return isWhole(notification) || findings.length === 0
    ? [{ notification, finding: null }]
    : findings.map((finding) => ({ notification, finding }));
}

const severityOfEntry = ({ notification, finding }: Entry): Severity =>
  finding?.severity ?? notification.severity;

/** More targets are many: then fewer differences between them are explained. */
const MAX_FEW = 10;

/** Whether notifications are about so many targets that a message must be brief. */
export const isAboutMany = (notifications: readonly Notification[]): boolean =>
  new Set(notifications.flatMap(({ target }) => target?.issuer ?? [])).size > MAX_FEW;

/** Drift is similar if its cause is equal, and a finding if its check is. */
const keyOf =
  (isMany: boolean) =>
  (entry: Entry): string => {
    const { notification, finding } = entry;
    return JSON.stringify([
      notification.eventType,
      severityOfEntry(entry),
      finding?.check ?? null,
      finding === null ? causeIn(notification, isMany) : null,
    ]);
  };

/**
 * The cause of drift and of failed checks. Among many targets only the code of a failure counts, and the checks of
 * lists that no login depends on.
 */
function causeIn({ eventType, target, findings }: Notification, isMany: boolean): string | null {
  if (target === null) return null;
  const open = findings.filter((one) => !isAbout(one, 'discovery'));
  if (!isMany) return causeOf({ ...target, findings: open });
  const checks = [...new Set(open.map(({ check }) => check))].sort();
  if (eventType === 'unknown.firing' || eventType === 'unknown.reminder')
    return JSON.stringify([target.failure?.code, checks]);
  const isDrift = eventType === 'drift.firing' || eventType === 'drift.reminder';
  if (isDrift && open.every((one) => effectOfFinding(one, target) === 'none')) return JSON.stringify(checks);
  return causeOf({ ...target, findings: open });
}

/** Each finding of a topic by itself: a message that does not name one must not count as having named it. */
export const findingsOf = ({ entries }: { readonly entries: readonly Entry[] }): readonly Entry[] =>
  entries.flatMap(({ notification, finding }) =>
    finding !== null || notification.findings.length === 0
      ? [{ notification, finding }]
      : notification.findings.map((each) => ({ notification, finding: each })),
  );

/** The targets of a topic, each once. */
export const targetsOf = ({ entries }: Pick<Topic, 'entries'>): readonly TargetReport[] => [
  ...new Map(
    entries.flatMap(({ notification: { target } }) => (target === null ? [] : [[target.issuer, target]])),
  ).values(),
];

/** The ARN of the role that an entry is about, or null. */
export const roleOf = ({ finding }: Entry): string | null =>
  finding?.subject?.startsWith('arn:') === true && finding.subject.includes(':role/')
    ? finding.subject
    : null;
