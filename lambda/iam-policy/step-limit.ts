/**
 * Work is counted in steps, not in time: what comes out for a role depends on its policy alone, and not on the machine
 * or on the other roles.
 */

/** What the evaluation of one role has cost, and whether it may cost more. */
export interface StepLimit {
  /** Adds to the cost. */
  readonly spend: (steps: number) => void;
  /** From now on nothing that is found, or not found, is certain. */
  readonly isExceeded: () => boolean;
  readonly spent: () => number;
}

/**
 * For all providers that a role may trust. Ordinary roles take about ten thousand steps, one that names forty projects
 * with their refs three times as many. So many take about a tenth of a second.
 */
export const MAX_STEPS = 500_000;

/** Begins to count. */
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
