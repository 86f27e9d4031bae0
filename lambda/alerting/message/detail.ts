/** Which findings a mail explains, and which it only names: similar ones are one paragraph and a list. */
import type { Finding } from '../../domain/types';
import { GRAVITY } from '../../domain/event-types';
import type { EventType } from '../../domain/event-types';
import type { Notification } from '../../domain/notification';
import { compareSeverity } from '../../domain/severity';
import { escapeForeign } from '../../text/escape';
import { count, wrap } from '../../text/layout';
import { speaksUp } from '../../domain/notification';
import { groupBy } from '../../domain/group';

/** A finding as a line of a list. `finding`: null if the notification has none. */
export interface Line {
  readonly notification: Notification;
  readonly finding: Finding | null;
}

/** How many similar findings are explained before the others are only named. */
const MAX_SIMILAR = 5;
const MAX_NAME = 100;

/**
 * Notifications by severity, then by kind. Resolved ones follow the others, and those that cause no message
 * are last.
 */
export const bySeverity = (a: Notification, b: Notification): number =>
  Number(speaksUp(b)) - Number(speaksUp(a)) ||
  Number(isResolved(a)) - Number(isResolved(b)) ||
  compareSeverity(b.severity, a.severity) ||
  GRAVITY.indexOf(a.eventType) - GRAVITY.indexOf(b.eventType);

const isResolved = ({ eventType }: Notification): boolean => eventType.endsWith('.resolved');

/** The first findings of each check and severity stay in their notifications; the others become lines. */
export function separateSimilar(notifications: readonly Notification[]): {
  readonly explained: readonly Notification[];
  readonly lines: readonly Line[];
} {
  const messages = new Map<string, Set<string>>();
  const explained: Notification[] = [];
  const lines: Line[] = [];
  for (const notification of [...notifications].sort(bySeverity)) {
    const { eventType, findings } = notification;
    if (!eventType.startsWith('finding.')) {
      explained.push(notification);
      continue;
    }
    const sorted = [...findings].sort((a, b) => compareSeverity(b.severity, a.severity));
    const full = sorted.filter(({ check, severity, message }) => {
      const key = JSON.stringify([eventType, check, severity]);
      const known = messages.get(key) ?? new Set();
      if (known.size < MAX_SIMILAR) messages.set(key, known.add(message));
      return known.has(message);
    });
    if (full.length > 0) explained.push({ ...notification, findings: full });
    lines.push(
      ...sorted.filter((finding) => !full.includes(finding)).map((finding) => ({ notification, finding })),
    );
  }
  return { explained, lines };
}

/** All of a notification as lines. */
export const linesOf = (notification: Notification): readonly Line[] =>
  notification.findings.length === 0
    ? [{ notification, finding: null }]
    : notification.findings.map((finding) => ({ notification, finding }));

/** The lines of a list, the most severe first. */
export const sortLines = (lines: readonly Line[]): readonly Line[] =>
  [...lines].sort((a, b) => {
    const [left, right] = [a, b].map(({ notification, finding }) => ({
      ...notification,
      severity: finding?.severity ?? notification.severity,
    }));
    return left === undefined || right === undefined ? 0 : bySeverity(left, right);
  });

/**
 * Lines, grouped under their common properties: the severity, the check, and whether it is new, ongoing or
 * resolved.
 */
export function listLines(lines: readonly Line[]): readonly string[] {
  return [...groupBy(lines, headingOf)].map(([heading, group]) =>
    [`${heading}:`, ...new Set(group.map((line) => `  ${lineNameOf(line)}`))].join('\n'),
  );
}

function headingOf({ notification: { eventType, severity }, finding }: Line): string {
  const what = finding === null ? '' : ` ${finding.check}`;
  return `${finding?.severity ?? severity}${what}${STATES[eventType] ?? ''}`;
}

const STATES: Partial<Readonly<Record<EventType, string>>> = {
  'unknown.firing': ', could not be checked',
  'drift.reminder': ', ongoing',
  'unknown.reminder': ', still could not be checked',
  'finding.reminder': ', ongoing',
  'drift.resolved': ', resolved',
  'finding.resolved': ', resolved',
  'unknown.resolved': ', can be checked again',
};

/** What a finding is about: a role by its ARN, anything else with its issuer. */
function lineNameOf({ notification: { target }, finding }: Line): string {
  const subject = finding?.subject ?? '';
  const issuer = target === null ? 'this account' : target.issuer.replace(/^https:\/\//, '');
  if (subject.startsWith('arn:')) return shorten(subject);
  return shorten(subject === '' ? issuer : `${issuer} ${subject}`);
}

/** Names differ at their beginning or at their end. */
function shorten(name: string): string {
  const characters = Array.from(escapeForeign(name));
  if (characters.length <= MAX_NAME) return characters.join('');
  const half = Math.floor((MAX_NAME - 3) / 2);
  return `${characters.slice(0, half).join('')}...${characters.slice(-half).join('')}`;
}

/**
 * The number of findings that are not named. The next run alerts them, since they do not count as notified.
 */
export const omittedLine = (lines: number): string =>
  wrap(
    `${count(lines, 'more finding')} left out for length. The next run sends what this message does not name. To see all now, invoke the function with {"action":"audit"}.`,
  );
