/**
 * The size of an item, and how it is reduced if DynamoDB would reject it. Checked before anything is
 * delivered.
 */
import { MAX_EVIDENCE, limitTracks } from './evidence';
import type { AccountMemory, TargetMemory, Track } from './schema';
import type { ItemToSave } from '../domain/store';

/** DynamoDB: "The maximum item size in DynamoDB is 400 KB", with the names of the attributes, as UTF-8. */
export const MAX_ITEM_BYTES = 400 * 1024;
/** For the id, the version and the names of the attributes: an issuer has at most 255 characters. */
const FRAME_BYTES = 2_048;
const MAX_DATA_BYTES = MAX_ITEM_BYTES - FRAME_BYTES;
/** From this size on a finding says that the limit is near. */
const NEAR_BYTES = 0.6 * MAX_ITEM_BYTES;
const NEAR_EVIDENCE = 0.9 * MAX_EVIDENCE;

/** Limits for the evidence of all tracks of an item, tried in this order until the item fits. */
const ROOMS: readonly number[] = [3_000, 2_000, 1_000, 500, 0];

export const limitTarget = (memory: TargetMemory): TargetMemory => limit(memory);
export const limitAccount = (memory: AccountMemory): AccountMemory => limit(memory);

function limit<M extends { readonly tracks: readonly Track[] }>(memory: M): M {
  if (bytesOf(memory) <= MAX_DATA_BYTES) return memory;
  let smaller = memory;
  for (const room of ROOMS) {
    smaller = { ...memory, tracks: limitTracks(memory.tracks, room) };
    if (bytesOf(smaller) <= MAX_DATA_BYTES) return smaller;
  }
  return smaller;
}

/** As UTF-8, in the form in which it is saved. */
const bytesOf = (memory: object): number => Buffer.byteLength(JSON.stringify(memory));

/** Whether an item is near a limit: that of DynamoDB, or that of the evidence in one item. */
export const isNearLimit = (memory: { readonly tracks: readonly Track[] }): boolean =>
  bytesOf(memory) >= NEAR_BYTES ||
  memory.tracks.reduce((sum, { evidence }) => sum + evidence.length, 0) >= NEAR_EVIDENCE;

/** An item with as much of the unreadable data as fits. */
export function withinLimit(item: ItemToSave): ItemToSave {
  if (item.unreadable === null) return item;
  const room = Math.max(0, MAX_DATA_BYTES - Buffer.byteLength(item.json));
  if (Buffer.byteLength(item.unreadable) <= room) return item;
  return { ...item, unreadable: cutTracks(item.unreadable, room) };
}

/** At most this many bytes of a text, without half a character at the end. */
function cutTracks(text: string, bytes: number): string {
  const shown = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes));
  return shown.replace(/\uFFFD+$/, '');
}
