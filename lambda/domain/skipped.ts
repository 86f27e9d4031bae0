/** Checks that did not run, and why. */
import type { CheckId } from './checks';

/**
 * Why a check did not run. `aws-not-read`: `--no-aws`. `roles-not-read`, `not-read`: a source failed. `no-answer`:
 * a part of the handshakes. `no-time`, `step-limit`: for the
 * named roles. `no-state`: it compares with earlier runs, and none is known.
 */
export const SKIP_CODES = [
  'aws-not-read',
  'audit-trust-off',
  'roles-not-read',
  'not-read',
  'no-answer',
  'no-time',
  'step-limit',
  'no-state',
] as const;

/** One of them. */
export type SkipCode = (typeof SKIP_CODES)[number];

/** One check that did not run. */
export interface SkippedCheck {
  readonly check: CheckId;
  readonly code: SkipCode;
  /** The same in words. */
  readonly reason: string;
  /** ARNs of the roles for which it did not run. Absent: it did not run at all. */
  readonly roles?: readonly string[];
}

/** Several checks with one reason. */
export const skipAll = (
  checks: readonly CheckId[],
  why: Omit<SkippedCheck, 'check'>,
): readonly SkippedCheck[] => checks.map((check) => ({ check, ...why }));
