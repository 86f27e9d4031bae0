/** Suppressed findings without saved state: entries without a subject cover everything. */
import type { AcceptedFinding } from '../../lambda/config/config';
import type { TargetReport } from '../../lambda/domain/types';
import { acceptFindings } from '../../lambda/checks/suppressions';
import type { AcceptScope } from '../../lambda/checks/suppressions';

/** A scope of which nothing is known. */
export const scopeOf = (changes: Partial<AcceptScope> = {}): AcceptScope => ({
  issuer: null,
  account: null,
  baselines: null,
  isNew: true,
  skipped: new Set(),
  exists: [],
  now: new Date('2026-11-23T12:00:00Z'),
  ...changes,
});

/** A target whose suppressed findings are marked. */
export const markAccepted = (
  target: TargetReport,
  accept: readonly AcceptedFinding[],
  now: Date,
): TargetReport => ({
  ...target,
  findings: acceptFindings(target.findings, accept, scopeOf({ issuer: target.issuer, now })).findings,
});
