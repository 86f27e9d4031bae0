/** How what runs on Node is bundled: ESM with splitting, so that what only some runs need is loaded only then. */

/** Settings of esbuild, the same for the function and the command line. */
export const ESM_BUNDLE = {
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const;
