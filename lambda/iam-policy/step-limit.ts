/**
 * Work is counted in steps, not in time: the result for a role depends on its policy alone, and not on the
 * machine or on the other roles.
 */

/** Counts the steps of the evaluation of one role, up to a limit. */
export interface StepLimit {
  /** Adds to the cost. */
  readonly spend: (steps: number) => void;
  /** If true, no result, found or not found, is certain. */
  readonly isExceeded: () => boolean;
  readonly spent: () => number;
}

/**
 * For all providers that a role may trust. Ordinary roles take about ten thousand steps, one that names forty
 * projects with their refs three times as many. The limit takes about a tenth of a second.
 */
export const MAX_STEPS = 500_000;

/** A new counter of steps. */
export function stepLimit(max = MAX_STEPS): StepLimit {
  let spent = 0;
  return {
    spend: (steps) => {
      spent += steps;
    },
    isExceeded: () => spent > max,
    spent: () => spent,
  };
}
