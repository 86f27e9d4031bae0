/**
 * Loads each package once a worker, not once a test file: AWS's SDK takes a second, the CDK several, and what jest itself
 * wants in the context of a test (its matchers, its differences) a tenth of one. Modules of this project are loaded anew
 * for each file, as jest does it, and so is what runs the tests of a file. A package that keeps a state between files
 * would want to be left out here; none of ours does, and jest's matchers keep theirs in the context.
 */
const { default: Runtime } = require('jest-runtime');
const { sep } = require('node:path');

const PACKAGES = `${sep}node_modules${sep}`;
let packages = null;

/** Each module as a function, by its path: it is run for each file, and compiled and optimized once. */
const compiled = new Map();

const isPackage = (name) => !/^(\.|\/|node:|@jest\/)/.test(name);

class SharedPackages extends Runtime {
  #options;

  constructor(...options) {
    super(...options);
    this.#options = options;
    const { executor } = this;
    const compile = executor.compile.bind(executor);
    executor.compile = (source, path) => {
      const known = compiled.get(path);
      if (known?.source === source) return known.run;
      const run = compile(source, path);
      compiled.set(path, { source, run });
      return run;
    };
  }

  /** It outlives the file that is the first to ask. */
  get #packages() {
    return (packages ??= new Runtime(...this.#options));
  }

  requireModuleOrMock(from, name) {
    if (from.includes(PACKAGES) || !isPackage(name)) return super.requireModuleOrMock(from, name);
    return this.#packages.requireModuleOrMock(from, name);
  }

  /** Without a name it is jest's runner of tests, by its path. */
  requireInternalModule(from, name) {
    if (name === undefined) return super.requireInternalModule(from);
    return this.#packages.requireInternalModule(from, name);
  }
}

module.exports = SharedPackages;
