import { SERVED_DNS } from '../support/faults/catalogue/dns';
import { servedNames } from '../support/faults/names';
import { suite } from '../support/faults/suite';

suite('DNS');
suite('DNS', { name: 'DNS, by a real server', faults: SERVED_DNS, openNames: servedNames });
