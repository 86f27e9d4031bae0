/** The store of the state between runs, as plain functions. */
import type { Failure, Outcome } from './types';
import type { Result } from './result';

/** Items by id. Each is written only if it has not changed since it was read. */
export interface Store {
  /** Those of the ids that exist. */
  readonly load: (ids: readonly string[]) => Promise<Outcome<ReadonlyMap<string, StoredItem>>>;
  readonly save: (items: readonly ItemToSave[]) => Promise<Saved>;
}

/**
 * `value`: how many items another run had written in between: those are left unchanged, because that run
 * saved the same.
 */
export type Saved = Result<
  number,
  {
    readonly failure: Failure;
    /** Ids of the items that were not saved. Absent: any of them. */
    readonly unsaved?: readonly string[];
  }
>;

/** An item as it is in the store. */
export interface StoredItem {
  /** Null: it has none, so the monitor did not write it. */
  readonly version: number | null;
  /** Its data; of an item that the monitor did not write, all its attributes. */
  readonly json: string;
  /** What an earlier run found under this id and could not read. */
  readonly unreadable: string | null;
}

/** An item to write. */
export interface ItemToSave {
  readonly id: string;
  /** The version that was read; null: there was no item, or none with a version that is a number. */
  readonly readVersion: number | null;
  readonly json: string;
  /** What was found under this id and could not be read: saved with the item. */
  readonly unreadable: string | null;
}
