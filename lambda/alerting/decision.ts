/** The decision of a run, as data: the notifications, and what the state for the next run depends on. */
import type { Updated } from '../checks/history/intents';
import type { Notification } from '../domain/notification';
import type { Finding, TargetReport } from '../domain/types';
import type { AccountMemory, Intent, PendingChange, TargetMemory } from '../state/schema';
import type { LifecycleStep } from './lifecycle';

/** The results of a decision. */
export interface Decision {
  /** Empty: there is nothing to alert. */
  readonly notifications: readonly Notification[];
  /** Updates, which are a message of their own. */
  readonly updates: readonly UpdatedTarget[];
  /** What a later run would alert: it is alerted at once if the state cannot be saved. */
  readonly waiting: readonly Notification[];
  readonly targets: readonly DecidedTarget[];
  readonly account: DecidedPart & { readonly memory: AccountMemory };
}

/** What becomes of the tracks and changes of one target, or of the account. */
export interface DecidedPart {
  readonly steps: readonly LifecycleStep[];
  /** Pending changes, with those that are suppressed. */
  readonly pending: readonly PendingChange[];
  /** Those that are alerted by this run, with their findings. */
  readonly open: readonly DescribedChange[];
}

/** A target. */
export interface DecidedTarget extends DecidedPart {
  readonly report: TargetReport;
  /** With the tracks and changes of the last run. */
  readonly memory: TargetMemory;
  /** The intent that remains to be reported if there is no recipient. */
  readonly intent: Intent | null;
  /** Changes that a second run must confirm before they are alerted. */
  readonly waiting: readonly Finding[];
}

/** A change with its text. */
export interface DescribedChange extends PendingChange {
  readonly finding: Finding;
}

/** How the delivery of the notifications ended. */
export interface Delivery {
  /** Somebody receives the messages: what they name counts as notified. */
  readonly hasRecipients: boolean;
  readonly omitted: Omitted;
}

/** A list that was updated. */
export interface UpdatedTarget {
  readonly target: TargetReport;
  readonly updated: Updated;
}

/** What a message does not name: findings, or targets without one. It does not count as notified. */
export type Omitted = ReadonlySet<Finding | TargetReport>;
