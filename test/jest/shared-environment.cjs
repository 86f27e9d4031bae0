/**
 * One context for all test files that a worker runs, so that packages can stay loaded in it (see shared-packages.cjs).
 * Environment variables begin anew with each file, and so does the folder for temporary files.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { TestEnvironment } = require('jest-environment-node');

// Most code of tests runs too seldom to pay for its optimization, which took a tenth of the processor's time.
setFlagsFromString('--interrupt-budget=500000');

/**
 * Stores that follow asynchronous work. Jest's runner makes one for each file and leaves it in use, so that each further
 * file would make all promises dearer.
 */
const followed = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...values) {
  followed.add(this);
  return run.apply(this, values);
};

// Node takes half a second to take a worker's memory apart, and jest does not wait so long. What still runs keeps the
// worker alive all the same, and is complained of.
if (process.send !== undefined) process.once('beforeExit', () => process.exit());

/** For what tests and the programs that they start write: the CDK alone leaves a folder for each app. */
const folder = mkdtempSync(join(tmpdir(), 'thumbprint-tests-'));
Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder });
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
    mkdirSync(folder, { recursive: true });
    const { global } = shared;
    for (const key of Object.getOwnPropertySymbols(global)) {
      if (OF_ONE_FILE.has(key.description)) delete global[key];
    }
    for (const name of Object.keys(global.process.env)) delete global.process.env[name];
    Object.assign(global.process.env, variables);
    return shared;
  }

  /** The context stays, for the next file. */
  async teardown() {
    for (const store of followed) store.disable();
    followed.clear();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

module.exports = SharedEnvironment;
