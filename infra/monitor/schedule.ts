/** How often the monitor runs. */
import type { Parsed } from '../../lambda/domain/result';

/** Between these, in minutes, the schedule must lie: more often costs IAM's quota, more seldom hides an outage. */
const MIN_MINUTES = 15;
const MAX_MINUTES = 3 * 24 * 60;
const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** `rate(value unit)`; the range is validated apart. */
export const RATE = /^rate\((\d{1,6}) (minute|hour|day)s?\)$/;

/** A valid schedule in minutes, or what is wrong with its text and what to do. */
export type ParsedSchedule = Parsed<number>;

/**
 * Parses `rate(value unit)` of EventBridge Scheduler, from 15 minutes to 3 days. Cron is refused: its gaps differ, so
 * no alarm could distinguish a late run from one that is not scheduled yet.
 */
export function parseSchedule(text: string): ParsedSchedule {
  if (/^(cron|at)\s*\(/.test(text)) {
    return refuseSchedule(
      `${JSON.stringify(text)} is not a rate. Write a rate such as rate(6 hours). With cron, the alarms could not detect a missing run.`,
    );
  }
  const [, value, unit] = RATE.exec(text) ?? [];
  const minutes = Number(value) * (MINUTES[unit ?? ''] ?? NaN);
  if (Number.isNaN(minutes))
    return refuseSchedule(`${JSON.stringify(text)} is not a schedule such as rate(6 hours).`);
  return minutes < MIN_MINUTES || minutes > MAX_MINUTES
    ? refuseSchedule(`${text} is out of range. Write a rate from rate(15 minutes) to rate(3 days).`)
    : { ok: true, value: minutes };
}

const refuseSchedule = (problem: string): ParsedSchedule => ({ ok: false, problem });
