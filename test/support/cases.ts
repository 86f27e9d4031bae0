/** How many cases properties take, and which. */

/** The number that `npm test` has time for, of a parser that receives untrusted bytes. */
const OF_A_COMMIT = 500;

/** The same in this run: `npm run nightly` asks for more. */
export const CASES = Number(process.env['FUZZ_CASES'] ?? OF_A_COMMIT);

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

/** `usual` cases in `npm test`; more or fewer, in proportion, if FUZZ_CASES asks for that. */
export const taking = (usual: number): Cases => exactly(Math.ceil((usual * CASES) / OF_A_COMMIT));
