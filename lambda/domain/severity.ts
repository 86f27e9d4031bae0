/** The order of severities, and the gravest of several. */
import type { Severity } from './types';

/** From news to outage. */
export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Negative where `left` is less grave than `right`. */
export const compareSeverity = (left: Severity, right: Severity): number =>
  SEVERITIES.indexOf(left) - SEVERITIES.indexOf(right);

/** Whether a severity is at least as grave as a threshold. */
export const atLeast = (severity: Severity, threshold: Severity): boolean =>
  compareSeverity(severity, threshold) >= 0;

/** The gravest, or null of none. */
export const gravest = (severities: readonly Severity[]): Severity | null =>
  [...severities].sort(compareSeverity).at(-1) ?? null;

/** The gravest of several things that have one; info where there are none. */
export const severityOf = (things: readonly { readonly severity: Severity }[]): Severity =>
  gravest(things.map(({ severity }) => severity)) ?? 'info';
