/**
 * Keeps the main item below the limit of DynamoDB. Each target has a share of the room, so that one whose
 * issuer serves thousands of keys, or one with thousands of findings, displaces nothing of the others.
 */
import { MAX_EVIDENCE, limitTracks, shareOf } from './evidence';
import { MAX_UNPACKED_BYTES, pack } from './pack';
import type { Json } from './pack';
import type { LoadedState } from './load';
import { STATE_VERSION } from './schema';
import type { AccountMemory, AccountState, TargetMemory } from './schema';

/** DynamoDB: "The maximum item size in DynamoDB is 400 KB", with the names of the attributes. */
export const MAX_ITEM_BYTES = 400 * 1024;
/** For the id, the version and the names of the attributes. */
const FRAME_BYTES = 2_048;
/** Of the data of an item. */
export const MAX_DATA_BYTES = MAX_ITEM_BYTES - FRAME_BYTES;

/** From this size on a finding says that the limit is near. */
const NEAR_BYTES = 360 * 1024;
/** Of the values of one target, or of the account, that may be stored. */
const NEAR_EVIDENCE = 0.9 * MAX_EVIDENCE;

/** Whether the loaded state is near a limit: that of the item, or that of the evidence of one target. */
export const isNearLimit = ({
  bytes,
  isCut,
  account,
  targets,
}: Pick<LoadedState, 'bytes' | 'isCut' | 'account' | 'targets'>): boolean =>
  bytes > NEAR_BYTES ||
  isCut ||
  [...targets.values(), ...(account === null ? [] : [account])].some(
    ({ tracks }) => tracks.reduce((sum, { evidence }) => sum + evidence.length, 0) >= NEAR_EVIDENCE,
  );

/** The share of the room that is tried next: hashes take more room packed than other values. */
const FRACTIONS = [1, 0.9, 0.75, 0.5, 0.25, 0];

/**
 * Packs the main item, with as much of each target as fits into `max` bytes. If even the least does not fit, it
 * is returned all the same: then DynamoDB refuses the item, and the run reports that.
 */
export function packMain(
  { account, targets }: AccountState,
  retainedVersion: number,
  max: number = MAX_DATA_BYTES,
): Uint8Array {
  const all = [...targets];
  // Packing takes longest, so what could not be unpacked is not packed.
  const fitting = within(all, sizesOf(all), MAX_UNPACKED_BYTES);
  const same = { retainedVersion, account };
  let packed = pack(mainOf({ ...same, isCut: fitting !== all }, fitting));
  if (packed.byteLength <= max) return packed;
  const sizes = sizesOf(fitting);
  const room = sizes.reduce((sum, size) => sum + size, 0) * (max / packed.byteLength);
  for (const fraction of FRACTIONS) {
    packed = pack(mainOf({ ...same, isCut: true }, within(fitting, sizes, room * fraction)));
    if (packed.byteLength <= max) break;
  }
  return packed;
}

type StoredTarget = readonly [issuer: string, memory: TargetMemory];

/** The same targets if they have at most so many characters as JSON, else with as much of each as its share. */
function within(
  targets: readonly StoredTarget[],
  sizes: readonly number[],
  room: number,
): readonly StoredTarget[] {
  const share = shareOf(sizes, Math.floor(room));
  if (share === Infinity) return targets;
  return targets.map(([issuer, memory], index) => [
    issuer,
    (sizes[index] ?? 0) <= share ? memory : evict(memory, share),
  ]);
}

const mainOf = (
  same: { readonly retainedVersion: number; readonly isCut: boolean; readonly account: AccountMemory },
  targets: readonly StoredTarget[],
): Json => ({
  stateVersion: STATE_VERSION,
  ...same,
  targets: targets.map(([issuer, memory]) => ({ issuer, memory })),
});

const sizesOf = (targets: readonly StoredTarget[]): readonly number[] =>
  targets.map(([, memory]) => sizeOf(memory));
const sizeOf = (memory: TargetMemory): number => JSON.stringify(memory).length;

/** What is left out, step by step, until a target fits into its share. */
const STEPS: readonly ((memory: TargetMemory) => TargetMemory)[] = [
  // Resolved: two runs in a row did not find it.
  (memory) => ({ ...memory, tracks: memory.tracks.filter(({ missed }) => missed < 2) }),
  // For information.
  (memory) => ({ ...memory, tracks: memory.tracks.filter(({ severity }) => severity !== 'info') }),
  // What the last run did not collect. The time of observation begins anew: nothing is known of what was dropped.
  (memory) => ({
    ...memory,
    firstRun: memory.lastRun,
    // A full list never loses an entry that was anchored once.
    thumbprints: memory.thumbprints.filter(
      ({ last, anchored }) => last === memory.lastRun || anchored !== undefined,
    ),
    signingKeys: memory.signingKeys.filter(({ missed }) => missed === 0),
  }),
  (memory) => ({ ...memory, logins: [] }),
  ...[1_000, 300, 100, 30].map((most) => (memory: TargetMemory): TargetMemory => ({
    ...memory,
    tracks: limitTracks(memory.tracks, most),
    thumbprints: memory.thumbprints.slice(0, most),
    signingKeys: memory.signingKeys.slice(0, most),
  })),
];

function evict(memory: TargetMemory, share: number): TargetMemory {
  let smaller = memory;
  for (const step of STEPS) {
    smaller = step(smaller);
    if (sizeOf(smaller) <= share) break;
  }
  return smaller;
}
