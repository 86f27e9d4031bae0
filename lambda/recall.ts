/** What earlier runs left, and what this one leaves. */
import { isCountDue, rememberAccount } from './core/account-history';
import type { RememberedAccount } from './core/account-history';
import type { Memories } from './core/decide';
import type { Failure, Outcome } from './core/domain';
import { ACCOUNT_ITEM, readAccountMemory, readTargetMemory } from './core/memory';
import type { AccountMemory, TargetMemory } from './core/memory';
import type { ItemToSave, Store, StoredItem } from './core/store';
import type { Ports } from './ports';

/** What is remembered, or why nothing is. */
export interface Recalled {
  readonly account: AccountMemory | null;
  readonly target: (issuer: string) => TargetMemory | null;
  /** Nothing can be compared and nothing will be saved: every finding is told. */
  readonly isStateless: boolean;
  /** Why the store could not be read. */
  readonly failure: Failure | null;
  /** Ids of items that are not ours, or of another version. */
  readonly unreadable: readonly string[];
  readonly items: ReadonlyMap<string, StoredItem>;
}

const NOTHING: Recalled = {
  account: null,
  target: () => null,
  isStateless: true,
  failure: null,
  unreadable: [],
  items: new Map(),
};

/** Loads what is remembered of these issuers and of the account. A lost store is a fact of the run, not its end. */
export async function recall(issuers: readonly string[], store: Store | null): Promise<Recalled> {
  if (store === null) return NOTHING;
  const loaded = await store.load([ACCOUNT_ITEM, ...issuers]);
  if (!loaded.ok) return { ...NOTHING, failure: loaded.failure };
  const items = loaded.value;
  const account = readAccountMemory(items.get(ACCOUNT_ITEM)?.json ?? '');
  const targets = new Map(issuers.map((issuer) => [issuer, readTargetMemory(items.get(issuer)?.json ?? '')]));
  const read = (id: string): unknown => (id === ACCOUNT_ITEM ? account : (targets.get(id) ?? null));
  return {
    account,
    target: (issuer) => targets.get(issuer) ?? null,
    isStateless: false,
    failure: null,
    unreadable: [...items.keys()].filter((id) => read(id) === null),
    items,
  };
}

/** The account after a run; the topic's subscriptions are counted where that is due. */
export async function recallAccount(
  { account, isStateless }: Recalled,
  providers: Outcome<readonly string[]>,
  ports: Pick<Ports, 'countRecipients'>,
  moment: { readonly now: Date; readonly alwaysCount: boolean },
): Promise<RememberedAccount & { readonly recipients: Outcome<number> | null }> {
  const isDue = moment.alwaysCount || isStateless || isCountDue(account, moment.now);
  const recipients = ports.countRecipients !== null && isDue ? await ports.countRecipients() : null;
  const seen = { providers: providers.ok ? providers.value : null, recipients };
  return { ...rememberAccount(account, seen, moment.now), recipients };
}

/** Saves what the next run must know. Conflicts are counted: the other run knows as much. */
export async function keep(memories: Memories, recalled: Recalled, store: Store): Promise<Outcome<number>> {
  const toItem = (id: string, memory: unknown): ItemToSave => {
    const item = recalled.items.get(id);
    const isUnreadable = recalled.unreadable.includes(id);
    return {
      id,
      readVersion: item?.version ?? null,
      json: JSON.stringify(memory),
      unreadable: isUnreadable ? (item?.json ?? null) : null,
    };
  };
  return store.save([
    ...memories.targets.map(({ issuer, memory }) => toItem(issuer, memory)),
    toItem(ACCOUNT_ITEM, memories.account),
  ]);
}
