/** Loads the state of earlier runs of one account. */
import * as v from 'valibot';
import type { Failure } from '../domain/types';
import type { Store, StoredItem } from '../domain/store';
import { EARLIER_IDS, earlierIssuers, readEarlier } from './earlier';
import { unpack } from './pack';
import {
  STATE_VERSION,
  accountMemory,
  mainItem,
  newAccountMemory,
  newTargetMemory,
  retainedItem,
  targetMemory,
} from './schema';
import type { AccountMemory, AlertedTrack, RetainedItem, TargetMemory, Track } from './schema';

/** The ids of the items of an account. The second one is small: see `schema.ts`. */
export const stateIds = (account: string | null): Readonly<Record<ItemName, string>> => ({
  main: `state/${account ?? 'unknown'}`,
  retained: `state/${account ?? 'unknown'}/retained`,
});
type ItemName = 'main' | 'retained';

/** The loaded state, or why there is none. */
export interface LoadedState {
  readonly account: AccountMemory | null;
  /** By issuer. */
  readonly targets: ReadonlyMap<string, TargetMemory>;
  /** Nothing can be compared and nothing will be saved: every finding is reported. */
  readonly isStateless: boolean;
  /** Why the store could not be read. */
  readonly failure: Failure | null;
  /** Ids of items that the monitor did not write, or of another version. */
  readonly unreadable: readonly string[];
  /** Of the items; null: there is none, or it has no number. */
  readonly versions: Readonly<Record<ItemName, number | null>>;
  /** What the retained item says. */
  readonly retained: RetainedItem;
  /** Of the main item. */
  readonly bytes: number;
  /** It lacks something that did not fit. */
  readonly isCut: boolean;
}

/** No state, and nothing will be saved. */
const NO_STATE: LoadedState = {
  account: null,
  targets: new Map(),
  isStateless: true,
  failure: null,
  unreadable: [],
  versions: { main: null, retained: null },
  retained: { stateVersion: STATE_VERSION, tracks: [], targets: [] },
  bytes: 0,
  isCut: false,
};

/**
 * Loads the two items of an account. `isNew`: there is no main item, so version 1 may have left some. An
 * unavailable store is a failure in the report and does not end the run.
 */
export async function loadState(
  store: Store | null,
  account: string | null,
): Promise<{ readonly loaded: LoadedState; readonly isNew: boolean }> {
  if (store === null) return { loaded: NO_STATE, isNew: false };
  const ids = stateIds(account);
  let [main, small] = await Promise.all([store.load(ids.main), store.load(ids.retained)]);
  let stored = main.ok ? parseItem(mainItem, main.value) : null;
  // Another run may have saved both between the two reads, or has saved one of them so far.
  if (stored !== null && small.ok && stored.retainedVersion !== (small.value?.version ?? 0)) {
    main = await store.load(ids.main);
    small = await store.load(ids.retained);
    stored = main.ok ? parseItem(mainItem, main.value) : null;
  }
  if (!main.ok) return { loaded: { ...NO_STATE, failure: main.failure }, isNew: false };
  if (!small.ok) return { loaded: { ...NO_STATE, failure: small.failure }, isNew: false };
  const retained = parseItem(retainedItem, small.value);
  const known = parse(accountMemory, stored?.account);
  const { targets, isWhole } = targetsIn(stored?.targets ?? []);
  // An intent that the retained item does not have any more is completed.
  const completed = [...targets].map(([issuer, memory]) => [issuer, { ...memory, intent: null }] as const);
  const loaded: LoadedState = {
    account: known,
    targets: retained === null ? targets : new Map(completed),
    isStateless: false,
    failure: null,
    unreadable: [
      ...(main.value !== null && (known === null || !isWhole) ? [ids.main] : []),
      ...(small.value !== null && retained === null ? [ids.retained] : []),
    ],
    versions: { main: main.value?.version ?? null, retained: small.value?.version ?? null },
    retained: retained ?? NO_STATE.retained,
    bytes: main.value?.data?.byteLength ?? 0,
    isCut: stored?.isCut ?? false,
  };
  return { loaded: withRetained(loaded), isNew: main.value === null };
}

/**
 * The state with what version 1 of the monitor left: one item per issuer. `issuers`: those of this run; the
 * items name others.
 */
export async function withEarlier(
  loaded: LoadedState,
  store: Store,
  issuers: readonly string[],
): Promise<LoadedState> {
  const items = new Map<string, StoredItem>();
  const read = async (ids: readonly string[]): Promise<Failure | null> => {
    const answers = await Promise.all(ids.map(async (id) => ({ id, answer: await store.load(id) })));
    for (const { id, answer } of answers) {
      if (!answer.ok) return answer.failure;
      if (answer.value !== null) items.set(id, answer.value);
    }
    return null;
  };
  const failure =
    (await read([...Object.values(EARLIER_IDS), ...issuers])) ??
    (await read(earlierIssuers(items).filter((issuer) => !issuers.includes(issuer))));
  if (failure !== null) return { ...NO_STATE, failure };
  const { account, targets, unreadable } = readEarlier(items);
  return withRetained({
    ...loaded,
    account,
    targets,
    unreadable: [...loaded.unreadable, ...unreadable],
  });
}

/** What the retained item says has priority: it is saved first. */
function withRetained(loaded: LoadedState): LoadedState {
  const { account, retained } = loaded;
  const targets = new Map(loaded.targets);
  for (const { issuer, firstRun, tracks, ...updates } of retained.targets) {
    const memory = targets.get(issuer) ?? newTargetMemory(firstRun);
    targets.set(issuer, { ...memory, ...updates, tracks: withAlerted(memory.tracks, tracks) });
  }
  // If the main item is lost, it is known of the account what people were notified of, and nothing else.
  const [first] = retained.tracks;
  const known = account ?? (first === undefined ? null : newAccountMemory(first.notified.at));
  return {
    ...loaded,
    targets,
    account: known === null ? null : { ...known, tracks: withAlerted(known.tracks, retained.tracks) },
  };
}

/** Null: there is no item, or it has another form. */
function parseItem<T extends v.GenericSchema>(schema: T, item: StoredItem | null): v.InferOutput<T> | null {
  if (item?.data == null) return null;
  try {
    return parse(schema, unpack(item.data));
  } catch {
    return null;
  }
}

/** Null: it has another form. The first problem is enough: a list of all would fill the memory. */
function parse<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> | null {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

/** One target of another form costs its own state, not that of the others. */
function targetsIn(stored: v.InferOutput<typeof mainItem>['targets']): {
  readonly targets: Map<string, TargetMemory>;
  readonly isWhole: boolean;
} {
  const targets = new Map<string, TargetMemory>();
  for (const { issuer, memory } of stored) {
    const parsed = parse(targetMemory, memory);
    if (parsed !== null) targets.set(issuer, parsed);
  }
  return { targets, isWhole: targets.size === stored.length };
}

/** The retained item says when people were notified; the other one may have lost the track. */
function withAlerted(tracks: readonly Track[], alerted: readonly AlertedTrack[]): readonly Track[] {
  const lost = alerted.filter(({ key }) => !tracks.some((track) => track.key === key));
  return [
    ...tracks.map((track) => {
      const known = alerted.find(({ key }) => key === track.key)?.notified;
      return known === undefined || (track.notified !== null && track.notified.at > known.at)
        ? track
        : { ...track, notified: known };
    }),
    ...lost.map((track) => ({
      ...track,
      found: 1,
      missed: 0,
      evidence: track.notified.evidence.map((value) => ({ value, found: 1, missed: 0 })),
    })),
  ];
}
