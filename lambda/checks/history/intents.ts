/** Updates that were begun: their results, and what a run finds of one that was never completed. */
import type { UpdateMode } from '../../config/config';
import { THUMBPRINT, nameAll } from '../../state/identifiers';
import type { Intent, TargetMemory } from '../../state/schema';
import { normaliseThumbprint } from '../../x509/thumbprint';
import type { Change, ListUpdate } from '../../domain/change';
import { MINUTE_MS } from '../../domain/duration';

/** The result of an update. */
export type Updated = ListUpdate;

/** An intent of an earlier run that was never completed, compared with the list now. */
export type Settled = { readonly intent: Intent } & (
  | { readonly kind: 'done'; readonly updated: Updated }
  /**
   * It was not applied, or somebody reverted it at once: these cannot be distinguished, so it is not tried
   * again.
   */
  | { readonly kind: 'lost'; readonly change: Change }
);

/** Maximum run time of a Lambda function. Until then, the run that began the update may not have ended. */
const LONGEST_RUN_MS = 15 * MINUTE_MS;

/**
 * Null: there was no intent, updates are off, the list could not be read, or it is too early to decide.
 * Anybody with write access to the state table can claim an update, so the table is not a proof: IAM must
 * list what it names, and a message about the list says what IAM lists. The list is no proof of who wrote it
 * either: the command in an alert writes the same one.
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
      updated: { before, list: listed, added: intent.added, isVisible: true, by: 'unknown' },
    };
  }
  if (now.getTime() - Date.parse(intent.at) < LONGEST_RUN_MS) return null;
  return {
    intent,
    kind: 'lost',
    change: { kind: 'update-lost', startedAt: intent.at, thumbprints: nameAll(intent.added, THUMBPRINT) },
  };
}

/** Completes an intent, whether applied or lost. */
export function completeIntent(memory: TargetMemory, settled: Settled, now: Date): TargetMemory {
  const { intent } = settled;
  return {
    ...memory,
    intent: null,
    added: [...new Set([...memory.added, ...intent.added])],
    updatedAt: settled.kind === 'done' ? intent.at : memory.updatedAt,
    pendingChanges:
      settled.kind === 'lost'
        ? [...memory.pendingChanges, { change: settled.change, at: now.toISOString() }]
        : memory.pendingChanges,
  };
}
