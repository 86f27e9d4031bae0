/** One invocation as it went: what it was told by the world, and what it did. */
import type { Dated, ProviderState } from './world';
import type { Message } from './message';

/** How it ended. A run that was killed never ends. */
export type End = 'running' | 'completed' | 'failed' | 'killed';

/** What a run learned of a host: its chains, as far as they answered. */
export interface ProbeSeen {
  readonly tops: readonly string[];
  /** Everything that was served on a path. */
  readonly path: readonly string[];
  /** When the first leaf expires; null: nothing was served. */
  readonly expires: number | null;
  /** Every address and key type answered. */
  readonly isWhole: boolean;
}

/** The first answer to each question counts: a second look only confirms. Null: it got no answer. */
export class Run {
  end: End = 'running';
  listing: readonly string[] | null | undefined;
  listedAt = 0;
  readonly lists = new Map<string, Dated<ProviderState> | 'missing' | null>();
  readonly probes = new Map<string, ProbeSeen>();
  readonly documents = new Map<string, boolean>();
  readonly kids = new Map<string, readonly string[] | null>();
  /** Something that belongs to no target could not be seen. */
  isBlind = false;
  /** Something of what it had to save at its end was not taken. */
  isUnsaved = false;
  /** The state could be loaded. */
  isRemembering = true;
  /** How many listened when it last asked; null: it did not ask, or got no answer. */
  count: number | null = null;
  /** It asked and got no answer. */
  isUncounted = false;
  /** Items that it wrote when it had said everything, and when. */
  readonly saved = new Map<string, number>();
  /** Items that it wanted to write then. Those that it found as they were stand together in one of their own. */
  written: readonly string[] = [];
  readonly messages: Message[] = [];
  /** Whether anybody could hear what this run said. */
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
