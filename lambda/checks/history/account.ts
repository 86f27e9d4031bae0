/**
 * Checks of the account that need history: providers that were created or deleted, and whether alerts have a
 * recipient.
 */
import type { Finding, Outcome } from '../../domain/types';
import { PROVIDER_ARN, nameAll } from '../../state/identifiers';
import { MAX_PENDING_CHANGES, newAccountMemory } from '../../state/schema';
import type { AccountMemory, PendingChange } from '../../state/schema';
import type { Change } from '../../state/change';
import type { CheckId } from '../../domain/checks';
import { DAY_MS } from '../../domain/duration';

/** What a run collected of the account. */
export interface ObservedAccount {
  /** ARNs of every OIDC provider; null: they could not be listed. */
  readonly providers: readonly string[] | null;
  /** Confirmed subscriptions of the topic; null: not counted in this run. */
  readonly recipients: Outcome<number> | null;
}

/** The account's memory after a run, its tracks untouched. */
export interface RememberedAccount {
  readonly memory: AccountMemory;
  /** Without the pending changes, which are in the memory. */
  readonly findings: readonly Finding[];
  /** Checks that this run skipped. */
  readonly skipped: ReadonlySet<CheckId>;
}

/** Adds a run. The first run lists the providers and alerts nothing: there is nothing to compare with. */
export function rememberAccount(
  previous: AccountMemory | null,
  { providers, recipients }: ObservedAccount,
  now: Date,
): RememberedAccount {
  const at = now.toISOString();
  const before = previous ?? newAccountMemory(at);
  const confirmed = recipients?.ok === true ? recipients.value : null;
  const changes = [
    ...(before.providers === null || providers === null ? [] : providerChanges(before.providers, providers)),
    ...fewer(before.recipients?.confirmed ?? 0, confirmed),
  ];
  return {
    memory: {
      ...before,
      lastRun: at,
      providers: providers ?? before.providers,
      recipients: confirmed === null ? before.recipients : { confirmed, checkedAt: at },
      pendingChanges: [
        ...before.pendingChanges,
        ...changes.map((change): PendingChange => ({ change, at })),
      ].slice(-MAX_PENDING_CHANGES),
    },
    findings: confirmed === 0 ? [NOBODY] : [],
    skipped: new Set(confirmed === null ? ['OPS001'] : []),
  };
}

/** The subscriptions are counted once a day, and at every run while there is no recipient. */
export const needsCount = (memory: AccountMemory | null, now: Date): boolean =>
  memory?.recipients == null ||
  memory.recipients.confirmed === 0 ||
  now.getTime() - Date.parse(memory.recipients.checkedAt) >= DAY_MS;

/** Whether a message has recipients. If the subscriptions could not be counted, it may have some. */
export const hasRecipients = ({ recipients }: Pick<AccountMemory, 'recipients'>): boolean =>
  recipients?.confirmed !== 0;

/** OPS001: there is no recipient. */
export const NOBODY: Finding = {
  check: 'OPS001',
  severity: 'high',
  message:
    'The alert topic has no confirmed subscription, so nobody receives alerts. The monitor repeats every finding on each run until a subscription is confirmed.',
  remedy:
    'Confirm a subscription: open the mail "AWS Notification - Subscription Confirmation" and follow its link. If there is no such mail, add a subscription to the topic.',
};

const fewer = (before: number, now: number | null): readonly Change[] =>
  now === null || now === 0 || now >= before ? [] : [{ kind: 'fewer-recipients', before, now }];

function providerChanges(before: readonly string[], now: readonly string[]): readonly Change[] {
  return [
    ...listedChanges(
      'created',
      now.filter((arn) => !before.includes(arn)),
    ),
    ...listedChanges(
      'deleted',
      before.filter((arn) => !now.includes(arn)),
    ),
  ];
}

/** More at a time are one change: an item is limited to 50 changes, and none may be lost. */
const MAX_ALERTED_SINGLY = 10;
const MAX_NAMED = 3;

function listedChanges(action: 'created' | 'deleted', arns: readonly string[]): readonly Change[] {
  if (arns.length === 0) return [];
  const change = (of: readonly string[], more: number): Change => {
    const providers = nameAll(of, PROVIDER_ARN);
    return { kind: 'providers', action, providers: { ...providers, more: providers.more + more } };
  };
  if (arns.length <= MAX_ALERTED_SINGLY) return arns.map((arn) => change([arn], 0));
  return [change(arns.slice(0, MAX_NAMED), arns.length - MAX_NAMED)];
}
