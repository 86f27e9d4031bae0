/** The subject of a mail: severity, kind, number, and host or account. */
import type { Notification } from '../../domain/notification';
import type { EventType } from '../../domain/event-types';
import { GRAVITY } from '../../domain/event-types';
import { count } from '../../text/layout';
import { severityOf } from '../../domain/severity';
import { speaksUp } from '../../domain/notification';

/** SNS: fewer than 100 characters, printable ASCII. */
const MAX_CHARACTERS = 99;

/** At most 99 printable ASCII characters, beginning with the severity in brackets. */
export function subjectOf(
  notifications: readonly Notification[],
  isBlind: boolean,
  account: string | null,
): string {
  const severity = severityOf(notifications);
  const where = account === null ? '' : ` (AWS account ${account})`;
  // Notifications that cause no message are not in the subject, unless there are no others.
  const loud = notifications.filter(speaksUp);
  const what = GRAVITY.flatMap((type) => {
    const own = (loud.length > 0 ? loud : notifications).filter(({ eventType }) => eventType === type);
    return own.length === 0 ? [] : [WORDS[type](own.length, isBlind)];
  });
  const words = `[${severity}] ${[...worstOf(notifications), ...what].join(', ')}`;
  const whole = `${words}${where}`.replaceAll(/[^\x20-\x7e]/g, '?');
  return whole.length <= MAX_CHARACTERS ? whole : words.slice(0, MAX_CHARACTERS).trimEnd();
}

/** Names what is critical among other notifications, so that it is not overlooked. */
function worstOf(notifications: readonly Notification[]): readonly string[] {
  const findings = notifications
    .filter(({ eventType }) => !eventType.endsWith('.resolved'))
    .flatMap((notification) => notification.findings);
  const critical = findings.filter(({ severity }) => severity === 'critical');
  if (critical.length === 0 || critical.length === findings.length) return [];
  const checks = [...new Set(critical.map(({ check }) => check))].slice(0, MAX_CHECKS).join(', ');
  return [`${count(critical.length, 'critical finding')} (${checks})`];
}

const MAX_CHECKS = 2;

const WORDS: Readonly<Record<EventType, (amount: number, isBlind: boolean) => string>> = {
  'drift.firing': (amount) => `Thumbprint drift: ${count(amount, 'provider')}`,
  'unknown.firing': (amount, isBlind) =>
    isBlind ? 'Could not check anything' : `Not checked: ${count(amount, 'issuer')}`,
  'finding.firing': (amount) => `Findings: ${count(amount, 'provider')}`,
  updated: (amount) => `List updated: ${count(amount, 'provider')}`,
  'update.refused': (amount) => `Update refused: ${count(amount, 'provider')}`,
  'keys.changed': (amount) => `Signing keys changed: ${count(amount, 'issuer')}`,
  'drift.reminder': (amount) => `Still drifted: ${count(amount, 'provider')}`,
  'unknown.reminder': (amount, isBlind) =>
    isBlind ? 'Still cannot check anything' : `Still not checked: ${count(amount, 'issuer')}`,
  'finding.reminder': (amount) => `Still found: ${count(amount, 'provider')}`,
  'drift.resolved': (amount) => `Drift is over: ${count(amount, 'provider')}`,
  'finding.resolved': (amount) => `Findings are over: ${count(amount, 'provider')}`,
  'unknown.resolved': (amount) => `Checked again: ${count(amount, 'issuer')}`,
  test: () => 'Test',
};
