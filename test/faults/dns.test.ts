import { suite } from '../support/faults/suite';

suite('DNS');
