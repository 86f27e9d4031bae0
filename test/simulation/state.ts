/** The store as one run uses it: each item is read and written in a turn of its own, as in DynamoDB. */
import type { Outcome } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import type { ItemToSave, Saved, Store, StoredItem } from '../../lambda/domain/store';
import type { Call, Surroundings } from './ports';
import type { Run } from './run';

const LOST: Outcome<never> = {
  ok: false,
  failure: failure('state', 'AWS_UNAVAILABLE', 'The table does not answer.'),
};

/** An intent is saved alone, before any message about it. */
const isIntent = ([first, ...others]: readonly ItemToSave[]): boolean =>
  others.length === 0 && (first?.json ?? '').includes('"intent":{');

/** Wraps the table. A fault at one item fails the call, as in `lambda/adapters/dynamodb.ts`. */
export function stateOf(run: Run, { world, store, onLoad }: Surroundings, call: Call): Store {
  const loadOne = (id: string): Promise<Outcome<ReadonlyMap<string, StoredItem>>> =>
    call(`load ${id}`, (fault) => {
      run.isRemembering &&= fault === null;
      onLoad(run, id);
      return fault === null ? store.load([id]) : LOST;
    });
  const saveOne = (item: ItemToSave, isLast: boolean): Promise<Saved> =>
    call(`save ${item.id}`, async (fault) => {
      if (fault === 'fails' || fault === 'partly') return LOST;
      const saved = await store.save([item]);
      if (isLast && saved.ok && saved.value === 0) run.saved.set(item.id, world.tick());
      if (fault === null) return saved;
      return fault === 'contested' ? { ok: true, value: 1 } : LOST;
    });
  return {
    load: async (ids) => {
      const found = await Promise.all(ids.map(loadOne));
      const lost = found.find(({ ok }) => !ok);
      if (lost?.ok === false) return lost;
      return { ok: true, value: new Map(found.flatMap((each) => (each.ok ? [...each.value] : []))) };
    },
    save: async (items) => {
      const isLast = !isIntent(items);
      if (isLast) run.written = items.map(({ id }) => id);
      const done = await Promise.all(items.map((item) => saveOne(item, isLast)));
      const lost = done.find(({ ok }) => !ok);
      if (lost?.ok === false) {
        run.isUnsaved ||= isLast;
        return {
          ...lost,
          unsaved: items.flatMap(({ id }, index) => (done[index]?.ok === false ? [id] : [])),
        };
      }
      return { ok: true, value: done.reduce((sum, each) => sum + (each.ok ? each.value : 0), 0) };
    },
  };
}
