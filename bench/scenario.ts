/** Input and output of every scenario. */
import type { Verdict } from './goals';
import type { Place } from './measure';

/** The round trip that the far network takes, in milliseconds. */
export const FAR_RTT = 30;

/** What the bench has made ready. */
export interface Bench extends Place {
  readonly quick: boolean;
  /** The file that is deployed. */
  readonly product: string;
  /** Prints the progress. */
  readonly say: (words: string) => void;
}

/** Throws WrongAnswer if the answer of a contender is wrong. */
export type Scenario<Extra = object> = (
  bench: Bench,
) => Promise<{ readonly verdicts: readonly Verdict[] } & Extra>;
