import { describe } from '@jest/globals';
import { createTable } from '../../demo/table';
import { motoIsThere, startMoto } from '../support/moto';
import { storeSuite } from '../support/store-suite';

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('the store, on moto_server', () => {
  storeSuite(
    async () => {
      const moto = await startMoto();
      await createTable(moto.url, 'State');
      return { url: moto.url, name: 'State', close: moto.stop };
    },
    { countsAsBase64: true },
  );
});
