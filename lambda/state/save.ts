/** What a run leaves for the next one. */
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
 * Saves what the next run must know. Conflicts are counted: the other run knows as much. Most runs find everything as
 * it was, and write one item however many targets there are.
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
    // What was given up for room above is what `before` rests on.
    const earlier = loaded.repetitions.get(id);
    repetitions.set(id, repeatedOnce(earlier, { version, before, at: memory.lastRun }));
    return [];
  });
  const json = writeRepetitions(repetitions);
  const isChanged = json !== writeRepetitions(loaded.repetitions);
  return store.save(isChanged ? [...items, toItem(REPETITIONS_ITEM, json, loaded)] : items);
}

/** `before`: the run that found the same; null: what is to be kept is new. */
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
    // An item is written whole: what an earlier run kept must be kept again.
    unreadable: (unreadable.includes(id) ? item?.json : item?.unreadable) ?? null,
  });
}
