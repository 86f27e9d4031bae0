/** The state table in memory: what DynamoDB does with the two conditions that `lambda/adapters/dynamodb.ts` writes under. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ItemToSave, Store, StoredItem } from '../../lambda/domain/store';

/** An item as DynamoDB stores it. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** DynamoDB accepts an item of at most 400 KB; the store preserves so much of one that it could not read. */
const MAX_KEPT = 100_000;

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
    load: (ids) => Promise.resolve({ ok: true, value: new Map(ids.flatMap((id) => this.load(id))) }),
    save: (items) => Promise.resolve({ ok: true, value: items.filter((item) => !this.replace(item)).length }),
  };

  private load(id: string): readonly (readonly [string, StoredItem])[] {
    const found = this.items.get(id);
    if (found === undefined) return [];
    const version = Number(found['version']?.N);
    const json = found['data']?.S ?? JSON.stringify(found);
    const unreadable = found['unreadable']?.S ?? null;
    return [[id, { version: Number.isFinite(version) ? version : null, json, unreadable }]];
  }

  /** False: the condition failed. */
  private replace({ id, readVersion, json, unreadable }: ItemToSave): boolean {
    const number = this.items.get(id)?.['version']?.N;
    const isOpen = readVersion === null ? number === undefined : Number(number) === readVersion;
    if (!isOpen) return false;
    this.put(id, {
      version: { N: String((readVersion ?? 0) + 1) },
      data: { S: json },
      ...(unreadable === null ? {} : { unreadable: { S: unreadable.slice(0, MAX_KEPT) } }),
    });
    return true;
  }
}
