/** What messages are about, in the order of gravity that the contract fixes. */

/** What fires, is reminded of and resolved. */
export type Firing = 'drift' | 'unknown' | 'finding';

/** The kinds of messages. */
export type EventType =
  `${Firing}.${'firing' | 'reminder' | 'resolved'}` | 'keys.changed' | 'updated' | 'update.refused' | 'test';

/** Gravest first. */
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
