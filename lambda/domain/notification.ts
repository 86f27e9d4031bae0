/** What people are told, one target and kind at a time. */
import type { Finding, Severity, TargetReport } from './types';
import type { EventType } from './event-types';
import { atLeast } from './severity';

/** One thing to tell: all findings of one kind about one target. */
export interface Notification {
  readonly eventType: EventType;
  readonly severity: Severity;
  /** Null: it belongs to no target. */
  readonly target: TargetReport | null;
  readonly findings: readonly Finding[];
  /** ISO 8601: when it began, as far as is remembered. */
  readonly since: string;
}

/** Whether a notification is worth a message of its own. Others ride along with one that is. */
export const speaksUp = ({ eventType, severity }: Notification): boolean =>
  /^(drift|unknown|keys)\./.test(eventType) || atLeast(severity, 'medium');
