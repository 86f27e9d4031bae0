/** Builds the function: one folder that Lambda runs as it is. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Metafile, OutputFile } from 'esbuild';
import { ESM_BUNDLE } from './esm-bundle';

/** The folders of the source and of the bundle. */
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

const PACKAGE = join(__dirname, '..', '..');

/** What undici requires only to send a body, and only if WebAssembly has no SIMD: every Node since 16.4 has it. */
const NEVER_REACHED = ['../web/fetch/body.js', '../llhttp/llhttp-wasm.js'];
/** undici's parser of HTTP/1.1: a file of its own, as most issuers speak h2 and it is a seventh of the code. */
const PARSER = { required: '../llhttp/llhttp_simd-wasm.js', file: 'http1.cjs' };

/** undici requires its parser. */
const REQUIRE = [
  'const require = (name) => {',
  `  if (name !== '${PARSER.required}') throw new Error('The bundle has no ' + name + '.');`,
  `  return process.getBuiltinModule('node:module').createRequire(import.meta.url)('./${PARSER.file}');`,
  '};',
].join('\n');

/** Bundles with esbuild: ESM with splitting, so that what only a drift needs is loaded only then. */
export function buildFunction(options: BuildOptions = {}): BuildResult {
  const { entry = join(PACKAGE, 'lambda', 'handler.ts'), outdir = join(PACKAGE, 'dist', 'function') } =
    options;
  const { metafile, outputFiles } = buildSync({
    ...ESM_BUNDLE,
    mainFields: [...ESM_BUNDLE.mainFields],
    entryPoints: { index: entry },
    outdir,
    external: [PARSER.required, ...NEVER_REACHED],
    // undici takes another parser under jest; nothing is deployed there.
    define: { 'process.env.JEST_WORKER_ID': 'undefined' },
    banner: { js: REQUIRE },
    metafile: true,
    write: false,
  });
  const parser = buildParser(outdir);
  writeFiles(outdir, [...outputFiles, ...parser.outputFiles]);
  const outputs = { ...metafile.outputs, ...parser.metafile.outputs };
  return { outdir, entry: join(outdir, 'index.mjs'), metafile: { ...metafile, outputs } };
}

function buildParser(outdir: string): { readonly metafile: Metafile; readonly outputFiles: OutputFile[] } {
  return buildSync({
    stdin: {
      contents: "module.exports = require('undici/lib/llhttp/llhttp_simd-wasm.js');",
      resolveDir: PACKAGE,
    },
    outfile: join(outdir, PARSER.file),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
}

/** Leaves files that are right already, so that builds of the same source never disturb readers of the folder. */
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
