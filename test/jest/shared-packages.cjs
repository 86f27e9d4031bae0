/**
 * Loads each package once a worker, not once a test file: AWS's SDK takes a second, the CDK several. Modules of this
 * project are loaded anew for each file, as jest does it. A package that keeps a state between files would want to be
 * left out here; none of ours does.
 */
const { default: Runtime } = require('jest-runtime');
const { sep } = require('node:path');

const PACKAGES = `${sep}node_modules${sep}`;
let packages = null;

const isPackage = (name) => !/^(\.|\/|node:|@jest\/)/.test(name);

class SharedPackages extends Runtime {
  #options;

  constructor(...options) {
    super(...options);
    this.#options = options;
  }

  requireModuleOrMock(from, name) {
    if (from.includes(PACKAGES) || !isPackage(name)) return super.requireModuleOrMock(from, name);
    // It outlives the file that is the first to ask.
    packages ??= new Runtime(...this.#options);
    return packages.requireModuleOrMock(from, name);
  }
}

module.exports = SharedPackages;
