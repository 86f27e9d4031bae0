/** How many cases properties take, and which. */
import fc from 'fast-check';

/** The number that `npm test` has time for, of a parser that receives untrusted bytes. */
const OF_A_COMMIT = 500;

/** The same in this run: `npm run nightly` asks for more. */
export const CASES = Number(process.env['FUZZ_CASES'] ?? OF_A_COMMIT);

/** The default of fast-check. */
const USUAL = 100;

/** Parameters of fast-check. FUZZ_SEED repeats a run. */
export interface Cases {
  readonly numRuns: number;
  readonly seed?: number;
}

/** So many cases. */
export function exactly(numRuns: number): Cases {
  const seed = process.env['FUZZ_SEED'];
  return { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };
}

/**
 * `usual` cases in `npm test`; more, in proportion, if a run asks for more, and fewer if fast-check is configured
 * to take fewer than it usually does.
 */
export const taking = (usual: number): Cases =>
  exactly(Math.ceil((usual * CASES * (fc.readConfigureGlobal().numRuns ?? USUAL)) / (OF_A_COMMIT * USUAL)));
