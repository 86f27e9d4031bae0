/** Saves the state of one account for the next run. */
import { DAY_MS } from '../domain/duration';
import type { ItemToSave, Store } from '../domain/store';
import type { Outcome } from '../domain/types';
import { packMain } from './fit';
import { stateIds } from './load';
import type { LoadedState } from './load';
import { pack } from './pack';
import { STATE_VERSION } from './schema';
import type { AccountState, AlertedTrack, Intent, RetainedItem, TargetMemory, Track } from './schema';

/** `conflict`: another run has saved its state first. It found the same, so this one saves no more. */
export type Saved = Outcome<'saved' | 'conflict'>;

/** Where the state of an account is saved. */
export interface Destination {
  readonly store: Store;
  /** Null: not known. */
  readonly account: string | null;
}

/** A target that no run has collected for so long is forgotten, except for what updates depend on. */
const FORGET_MS = 90 * DAY_MS;

/**
 * Saves the state: `next` with the targets that this run did not collect. The retained item first, and the other
 * one only if that succeeds: who was notified of what is never older than the rest.
 */
export async function saveState(
  next: AccountState,
  loaded: LoadedState,
  { store, account }: Destination,
): Promise<Saved> {
  const ids = stateIds(account);
  for (const id of Object.values(ids).filter((each) => loaded.unreadable.includes(each))) {
    const preserved = await store.preserve(id);
    if (!preserved.ok) return preserved;
  }
  const state = withOthers(next, loaded);
  const retained = retainedOf(state);
  let retainedVersion = loaded.versions.retained ?? 0;
  if (!isSame(retained, loaded.retained) || loaded.unreadable.includes(ids.retained)) {
    const saved = await store.save(retainedToSave(retained, loaded, account));
    if (!saved.ok || saved.value === 'conflict') return saved;
    retainedVersion += 1;
  }
  return store.save({
    id: ids.main,
    readVersion: loaded.versions.main,
    data: packMain(recent(state), retainedVersion),
  });
}

/**
 * Saves what is about to be written to lists, before it is written. Null: another run has changed the item, so
 * it may be about to write the same. The loaded state then has the new version.
 */
export async function saveIntents(
  intents: ReadonlyMap<string, { readonly memory: TargetMemory; readonly intent: Intent }>,
  loaded: LoadedState,
  { store, account }: Destination,
): Promise<Outcome<LoadedState | null>> {
  // Nobody has been notified of anything yet, so the tracks are those of the last run.
  const earlier = new Map(loaded.retained.targets.map((each) => [each.issuer, each]));
  for (const [issuer, { memory, intent }] of intents)
    earlier.set(issuer, {
      ...retainedTarget(issuer, { ...memory, intent }),
      tracks: earlier.get(issuer)?.tracks ?? [],
    });
  const retained = { ...loaded.retained, targets: [...earlier.values()] };
  const saved = await store.save(retainedToSave(retained, loaded, account));
  if (!saved.ok) return saved;
  if (saved.value === 'conflict') return { ok: true, value: null };
  const versions = { ...loaded.versions, retained: (loaded.versions.retained ?? 0) + 1 };
  return { ok: true, value: { ...loaded, retained, versions } };
}

const retainedToSave = (
  retained: RetainedItem,
  { versions }: LoadedState,
  account: string | null,
): ItemToSave => ({
  id: stateIds(account).retained,
  readVersion: versions.retained,
  data: pack(retained),
});

/** Targets that this run did not collect, because the configuration or the event excludes them, stay. */
const withOthers = ({ account, targets }: AccountState, loaded: LoadedState): AccountState => ({
  account,
  targets: new Map([...loaded.targets, ...targets]),
});

const recent = ({ account, targets }: AccountState): AccountState => ({
  account,
  targets: new Map(
    [...targets].filter(([, { lastRun }]) => Date.parse(account.lastRun) - Date.parse(lastRun) < FORGET_MS),
  ),
});

/** What the retained item contains of a state. In a fixed order, so that two of them can be compared. */
const retainedOf = ({ account, targets }: AccountState): RetainedItem => ({
  stateVersion: STATE_VERSION,
  tracks: alertedOf(account.tracks),
  targets: [...targets]
    .map(([issuer, memory]) => retainedTarget(issuer, memory))
    .filter(
      ({ tracks, added, updatedAt, intent }) =>
        tracks.length + added.length > 0 || updatedAt !== null || intent !== null,
    )
    .sort((a, b) => (a.issuer < b.issuer ? -1 : 1)),
});

const retainedTarget = (
  issuer: string,
  { firstRun, tracks, added, updatedAt, intent }: TargetMemory,
): RetainedItem['targets'][number] => ({
  issuer,
  firstRun,
  tracks: alertedOf(tracks),
  added,
  updatedAt,
  intent,
});

const alertedOf = (tracks: readonly Track[]): AlertedTrack[] =>
  tracks.flatMap(({ key, since, severity, findings, more, notified }) =>
    severity === 'critical' && notified !== null ? [{ key, since, severity, findings, more, notified }] : [],
  );

const isSame = (one: RetainedItem, other: RetainedItem): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
