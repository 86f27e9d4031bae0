/** Made-up notifications. */
import type { EventType } from '../../lambda/domain/event-types';
import type { Notification } from '../../lambda/domain/notification';
import { drifted } from './reports';

/** One notification of an event type, about drift unless said otherwise. */
export const told = (eventType: EventType, changes: Partial<Notification> = {}): Notification => ({
  eventType,
  severity: 'low',
  target: drifted('a'),
  findings: drifted('a').findings,
  since: '2026-11-24T06:00:00.000Z',
  ...changes,
});
