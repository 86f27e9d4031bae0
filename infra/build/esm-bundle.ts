/** How what runs on Node is bundled: ESM with splitting, so that what only some runs need is loaded only then. */
import { builtinModules } from 'node:module';

/**
 * `import` of a module that Node has built in reads each of its exports, and some are expensive: `node:http` brings a
 * whole undici of its own, for its WebSocket. What `getBuiltinModule` returns is read only when it is used. The comment
 * at the end names the file, if esbuild writes one for the module.
 */
const BUILT_IN = Object.fromEntries(
  builtinModules
    .filter((name) => !name.startsWith('_') && !name.startsWith('node:'))
    .flatMap((name) => {
      const source = `data:text/javascript,module.exports=process.getBuiltinModule('node:${name}')//${name}`;
      return [name, `node:${name}`].map((alias) => [alias, source]);
    }),
);

/** Settings of esbuild, the same for the function and the command line. */
export const ESM_BUNDLE = {
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  alias: BUILT_IN,
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
} as const;
