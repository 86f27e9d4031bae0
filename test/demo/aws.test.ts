import { describe } from '@jest/globals';
import { awsSuite } from '../support/aws-suite';
import { embedded } from '../support/emulator';

describe('the embedded AWS', () => {
  awsSuite(embedded);
});
