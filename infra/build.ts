/** Builds the function: one folder that Lambda runs as it is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Metafile } from 'esbuild';
import { composition, describeComposition } from './composition';

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

/** What undici requires only to send a body, and only where WebAssembly has no SIMD: every Node since 16.4 has it. */
const NEVER_REACHED = ['../web/fetch/body.js', '../llhttp/llhttp-wasm.js'];
/** undici's parser of HTTP/1.1: a file of its own, as most issuers speak h2 and it is a seventh of the code. */
const PARSER = { required: '../llhttp/llhttp_simd-wasm.js', file: 'http1.cjs' };

/** Packages written in CommonJS call `require` for what Node has built in, and undici for its parser. */
const REQUIRE = [
  "import { createRequire } from 'node:module';",
  'const requireFile = createRequire(import.meta.url);',
  `const require = (name) => requireFile(name === '${PARSER.required}' ? './${PARSER.file}' : name);`,
].join('\n');

/** Bundles with esbuild: ESM with splitting, so that what only a drift needs is loaded only then. */
export function buildFunction(options: BuildOptions = {}): BuildResult {
  const { entry = join(PACKAGE, 'lambda', 'handler.ts'), outdir = join(PACKAGE, 'dist', 'function') } =
    options;
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = buildSync({
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node20',
    external: [PARSER.required, ...NEVER_REACHED],
    // undici takes another parser under jest; nothing is deployed there.
    define: { 'process.env.JEST_WORKER_ID': 'undefined' },
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  const parser = buildParser(outdir);
  const outputs = { ...metafile.outputs, ...parser.outputs };
  return { outdir, entry: join(outdir, 'index.mjs'), metafile: { ...metafile, outputs } };
}

function buildParser(outdir: string): Metafile {
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
    logLevel: 'warning',
  }).metafile;
}

if (require.main === module) {
  const built = buildFunction();
  process.stdout.write(`${built.entry}\n\n${describeComposition(composition(built))}\n`);
}
