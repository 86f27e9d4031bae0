/** The store as one run uses it: each item is read and written in a turn of its own, as in DynamoDB. */
import type { Outcome } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import type { Store } from '../../lambda/domain/store';
import { stateIds } from '../../lambda/state/load';
import type { Call, Surroundings } from './ports';
import type { Run } from './run';

/** The account of the simulated runs. */
export const ACCOUNT = '123456789012';
const { main } = stateIds(ACCOUNT);

const LOST: Outcome<never> = {
  ok: false,
  failure: failure('state', 'AWS_UNAVAILABLE', 'The table does not answer.'),
};

/** Wraps the table. The large item is the last one that a run saves. */
export function stateOf(run: Run, { world, store, onLoad }: Surroundings, call: Call): Store {
  return {
    load: (id) =>
      call(`load ${id}`, (fault) => {
        run.isRemembering &&= fault === null;
        if (id === main) onLoad(run);
        else run.intentsLoadedAt = world.tick();
        return fault === null ? store.load(id) : LOST;
      }),
    save: async (item) => {
      const saved = await call<Awaited<ReturnType<Store['save']>>>(`save ${item.id}`, async (fault) => {
        if (fault === 'fails' || fault === 'partly') return LOST;
        const written = await store.save(item);
        if (item.id === main && written.ok && written.value === 'saved') run.savedAt = world.tick();
        if (fault === null) return written;
        return fault === 'contested' ? { ok: true, value: 'conflict' } : LOST;
      });
      run.saves += 1;
      // Nothing is saved after an item that could not be saved, except for intents.
      run.isUnsaved = !saved.ok;
      return saved;
    },
    preserve: (id) => call(`preserve ${id}`, (fault) => (fault === null ? store.preserve(id) : LOST)),
  };
}
