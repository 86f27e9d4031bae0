/** OPS002: the state could not be saved, or is near the limit of an item. */
import type { Failure, Finding } from '../../domain/types';
import { showTime } from '../../text/layout';
import { MINUTE_MS } from '../../domain/duration';
import { MAX_EVIDENCE } from '../../state/evidence';

const DAY_MINUTES = 24 * 60;

/** `lastSaved`: ISO 8601; null: not known. */
export const notSaved = ({ code }: Failure, lastSaved: string | null): Finding => ({
  check: 'OPS002',
  severity: 'high',
  message: `The state could not be saved (${code}).${lastSaved === null ? '' : ` It was last saved at ${showTime(lastSaved)}.`} Until the state can be saved, alerts may be repeated, and reminders and confirmations by a second run do not work.`,
  remedy: `Look up ${code} in the runbook.`,
});

/** `bytes`: of the main item. The limit that is near is its own, or that of the findings of one provider. */
export const nearLimit = (bytes: number): Finding => ({
  check: 'OPS002',
  severity: 'medium',
  message: `The state of the account is near a limit. It has ${Math.ceil(bytes / 1024)} KB (limit: 400 KB), and it stores at most ${MAX_EVIDENCE} roles or keys with findings for one provider. Beyond the limit, the monitor still reports further roles and keys with findings, but does not recognize which of them are new.`,
  remedy: 'Resolve the findings that affect the most roles, so that the state becomes smaller.',
});

/**
 * Whether a message about state that could not be saved is sent by this run: once a day, although no run can
 * store that it has sent one. The first run that fails is about one interval after the last state that was
 * saved, so the message is sent by the run whose distance from it is one interval, give or take half of one,
 * and then a day later, and so on.
 */
export function isMessageDay(lastSaved: string | null, now: Date, intervalMinutes: number): boolean {
  if (lastSaved === null || intervalMinutes >= DAY_MINUTES) return true;
  const age = (now.getTime() - Date.parse(lastSaved)) / MINUTE_MS;
  const phase = (age - intervalMinutes / 2) % DAY_MINUTES;
  return (phase + DAY_MINUTES) % DAY_MINUTES < intervalMinutes;
}
