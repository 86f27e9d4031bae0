/** How many cases properties take. */
import fc from 'fast-check';

/** What fast-check takes where nobody says how many. */
const USUAL = 100;

/** `usual` cases; fewer, in proportion, where a run has told fast-check to take fewer than it usually does. */
export const taking = (usual: number): { readonly numRuns: number } => ({
  numRuns: Math.ceil((usual * (fc.readConfigureGlobal().numRuns ?? USUAL)) / USUAL),
});
