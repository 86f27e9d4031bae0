/** What every start loads. P7. */
import { buildFunction } from '../../infra/build/build';
import { composition } from '../../infra/build/composition';
import type { Scenario } from '../scenario';

/** Nothing runs here: a test shows that the run needs no more. */
export const bundle: Scenario = () => {
  const { loaded } = composition(buildFunction());
  return Promise.resolve({
    verdicts: [
      {
        goal: 'P7',
        words: 'code loaded where nothing is found',
        limit: 500,
        measured: loaded / 1000,
        unit: 'KB',
      },
    ],
  });
};
