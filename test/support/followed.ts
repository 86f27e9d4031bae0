/** Targets as a run without a past knows them: everything is told at once. */
import { composeAlert } from '../../lambda/core/alert';
import type { AlertMessage } from '../../lambda/core/alert';
import { decide } from '../../lambda/core/decide';
import type { Followed, Notification } from '../../lambda/core/decide';
import type { Report, TargetReport } from '../../lambda/core/domain';
import { newAccountMemory, newTargetMemory } from '../../lambda/core/memory/memory';

/** When made-up runs take place. */
export const AT = '2026-11-24T06:00:00.000Z';

/** A target that was never looked at before. */
export const followed = (report: TargetReport): Followed => ({
  report,
  unseen: new Set(),
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
  refusal: null,
  updated: null,
  intent: null,
});

/** What a first run tells of a report. */
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
      unseen: new Set(),
      isBlind: failures.length > 0,
      baseline: true,
    },
    new Date(AT),
  ).notifications;

/** The message of a first run, or null. */
export const firstMessage = (report: Report): AlertMessage | null =>
  composeAlert(notificationsOf(report), { report, remarks: [] });
