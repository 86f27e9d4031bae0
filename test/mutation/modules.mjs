/** Loads TypeScript modules as often as one likes: they are compiled once, and each world of modules is a new one. */
import { transformSync } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

/** An import in a function becomes a require. */
const NO_IMPORTS = { 'dynamic-import': false };
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/**
 * Worlds of modules. `replaced`: package → its replacement. `loading`: runs what loads a file. A world loads a file
 * with all that it imports; packages are Node's own, and shared by all worlds.
 */
export function moduleLoader(replaced, loading) {
  const compiled = new Map();
  const compile = (file) => {
    const known = compiled.get(file);
    if (known !== undefined) return known;
    const options = {
      loader: 'ts',
      format: 'cjs',
      target: 'es2023',
      sourcefile: file,
      supported: NO_IMPORTS,
    };
    const { code } = transformSync(readFileSync(file, 'utf8'), options);
    const run = compileFunction(code, PARAMETERS, { filename: file });
    compiled.set(file, run);
    return run;
  };
  return () => {
    const loaded = new Map();
    const load = (file) => {
      const known = loaded.get(file);
      if (known !== undefined) return known.exports;
      const module = { exports: {} };
      loaded.set(file, module);
      const run = compile(file);
      loading(() => run(module.exports, requireFrom(file), module, file, dirname(file)));
      return module.exports;
    };
    const requireFrom = (file) => {
      const ofNode = createRequire(file);
      return (name) => {
        if (name in replaced) return replaced[name];
        const path = resolve(dirname(file), `${name}.ts`);
        return name.startsWith('.') && existsSync(path) ? load(path) : ofNode(name);
      };
    };
    return { load, has: (file) => loaded.has(file) };
  };
}
