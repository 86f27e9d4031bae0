/** `npm run docs:issuers` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issuersDocument } from './document';

writeFileSync(join(__dirname, '..', '..', '..', 'docs', 'issuers.md'), issuersDocument());
