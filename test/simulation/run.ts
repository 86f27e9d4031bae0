/** One invocation as it went: the answers that it received, and what it did. */
import type { Dated, ProviderState } from './world';
import type { Message } from './message';

/** How it ended. A run that was killed never ends. */
export type End = 'running' | 'completed' | 'failed' | 'killed';

/** What a run collected of a host: its chains, as far as they answered. */
export interface ProbeSeen {
  readonly tops: readonly string[];
  /** Everything that was served on a path. */
  readonly path: readonly string[];
  /** When the first leaf expires; null: nothing was served. */
  readonly expires: number | null;
  /** Every address and key type answered. */
  readonly isWhole: boolean;
}

/** The first answer to each request counts: a second probe only confirms. Null: it got no answer. */
export class Run {
  end: End = 'running';
  listing: readonly string[] | null | undefined;
  listedAt = 0;
  readonly lists = new Map<string, Dated<ProviderState> | 'missing' | null>();
  readonly probes = new Map<string, ProbeSeen>();
  readonly documents = new Map<string, boolean>();
  readonly kids = new Map<string, readonly string[] | null>();
  /** Something that belongs to no target could not be audited. */
  isBlind = false;
  /** The last write to the table was refused. */
  isUnsaved = false;
  /** The state could be loaded. */
  isRemembering = true;
  /** The number of recipients at the last count; null: it did not count, or got no answer. */
  count: number | null = null;
  /** It counted and got no answer. */
  isUncounted = false;
  /** When it saved its state after its messages; null: it did not. */
  savedAt: number | null = null;
  /** When it loaded the small item, which has the intents. */
  intentsLoadedAt = 0;
  /** Writes to the table that it tried. */
  saves = 0;
  readonly messages: Message[] = [];
  /** Whether the messages of this run had a recipient. */
  isHeard = true;
  wrote = 0;
  /** Issuers of its report, once it has completed. */
  reported: readonly string[] = [];

  constructor(
    readonly name: string,
    readonly action: 'monitor' | 'audit',
    readonly startedAt: number,
  ) {}
}
