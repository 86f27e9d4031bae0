/** `npm run docs:config`: writes docs/monitor.config.schema.json. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { configJsonSchema } from '../../infra/configuration/json-schema';

const FILE = join(__dirname, '..', '..', 'docs', 'monitor.config.schema.json');

if (require.main === module) {
  void format(JSON.stringify(configJsonSchema()), { parser: 'json', printWidth: 110 }).then((text) => {
    writeFileSync(FILE, text);
  });
}
