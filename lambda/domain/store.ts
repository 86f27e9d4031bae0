/** The store of the state between runs, as plain functions. None rejects. */
import type { Outcome } from './types';

/** Items by id. */
export interface Store {
  /** Null: there is no such item. */
  readonly load: (id: string) => Promise<Outcome<StoredItem | null>>;
  /** Writes an item if it has not changed since it was read; else it is left as it is. */
  readonly save: (item: ItemToSave) => Promise<Outcome<'saved' | 'conflict'>>;
  /** Copies an item that could not be read, so that it can be examined after it has been replaced. */
  readonly preserve: (id: string) => Promise<Outcome<null>>;
}

/** An item as it is in the store. */
export interface StoredItem {
  /** Null: it has none, so the monitor did not write it. */
  readonly version: number | null;
  /** Null: it has none, so it was written by version 1 of the state, or not by the monitor. */
  readonly data: Uint8Array | null;
  /** The data of an item of version 1, which was text. */
  readonly text: string | null;
}

/** An item to write. */
export interface ItemToSave {
  readonly id: string;
  /** The version that was read; null: there was no item, or none with a version that is a number. */
  readonly readVersion: number | null;
  readonly data: Uint8Array;
}
