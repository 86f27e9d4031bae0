/** The decision of a run: the notifications, and the state for the next run. */
import type { Updated } from '../checks/history/intents';
import type { Notification } from '../domain/notification';
import type { Finding, TargetReport } from '../domain/types';
import type { Memories } from '../state/schema';

/** The results of a decision. */
export interface Decision {
  /** Empty: there is nothing to alert. */
  readonly notifications: readonly Notification[];
  /** Updates, which are a message of their own. */
  readonly updates: readonly UpdatedTarget[];
  /** What a later run would alert, with the item that must be saved for it. */
  readonly waiting: readonly Waiting[];
  /**
   * The state for the next run. `hasRecipients`: a message was published and has recipients. `omitted`: it
   * does not name these.
   */
  readonly memories: (hasRecipients: boolean, omitted?: Omitted) => Memories;
}

/** Notifications that depend on one item: they are alerted at once if it cannot be saved. */
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
