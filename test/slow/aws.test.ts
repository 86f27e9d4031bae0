import { describe } from '@jest/globals';
import { awsSuite } from '../support/aws-suite';
import { moto } from '../support/emulator';
import { motoIsThere } from '../support/moto';

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('moto_server', () => {
  awsSuite(moto);
});
