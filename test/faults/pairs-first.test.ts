import { pairsSuite } from '../support/faults/pairs-suite';

pairsSuite('first');
