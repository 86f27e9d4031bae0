/**
 * Intended differences from `recorded.json`, which holds the public contracts as they were before the restructuring.
 * Additive changes are listed, too: the list contains everything that users can notice.
 */

/** `path`: keys and indices joined by dots; `*` matches any one of them, and everything below a path belongs to it. */
export interface Difference {
  readonly path: string;
  readonly reason: string;
}

/** None yet. */
export const DIFFERENCES: readonly Difference[] = [];
