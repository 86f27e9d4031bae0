/** What a message is about: notifications that say the same of several providers or roles are one topic. */
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
  [...groupBy(notifications.flatMap(entriesOf), keyOf).values()]
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

/** Drift is similar if its cause is equal, and a finding if its check is. */
function keyOf(entry: Entry): string {
  const { notification, finding } = entry;
  const { eventType, target, findings } = notification;
  const cause =
    finding === null && target !== null
      ? causeOf({ ...target, findings: findings.filter((one) => !isAbout(one, 'discovery')) })
      : null;
  return JSON.stringify([eventType, severityOfEntry(entry), finding?.check ?? null, cause]);
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
