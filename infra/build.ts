/** Builds the function: one folder that Lambda runs as it is. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Metafile, OutputFile } from 'esbuild';

/** Where the source is and where the bundle goes. */
export interface BuildOptions {
  /** @default lambda/handler.ts of this package */
  readonly entry?: string;
  /** @default dist/function of this package */
  readonly outdir?: string;
}

/** A built function. `entry` is the file that exports `handler`. */
export interface BuildResult {
  readonly outdir: string;
  readonly entry: string;
  readonly metafile: Metafile;
}

const PACKAGE = join(__dirname, '..');
/** Packages written in CommonJS call `require` for what Node has built in. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles with esbuild: ESM with splitting, so that what only a drift needs is loaded only then. */
export function buildFunction(options: BuildOptions = {}): BuildResult {
  const { entry = join(PACKAGE, 'lambda', 'handler.ts'), outdir = join(PACKAGE, 'dist', 'function') } =
    options;
  const { metafile, outputFiles } = buildSync({
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  writeFiles(outdir, outputFiles);
  return { outdir, entry: join(outdir, 'index.mjs'), metafile };
}

/** Leaves what is right already, so that builds of the same source never disturb those who read the folder. */
function writeFiles(folder: string, files: readonly OutputFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of files) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, contents);
    renameSync(fresh, path);
  }
  const names = new Set(files.map(({ path }) => basename(path)));
  const stale = readdirSync(folder).filter((name) => !names.has(name.replace(/\.\d+$/, '')));
  for (const name of stale) rmSync(join(folder, name), { recursive: true, force: true });
}
