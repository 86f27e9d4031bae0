/** A target after a run, compared with what earlier runs found. */
import type { Finding } from '../../domain/types';
import type { Intent } from '../../state/schema';
import type { AcceptRemark } from '../suppressions';
import type { Updated } from './intents';
import type { Known } from './state-of-findings';
import type { CheckId } from '../../domain/checks';

/** A target after a run. */
export interface Followed extends Known {
  /** It was remembered, or others were: else this is the first run, which tells everything at once. */
  readonly baseline: boolean;
  /** Critical checks that a second look within this run found again. */
  readonly confirmed: ReadonlySet<CheckId>;
  /** An update that was made, by this run or by one that died before it could say so. */
  readonly updated: Updated | null;
  /** What is to be said of the `accept` entries that were applied to it. */
  readonly remarks: readonly AcceptRemark[];
  /** What stays to be said of it where nobody hears. */
  readonly intent: Intent | null;
  /** Changes that a second run must confirm before they are alerted. */
  readonly waiting: readonly Finding[];
}
