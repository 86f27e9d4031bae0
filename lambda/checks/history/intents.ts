/** Updates that were begun: how they went, and what a run finds of one that never came to its end. */
import type { UpdateMode } from '../../config/config';
import { THUMBPRINT, nameAll } from '../../state/identifiers';
import type { Intent } from '../../state/schema';
import { normaliseThumbprint } from '../../x509/thumbprint';
import type { Change } from '../../state/change';
import { MINUTE_MS } from '../../domain/duration';

/** How an update went. */
export interface Updated {
  readonly before: readonly string[];
  readonly list: readonly string[];
  readonly added: readonly string[];
  /** A later read showed it. IAM may take longer. */
  readonly isVisible: boolean;
}

/** An intent of an earlier run that never came to its end, as the list shows it now. */
export type Settled = { readonly intent: Intent } & (
  | { readonly kind: 'done'; readonly updated: Updated }
  /** It was not applied, or somebody took it back at once: that cannot be told apart, so it is not tried again. */
  | { readonly kind: 'lost'; readonly change: Change }
);

/** A function of Lambda runs so long at most. Before that, whoever began the update may still be at work. */
const LONGEST_RUN_MS = 15 * MINUTE_MS;

/**
 * Null: there was no intent, updates are off, the list could not be read, or it is too early to say. Whoever can write to
 * the state table can claim an update, so the table proves nothing: IAM must list what it names, and what a message says
 * of the list is what IAM lists.
 */
export function settleIntent(
  intent: Intent | null,
  listed: readonly string[] | null,
  { mode, now }: { readonly mode: UpdateMode; readonly now: Date },
): Settled | null {
  if (intent === null || mode === 'off' || listed === null) return null;
  const isAdded = (entry: string): boolean => intent.added.includes(normaliseThumbprint(entry));
  const normal = listed.map(normaliseThumbprint);
  if (intent.added.length > 0 && intent.added.every((each) => normal.includes(each))) {
    const before = listed.filter((entry) => !isAdded(entry));
    return {
      intent,
      kind: 'done',
      updated: { before, list: listed, added: intent.added, isVisible: true },
    };
  }
  if (now.getTime() - Date.parse(intent.at) < LONGEST_RUN_MS) return null;
  return {
    intent,
    kind: 'lost',
    change: { kind: 'update-lost', startedAt: intent.at, thumbprints: nameAll(intent.added, THUMBPRINT) },
  };
}
