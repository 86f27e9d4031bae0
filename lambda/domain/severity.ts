/** The order of severities, and the highest of several. */
import type { Severity } from './types';

/** Lowest first. */
export const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Negative if `left` is less severe than `right`. */
export const compareSeverity = (left: Severity, right: Severity): number =>
  SEVERITIES.indexOf(left) - SEVERITIES.indexOf(right);

/** Whether a severity is at least as high as a threshold. */
export const atLeast = (severity: Severity, threshold: Severity): boolean =>
  compareSeverity(severity, threshold) >= 0;

/** The highest, or null if there are none. */
export const gravest = (severities: readonly Severity[]): Severity | null =>
  [...severities].sort(compareSeverity).at(-1) ?? null;

/** The highest severity of several things; info if there are none. */
export const severityOf = (things: readonly { readonly severity: Severity }[]): Severity =>
  gravest(things.map(({ severity }) => severity)) ?? 'info';
