/** Updates that were begun: how they went, and what a run finds of one that never came to its end. */
import type { Finding } from '../domain';
import type { Intent } from '../memory/memory';
import { normaliseThumbprint } from '../certificates/thumbprint';

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
  | { readonly kind: 'lost'; readonly finding: Finding }
);

/** A function of Lambda runs so long at most. Before that, whoever began the update may still be at work. */
const LONGEST_RUN_MS = 15 * 60_000;

/** Null: there was no intent, the list could not be read, or it is too early to say. */
export function settle(intent: Intent | null, listed: readonly string[] | null, now: Date): Settled | null {
  if (intent === null || listed === null) return null;
  const normal = listed.map(normaliseThumbprint);
  if (intent.added.every((each) => normal.includes(each)))
    return { intent, kind: 'done', updated: { ...intent, isVisible: true } };
  if (now.getTime() - Date.parse(intent.at) < LONGEST_RUN_MS) return null;
  return {
    intent,
    kind: 'lost',
    finding: {
      check: 'THUMB008',
      severity: 'medium',
      message: `An update that the monitor began at ${intent.at} is not in the list: ${intent.added.join(', ')}. It was not applied, or somebody took it back. It is not tried again.`,
      remedy: 'Look at the evidence. If the certificate is right, list it yourself.',
    },
  };
}
