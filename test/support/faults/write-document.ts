/** `npm run docs:faults` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsDocument } from './document';

writeFileSync(join(__dirname, '..', '..', '..', 'docs', 'faults.md'), faultsDocument());
