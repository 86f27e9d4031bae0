/** `npm run build`: the function, the command line, and the construct as other projects import it. */
import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { buildFunction } from './build';
import { buildCli } from './build-cli';
import { composition, describeComposition } from './composition';

const PACKAGE = join(__dirname, '..', '..');

if (require.main === module) {
  const built = buildFunction();
  const tsc = require.resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', join(PACKAGE, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  process.stdout.write(`${describeComposition(composition(built))}\n`);
  process.stdout.write(
    `Function: ${relative(PACKAGE, built.outdir)}. Command line: ${relative(PACKAGE, buildCli())}. Construct: dist/infra.\n`,
  );
}
