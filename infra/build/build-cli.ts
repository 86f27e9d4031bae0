/** Builds the command line that `bin` of package.json names. */
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ESM_BUNDLE } from './esm-bundle';

const PACKAGE = join(__dirname, '..', '..');
/** Packages written in CommonJS call `require` for what only some uses of them need. */
const REQUIRE = "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/** Bundles with esbuild, split: help needs no SDK. Returns the file to run. */
export function buildCli(outdir = join(PACKAGE, 'dist', 'cli')): string {
  rmSync(outdir, { recursive: true, force: true });
  buildSync({
    ...ESM_BUNDLE,
    mainFields: [...ESM_BUNDLE.mainFields],
    entryPoints: { main: join(PACKAGE, 'cli', 'main.ts') },
    outdir,
    banner: { js: REQUIRE },
  });
  const file = join(outdir, 'main.mjs');
  chmodSync(file, 0o755);
  return file;
}
