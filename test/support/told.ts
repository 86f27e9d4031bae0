/** Made-up notifications. */
import type { EventType } from '../../lambda/domain/event-types';
import type { Notification } from '../../lambda/domain/notification';
import type { AlertContext } from '../../lambda/alerting/message/message';
import { drifted } from './reports';

/** The context of a message about a report: no remark, no name of the account, no documentation. */
export const contextOf = (
  report: AlertContext['report'],
  changes: Partial<AlertContext> = {},
): AlertContext => ({ report, remarks: [], accountName: null, docsUrl: null, ...changes });

/** One notification of an event type, about drift unless said otherwise. */
export const told = (eventType: EventType, changes: Partial<Notification> = {}): Notification => ({
  eventType,
  severity: 'low',
  target: drifted('a'),
  findings: drifted('a').findings,
  since: '2026-11-24T06:00:00.000Z',
  ...changes,
});
