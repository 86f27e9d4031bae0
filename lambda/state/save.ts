/** Saves the state for the next run. */
import { withinLimit } from './item-size';
import { ACCOUNT_ITEM } from './schema';
import {
  MAX_REPETITIONS,
  REPETITIONS_ITEM,
  isSameAccount,
  isSameTarget,
  repeatedOnce,
  withRoom,
  writeRepetitions,
} from './repetition';
import type { ItemToSave, Saved, Store } from '../domain/store';
import type { LoadedState } from './load';
import type { Memories } from './schema';

/**
 * Saves what the next run needs. Conflicts are counted: the other run saved the same facts. Most runs find no
 * change, and write one item however many targets there are.
 */
export function saveState(
  memories: Memories,
  loaded: LoadedState,
  { store, now }: { readonly store: Store; readonly now: Date },
): Promise<Saved> {
  const repetitions = withRoom(loaded.repetitions, now);
  const items = leftBy(memories, loaded).flatMap(({ id, memory, before }): readonly ItemToSave[] => {
    const version = loaded.items.get(id)?.version ?? null;
    const hasRoom = repetitions.has(id) || repetitions.size < MAX_REPETITIONS;
    if (before === null || version === null || !hasRoom) return [toItem(id, JSON.stringify(memory), loaded)];
    // `before` depends on the loaded repetition, which `withRoom` may have dropped above.
    const earlier = loaded.repetitions.get(id);
    repetitions.set(id, repeatedOnce(earlier, { version, before, at: memory.lastRun }));
    return [];
  });
  const json = writeRepetitions(repetitions);
  const isChanged = json !== writeRepetitions(loaded.repetitions);
  return store.save(isChanged ? [...items, toItem(REPETITIONS_ITEM, json, loaded)] : items);
}

/** `before`: the time of the last run that found the same; null: what is to be saved is new. */
interface Left {
  readonly id: string;
  readonly memory: { readonly lastRun: string };
  readonly before: string | null;
}

const leftBy = ({ targets, account }: Memories, loaded: LoadedState): readonly Left[] => [
  ...targets.map(({ issuer, memory }) => {
    const before = loaded.target(issuer);
    const isSame = before !== null && isSameTarget(before, memory);
    return { id: issuer, memory, before: isSame ? before.lastRun : null };
  }),
  {
    id: ACCOUNT_ITEM,
    memory: account,
    before: loaded.account !== null && isSameAccount(loaded.account, account) ? loaded.account.lastRun : null,
  },
];

function toItem(id: string, json: string, { items, unreadable }: LoadedState): ItemToSave {
  const item = items.get(id);
  return withinLimit({
    id,
    readVersion: item?.version ?? null,
    json,
    // An item is written whole: what an earlier run saved must be saved again.
    unreadable: (unreadable.includes(id) ? item?.json : item?.unreadable) ?? null,
  });
}
