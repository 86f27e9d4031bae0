/**
 * One context for all test files that a worker runs, so that packages can stay loaded in it (see shared-packages.cjs).
 * Environment variables begin anew with each file.
 */
const { setFlagsFromString } = require('node:v8');
const { TestEnvironment } = require('jest-environment-node');

// Most code of tests runs too seldom to pay for its optimization, which took a tenth of the processor's time.
setFlagsFromString('--interrupt-budget=500000');

const variables = { ...process.env };
let shared = null;

/** What jest leaves in a context for what comes later in the same file: limits of time, and who is told of errors. */
const OF_ONE_FILE = new Set([
  'EVENT_HANDLERS',
  'JEST_STATE_SYMBOL',
  'LOG_ERRORS_BEFORE_RETRY',
  'RETRY_IMMEDIATELY',
  'RETRY_TIMES',
  'TEST_TIMEOUT_SYMBOL',
  'WAIT_BEFORE_RETRY',
]);

class SharedEnvironment extends TestEnvironment {
  constructor(...options) {
    if (shared === null) {
      super(...options);
      shared = this;
    }
    const { global } = shared;
    for (const key of Object.getOwnPropertySymbols(global)) {
      if (OF_ONE_FILE.has(key.description)) delete global[key];
    }
    for (const name of Object.keys(global.process.env)) delete global.process.env[name];
    Object.assign(global.process.env, variables);
    return shared;
  }

  async teardown() {
    // The next file wants it.
  }
}

module.exports = SharedEnvironment;
