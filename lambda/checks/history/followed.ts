/** A target after a run, compared with what earlier runs found. */
import type { Finding } from '../../domain/types';
import type { Intent } from '../../state/schema';
import type { AcceptRemark } from '../suppressions';
import type { Updated } from './intents';
import type { Known } from './state-of-findings';
import type { CheckId } from '../../domain/checks';

/** A target after a run. */
export interface Followed extends Known {
  /** The state contains it or other targets: else this is the first run, which reports everything at once. */
  readonly baseline: boolean;
  /** Critical checks that a second look within this run found again. */
  readonly confirmed: ReadonlySet<CheckId>;
  /** An update that was applied, by this run or by one that ended before it could report it. */
  readonly updated: Updated | null;
  /** Remarks about the `accept` entries that were applied to it. */
  readonly remarks: readonly AcceptRemark[];
  /** The intent that remains to be reported if there is no recipient. */
  readonly intent: Intent | null;
  /** Changes that a second run must confirm before they are alerted. */
  readonly waiting: readonly Finding[];
}
