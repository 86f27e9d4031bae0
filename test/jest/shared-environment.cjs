/**
 * One context for all test files that a worker runs, so that packages can stay loaded in it (see shared-packages.cjs).
 * Environment variables begin anew with each file.
 */
const { TestEnvironment } = require('jest-environment-node');

const variables = { ...process.env };
let shared = null;

class SharedEnvironment extends TestEnvironment {
  constructor(...options) {
    if (shared === null) {
      super(...options);
      shared = this;
    }
    shared.global.process.env = { ...variables };
    return shared;
  }

  async teardown() {
    // The next file wants it.
  }
}

module.exports = SharedEnvironment;
