/**
 * Runs the core's tests for Stryker, in one process: a mutant takes milliseconds instead of seconds with jest, and
 * there are thousands of mutants. Each test file is loaded anew for each mutant, with nothing left over from the one
 * before; only packages are shared.
 */
import { PluginKind, declareFactoryPlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { declarations, enter } from './globals.mjs';
import { reuseKeys } from './keys.mjs';
import { moduleLoader } from './modules.mjs';

/** Tests of the core, and those of runs that need no network. */
const TESTS =
  /^((domain|text|x509|iam-policy|oidc|config|checks|state|report|alerting|remediation|decide)\/.*|permissions|run\/(run|state|updates)|collect\/roles)\.test\.ts$/;

/** What instrumented code and its runner share. */
const stryker = (globalThis.__stryker__ ??= {});

/** Code that runs while a module is loaded belongs to no test, even if one test loads it: others find it loaded. */
function loading(load) {
  const { currentTestId } = stryker;
  stryker.currentTestId = undefined;
  try {
    load();
  } finally {
    stryker.currentTestId = currentTestId;
  }
}

const replaced = {};
const newWorld = moduleLoader(replaced, loading);
const beginKeys = reuseKeys();

/** Tests that take longer are asked last, milliseconds: most mutants are dead by then. */
const DEAR_MS = 50;

class CoreRunner {
  #files = [];
  #dear = new Set();

  capabilities() {
    return { reloadEnvironment: true };
  }

  /** From here on the working directory is Stryker's copy of the project, whose core has all mutants in it. */
  init() {
    // Properties take a fifth of their cases, always the same, and do not look for the smallest that fails.
    const packages = createRequire(resolve('package.json'));
    packages('fast-check').configureGlobal({ numRuns: 20, seed: 1, endOnFailure: true });
    this.#files = readdirSync('test', { recursive: true })
      .filter((file) => TESTS.test(file))
      .map((file) => resolve('test', file))
      .sort();
  }

  async dryRun() {
    const tests = [];
    for (const file of this.#files) tests.push(...(await runFile(file)));
    for (const { id, timeSpentMs } of tests) if (timeSpentMs > DEAR_MS) this.#dear.add(id);
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, sandboxFileName, hitLimit, disableBail }) {
    stryker.activeMutant = activeMutant.id;
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    const chosen = testFilter === undefined ? null : new Set(testFilter);
    const tests = [];
    for (const dear of [false, true]) {
      const isChosen = (id) => (chosen === null || chosen.has(id)) && this.#dear.has(id) === dear;
      for (const file of nearestFirst(this.#files, sandboxFileName)) {
        if (chosen !== null && !testFilter.some((id) => id.startsWith(idOf(file, '')) && isChosen(id)))
          continue;
        tests.push(
          ...(await runFile(file, {
            isChosen, // What is imported only while it runs is chosen by coverage.
            imports: chosen === null ? sandboxFileName : null,
            bail: !disableBail,
          })),
        );
        if (!disableBail && hasFailed(tests)) return toMutantRunResult(resultOf(tests), false);
      }
    }
    return toMutantRunResult(resultOf(tests), disableBail);
  }
}

const hasFailed = (tests) => tests.some(({ status }) => status === TestStatus.Failed);

const resultOf = (tests) =>
  determineHitLimitReached(stryker.hitCount, stryker.hitLimit) ?? { status: DryRunStatus.Complete, tests };

const idOf = (file, name) => `${relative('.', file)}: ${name}`;

/** `isChosen`: which of its tests, by id. `imports`: a file without which none of them can fail. */
async function runFile(file, { isChosen = () => true, imports = null, bail = false } = {}) {
  const { globals, suites } = declarations();
  replaced['@jest/globals'] = globals;
  const world = newWorld();
  beginKeys();
  const results = [];
  try {
    world.load(file);
  } catch (error) {
    return [failed({ id: idOf(file, 'is loaded'), fileName: file }, error)];
  }
  if (imports !== null && !world.has(imports)) return [];
  const ids = uniqueIds(file);
  for (const suite of suites) {
    for (const { name, run } of suite.tests) {
      const id = ids(name);
      if (!isChosen(id)) continue;
      const result = await runTest({ id, fileName: file }, suite, run);
      results.push(result);
      if (bail && result.status === TestStatus.Failed) return results;
    }
  }
  for (const { after, entered } of suites) if (entered) for (const hook of after) await hook();
  return results;
}

async function runTest(test, suite, run) {
  const start = performance.now();
  try {
    await enter(suite);
    stryker.currentTestId = test.id;
    await run();
    const timeSpentMs = performance.now() - start;
    return { ...test, name: test.id, status: TestStatus.Success, timeSpentMs };
  } catch (error) {
    return failed(test, error, performance.now() - start);
  } finally {
    stryker.currentTestId = undefined;
  }
}

const failed = (test, error, timeSpentMs = 0) => ({
  ...test,
  name: test.id,
  status: TestStatus.Failed,
  failureMessage: String(error?.message ?? error),
  timeSpentMs,
});

/** Rows of a table may have the same name. */
function uniqueIds(file) {
  const met = new Map();
  return (name) => {
    const count = (met.get(name) ?? 0) + 1;
    met.set(name, count);
    return `${idOf(file, name)}${count === 1 ? '' : ` (${count})`}`;
  };
}

/** A mutant is mostly killed by the tests of its own folder. */
function nearestFirst(files, mutated) {
  const path = relative(resolve('lambda'), mutated);
  const nearness = (file) => {
    const other = relative(resolve('test'), file);
    let same = 0;
    while (same < path.length && path[same] === other[same]) same += 1;
    return same;
  };
  return [...files].sort((a, b) => nearness(b) - nearness(a));
}

const runner = () => new CoreRunner();
runner.inject = [];

/** Stryker's way to find it. */
export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'core', runner)];
