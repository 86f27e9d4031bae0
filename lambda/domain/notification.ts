/** What people are notified of: one notification per target and kind. */
import type { Finding, Severity, TargetReport } from './types';
import type { EventType } from './event-types';
import { atLeast } from './severity';

/** All findings of one kind about one target. */
export interface Notification {
  readonly eventType: EventType;
  readonly severity: Severity;
  /** Null: the findings belong to no target. */
  readonly target: TargetReport | null;
  readonly findings: readonly Finding[];
  /** ISO 8601: when it began, as far as the state says. */
  readonly since: string;
}

/**
 * Whether a notification causes a message by itself. Others are part of a message that another one causes.
 */
export const speaksUp = ({ eventType, severity }: Pick<Notification, 'eventType' | 'severity'>): boolean =>
  /^(drift|unknown|keys)\./.test(eventType) || atLeast(severity, 'medium');
