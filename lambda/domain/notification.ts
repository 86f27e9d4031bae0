/** What people are told, one target and kind at a time. */
import type { Finding, Severity, TargetReport } from './types';
import type { EventType } from './event-types';

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
