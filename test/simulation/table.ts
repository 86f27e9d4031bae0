/** The state table in memory: what DynamoDB does with the two conditions that `lambda/adapters/dynamodb.ts` writes under. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unreadableId } from '../../lambda/adapters/dynamodb';
import type { ItemToSave, Store, StoredItem } from '../../lambda/domain/store';

/** An item as DynamoDB stores it. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A table whose partition key is `id`. Consistent reads; a write under a condition is one step. */
export class MemoryTable {
  readonly items = new Map<string, Attributes>();

  /** PutItem without a condition: somebody else's write. */
  put = (id: string, attributes: Attributes): void => {
    this.items.set(id, { ...attributes, id: { S: id } });
  };

  delete = (id: string): void => {
    this.items.delete(id);
  };

  /** The same as `storeIn` of a client of DynamoDB. */
  readonly store: Store = {
    load: (id) => Promise.resolve({ ok: true, value: this.load(id) }),
    save: (item) => Promise.resolve({ ok: true, value: this.replace(item) ? 'saved' : 'conflict' }),
    preserve: (id) => {
      const item = this.items.get(id);
      if (item !== undefined) this.put(unreadableId(id), item);
      return Promise.resolve({ ok: true, value: null });
    },
  };

  private load(id: string): StoredItem | null {
    const found = this.items.get(id);
    if (found === undefined) return null;
    const version = numberOf(found);
    return {
      version: version !== null && isUsable(Math.round(version)) ? Math.round(version) : null,
      data: found['data']?.B ?? null,
      text: found['data']?.S ?? null,
    };
  }

  /** False: the condition failed. */
  private replace({ id, readVersion, data }: ItemToSave): boolean {
    const version = numberOf(this.items.get(id));
    const isOpen =
      readVersion === null
        ? version === null || !isUsable(version)
        : version !== null && Math.abs(version - readVersion) < 1;
    if (!isOpen) return false;
    this.put(id, { version: { N: String((readVersion ?? 0) + 1) }, data: { B: data } });
    return true;
  }
}

/** The versions that the store increases; an item with another one counts as having none. */
const isUsable = (version: number): boolean => version >= 0 && version <= Number.MAX_SAFE_INTEGER - 1;

/** Null: it has no version that is a number. */
const numberOf = (item: Attributes | undefined): number | null =>
  item?.['version']?.N === undefined ? null : Number(item['version'].N);
