/** What every scenario gets and gives. */
import type { Verdict } from './goals';
import type { Place } from './measure';

/** The round trip that the far network takes, in milliseconds. */
export const FAR_RTT = 30;

/** What the bench has made ready. */
export interface Bench extends Place {
  readonly quick: boolean;
  /** The file that is deployed. */
  readonly product: string;
  /** Says what goes on. */
  readonly say: (words: string) => void;
}

/** Throws WrongAnswer where a contender is wrong. */
export type Scenario<Extra = object> = (
  bench: Bench,
) => Promise<{ readonly verdicts: readonly Verdict[] } & Extra>;
