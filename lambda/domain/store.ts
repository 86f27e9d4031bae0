/** Where memory lies between runs, as plain functions. */
import type { Failure, Outcome } from './types';
import type { Result } from './result';

/** Items by id, each written only where it is still the one that was read. */
export interface Store {
  /** Those of the ids that exist. */
  readonly load: (ids: readonly string[]) => Promise<Outcome<ReadonlyMap<string, StoredItem>>>;
  readonly save: (items: readonly ItemToSave[]) => Promise<Saved>;
}

/** `value`: how many items another run had written in between: those are left as they are, and it has saved as much. */
export type Saved = Result<
  number,
  {
    readonly failure: Failure;
    /** Ids of the items that were not saved. Absent: any of them. */
    readonly unsaved?: readonly string[];
  }
>;

/** An item as it lies in the store. */
export interface StoredItem {
  /** Null: it has none, so it is not ours. */
  readonly version: number | null;
  /** Its data; of an item that has none of ours, all that it holds. */
  readonly json: string;
  /** What an earlier run found in its place and could not read. */
  readonly unreadable: string | null;
}

/** An item to write. */
export interface ItemToSave {
  readonly id: string;
  /** The version that was read; null: there was no item, or none with a version that is a number. */
  readonly readVersion: number | null;
  readonly json: string;
  /** What was found in its place and could not be read: kept beside it. */
  readonly unreadable: string | null;
}
