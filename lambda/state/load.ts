/** Loads the state of earlier runs. */
import type { Failure, Outcome } from '../domain/types';
import { ACCOUNT_ITEM, readAccountMemory, readTargetMemory } from './schema';
import type { AccountMemory, TargetMemory } from './schema';
import { REPETITIONS_ITEM, holds, readRepetitions, repeatAccount, repeatTarget } from './repetition';
import type { Repetition, Repetitions } from './repetition';
import type { Store, StoredItem } from '../domain/store';

/** The loaded state, or why there is none. */
export interface LoadedState {
  readonly account: AccountMemory | null;
  readonly target: (issuer: string) => TargetMemory | null;
  /** Nothing can be compared and nothing will be saved: every finding is reported. */
  readonly isStateless: boolean;
  /** Why the store could not be read. */
  readonly failure: Failure | null;
  /** Ids of items that the monitor did not write, or of another version. */
  readonly unreadable: readonly string[];
  readonly items: ReadonlyMap<string, StoredItem>;
  /** Repetitions: runs that wrote no items of their own. */
  readonly repetitions: Repetitions;
}

const NOTHING: LoadedState = {
  account: null,
  target: () => null,
  isStateless: true,
  failure: null,
  unreadable: [],
  items: new Map(),
  repetitions: new Map(),
};

type Items = LoadedState['items'];

/** Providers as IAM lists them. */
export interface ListedProviders {
  readonly arns: readonly string[];
  readonly issuers: readonly (string | null)[];
}

/** Items that are being loaded. */
export interface StateLoading {
  /**
   * Whether earlier runs listed the same providers, as far as the state says. `issuers`: those of the listed
   * ones.
   */
  readonly agreesWith: (listed: ListedProviders) => Promise<boolean>;
  /** The state of these issuers and of the account. */
  readonly of: (issuers: readonly string[]) => Promise<LoadedState>;
}

/** Begins to load the items that are known to be needed, so that no issuer waits for them. */
export function beginLoad(configured: readonly string[], store: Store | null): StateLoading {
  if (store === null) return { agreesWith: () => Promise.resolve(true), of: () => Promise.resolve(NOTHING) };
  const early = store.load([ACCOUNT_ITEM, REPETITIONS_ITEM, ...configured]);
  return {
    agreesWith: async ({ arns, issuers }) => {
      const loaded = await early;
      return (
        !loaded.ok || (isSameListing(loaded.value, arns) && lacksNone(loaded.value, configured, issuers))
      );
    },
    of: async (issuers) => {
      const others = issuers.filter((issuer) => !configured.includes(issuer));
      const later = others.length === 0 ? ({ ok: true, value: new Map() } as const) : store.load(others);
      const [first, second] = await Promise.all([early, later]);
      if (!first.ok || !second.ok) return { ...NOTHING, failure: failureOf(first) ?? failureOf(second) };
      return readItems(issuers, new Map([...first.value, ...second.value]));
    },
  };
}

function isSameListing(items: Items, arns: readonly string[]): boolean {
  const remembered = readAccountMemory(items.get(ACCOUNT_ITEM)?.json ?? '')?.providers ?? null;
  if (remembered === null) return true;
  const known = new Set(remembered);
  return known.size === arns.length && arns.every((arn) => known.has(arn));
}

/** A provider whose list was read counts as listed: the items are not all read at the same time. */
function lacksNone(
  items: Items,
  configured: readonly string[],
  issuers: ListedProviders['issuers'],
): boolean {
  const listed = new Set(issuers);
  return configured
    .filter((issuer) => !listed.has(issuer))
    .every((issuer) => (readTargetMemory(items.get(issuer)?.json ?? '')?.listed ?? null) === null);
}

/** An unavailable store is a failure in the report and does not end the run. */
const failureOf = (loaded: Outcome<Items>): Failure | null => (loaded.ok ? null : loaded.failure);

function readItems(issuers: readonly string[], items: Items): LoadedState {
  const known = readRepetitions(items.get(REPETITIONS_ITEM)?.json ?? '');
  const repetitions: Repetitions = known ?? new Map();
  const readItem = <M extends { readonly lastRun: string }>(id: string, kind: ItemKind<M>): M | null => {
    const item = items.get(id);
    const memory = kind.parse(item?.json ?? '');
    const repetition = repetitions.get(id);
    return memory !== null && holds(repetition, item?.version, memory.lastRun)
      ? kind.repeat(memory, repetition)
      : memory;
  };
  const account = readItem(ACCOUNT_ITEM, { parse: readAccountMemory, repeat: repeatAccount });
  const targets = new Map(
    issuers.map((issuer) => [issuer, readItem(issuer, { parse: readTargetMemory, repeat: repeatTarget })]),
  );
  const readable = new Map<string, unknown>([...targets, [ACCOUNT_ITEM, account], [REPETITIONS_ITEM, known]]);
  return {
    account,
    target: (issuer) => targets.get(issuer) ?? null,
    isStateless: false,
    failure: null,
    unreadable: [...items.keys()].filter((id) => (readable.get(id) ?? null) === null),
    items,
    repetitions,
  };
}

/** How items of one kind are read, and how repetitions are applied to them. */
interface ItemKind<M> {
  readonly parse: (json: string) => M | null;
  readonly repeat: (memory: M, repetition: Repetition) => M;
}
