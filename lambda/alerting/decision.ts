/** What a run decides: who is notified of what, and what the next run must know. */
import type { Updated } from '../checks/history/intents';
import type { Notification } from '../domain/notification';
import type { Finding, TargetReport } from '../domain/types';
import type { Memories } from '../state/schema';

/** What a run decides. */
export interface Decision {
  /** Empty: nobody is told anything. */
  readonly notifications: readonly Notification[];
  /** Updates, which are a message of their own. */
  readonly updates: readonly UpdatedTarget[];
  /** What a later run would alert, by the item that must be saved for it. */
  readonly waiting: readonly Waiting[];
  /** What the next run must know. `hasRecipients`: a message went out, and somebody receives it. `omitted`: it does not name these. */
  readonly memories: (hasRecipients: boolean, omitted?: Omitted) => Memories;
}

/** Notifications that rest on one item: they are alerted at once where it cannot be saved. */
export interface Waiting {
  readonly id: string;
  readonly notifications: readonly Notification[];
}

/** A list that was updated. */
export interface UpdatedTarget {
  readonly target: TargetReport;
  readonly updated: Updated;
}

/** What a message does not name: findings, or targets without one. It does not count as notified. */
export type Omitted = ReadonlySet<Finding | TargetReport>;
