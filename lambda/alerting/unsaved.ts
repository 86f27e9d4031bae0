/** What is alerted if the state of a run could not be saved. */
import { isMessageDay, notSaved } from '../checks/history/not-saved';
import type { Notification } from '../domain/notification';
import type { Failure, Finding } from '../domain/types';

/** A run whose state could not be saved. */
export interface UnsavedRun {
  readonly failure: Failure;
  /** What a second run would have confirmed. */
  readonly waiting: readonly Notification[];
  /** ISO 8601: when the state was last saved; null: not known, or never. */
  readonly lastSaved: string | null;
  /** Minutes between two scheduled runs. */
  readonly intervalMinutes: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly now: Date;
}

/** OPS002, and the notifications of a second message; empty: this run sends none. */
export interface UnsavedAlert {
  readonly finding: Finding;
  readonly notifications: readonly Notification[];
  readonly remarks: readonly string[];
}

/**
 * If nothing can be saved, what waits for a second run would wait for ever. So it is alerted now, with OPS002:
 * once a day, or in every run that has something critical.
 */
export function alertUnsaved(run: UnsavedRun): UnsavedAlert {
  const { failure, waiting, lastSaved, intervalMinutes, startedAt, now } = run;
  const finding = notSaved(failure, lastSaved);
  const isCritical = waiting.some(({ severity }) => severity === 'critical');
  if (!isCritical && !isMessageDay(lastSaved, now, intervalMinutes))
    return { finding, notifications: [], remarks: [] };
  const own: Notification = {
    eventType: 'finding.firing',
    severity: finding.severity,
    target: null,
    findings: [finding],
    since: startedAt,
  };
  return {
    finding,
    notifications: [own, ...waiting],
    remarks: waiting.length === 0 ? [] : [WITHOUT_CONFIRMATION],
  };
}

const WITHOUT_CONFIRMATION =
  'The state could not be saved, so this message includes findings that no second run has confirmed.';
