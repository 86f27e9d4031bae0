/** Items of the state table as tests read them, and as somebody who may write to the table changes them. */
import * as v from 'valibot';
import { EARLIER_IDS, readEarlier } from '../../../lambda/state/earlier';
import type { EarlierState } from '../../../lambda/state/earlier';
import { loadState } from '../../../lambda/state/load';
import type { LoadedState } from '../../../lambda/state/load';
import { pack, unpack } from '../../../lambda/state/pack';
import type { Json } from '../../../lambda/state/pack';
import { saveState } from '../../../lambda/state/save';
import { accountMemory, targetMemory } from '../../../lambda/state/schema';
import type { AccountMemory, AccountState, TargetMemory } from '../../../lambda/state/schema';
import type { Store, StoredItem } from '../../../lambda/domain/store';

/** A table in memory. `isLost`: the writes of which items do not arrive. */
export class Items implements Store {
  readonly items = new Map<string, StoredItem>();
  readonly written: string[] = [];
  isLost: (id: string) => boolean = () => false;

  load: Store['load'] = (id) => Promise.resolve({ ok: true, value: this.items.get(id) ?? null });

  save: Store['save'] = ({ id, readVersion, data }) => {
    if ((this.items.get(id)?.version ?? null) !== readVersion)
      return Promise.resolve({ ok: true, value: 'conflict' });
    this.written.push(id);
    if (!this.isLost(id)) this.items.set(id, { version: (readVersion ?? 0) + 1, data, text: null });
    return Promise.resolve({ ok: true, value: 'saved' });
  };

  preserve: Store['preserve'] = (id) => {
    const item = this.items.get(id);
    if (item !== undefined) this.items.set(`${id}/unreadable`, item);
    return Promise.resolve({ ok: true, value: null });
  };
}

/** The JSON value in an item. */
export const valueOf = (item: StoredItem | undefined): unknown =>
  item?.data == null ? null : unpack(item.data);

/** An item with another value. */
export const withValue = (item: StoredItem | undefined, value: Json): StoredItem => ({
  version: item?.version ?? 1,
  data: pack(value),
  text: null,
});

/** A state as the next run loads it: saved to a table, and loaded from there. */
export async function reload(state: AccountState, table = new Items()): Promise<LoadedState> {
  const { loaded } = await loadState(table, null);
  await saveState(state, loaded, { store: table, account: null });
  return (await loadState(table, null)).loaded;
}

/** The memory of a target as it is between two runs. Throws if it could not be loaded. */
export const rereadTarget = (memory: TargetMemory): TargetMemory =>
  v.parse(targetMemory, unpack(pack(memory)));
/** That of the account, likewise. */
export const rereadAccount = (memory: AccountMemory): AccountMemory =>
  v.parse(accountMemory, unpack(pack(memory)));

const earlierItem = (id: string, text: string): EarlierState =>
  readEarlier(new Map([[id, { version: 1, data: null, text }]]));

/** A memory as version 1 of the state stored it. */
export const asVersion1 = ({
  pendingChanges,
  tracks,
  ...same
}: Pick<TargetMemory, 'pendingChanges' | 'tracks'>): Record<string, unknown> => ({
  ...same,
  memoryVersion: 2,
  news: pendingChanges,
  tracks: tracks.map(({ found, missed, evidence, notified, ...others }) => ({
    ...others,
    seen: found,
    clean: missed,
    evidence: evidence.map((each) => ({ value: each.value, seen: each.found, missed: each.missed })),
    told: notified,
  })),
});

/** What an item of version 1 of the state says of a target; null: it has another form. */
export const readEarlierTarget = (text: string): TargetMemory | null =>
  earlierItem('https://ci.example.com', text).targets.get('https://ci.example.com') ?? null;
/** Likewise of the account. */
export const readEarlierAccount = (text: string): AccountMemory | null =>
  earlierItem(EARLIER_IDS.account, text).account;
