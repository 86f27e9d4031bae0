/** Targets as a run knows them: without history, so that everything is alerted at once, and with history. */
import { composeAlert } from '../../lambda/alerting/message/message';
import { decide } from '../../lambda/decide';
import type { Report, TargetReport } from '../../lambda/domain/types';
import { newAccountMemory, newTargetMemory } from '../../lambda/state/schema';
import { NOW } from './observed';
import { contextOf } from './told';
import type { AlertMessage } from '../../lambda/domain/message';
import type { Followed } from '../../lambda/checks/history/followed';
import type { Notification } from '../../lambda/domain/notification';

/** When made-up runs take place. */
export const AT = '2026-11-24T06:00:00.000Z';

/** A target that was never audited before. */
export const followed = (report: TargetReport): Followed => ({
  report,
  skipped: new Set(),
  memory: {
    ...newTargetMemory(AT),
    thumbprints: report.expected.map((thumbprint) => ({
      thumbprint,
      first: AT,
      last: AT,
      expected: AT,
      streakSince: AT,
      streakRuns: 1,
    })),
  },
  baseline: true,
  confirmed: new Set(),
  remarks: [],
  refusal: null,
  updated: null,
  intent: null,
  waiting: [],
});

/** A day before `NOW`. */
export const YESTERDAY = new Date(NOW.getTime() - 86_400_000).toISOString();

/** A target that is known since yesterday: nothing of it was alerted, and no action is pending. */
export const knownBefore = (report: TargetReport, changes: Partial<Followed> = {}): Followed => ({
  ...followed(report),
  memory: newTargetMemory(YESTERDAY),
  baseline: false,
  ...changes,
});

/** What a first run sends for a report. */
export const notificationsOf = ({
  targets,
  findings,
  failures,
}: Omit<Report, 'text'>): readonly Notification[] =>
  decide(
    targets.map(followed),
    {
      memory: newAccountMemory(AT),
      findings,
      acceptedChanges: [],
      skipped: new Set(),
      isBlind: failures.length > 0,
      baseline: true,
    },
    new Date(AT),
  ).notifications;

/** The message of a first run, or null. */
export const firstMessage = (report: Report): AlertMessage | null =>
  composeAlert(notificationsOf(report), contextOf(report));
