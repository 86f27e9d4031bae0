/** Types of events, in the order of severity that the contract fixes. */

/** Types that fire, have reminders and are resolved. */
export type Firing = 'drift' | 'unknown' | 'finding';

/** The kinds of messages. */
export type EventType =
  `${Firing}.${'firing' | 'reminder' | 'resolved'}` | 'keys.changed' | 'updated' | 'update.refused' | 'test';

/** Most severe first. */
export const GRAVITY: readonly EventType[] = [
  'drift.firing',
  'unknown.firing',
  'finding.firing',
  'update.refused',
  'updated',
  'keys.changed',
  'drift.reminder',
  'unknown.reminder',
  'finding.reminder',
  'drift.resolved',
  'finding.resolved',
  'unknown.resolved',
  'test',
];
