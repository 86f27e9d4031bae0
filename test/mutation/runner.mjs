/**
 * Runs the core's tests for Stryker, in one process: a mutant takes milliseconds where a run of jest takes seconds, and
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
const TESTS = /^(core\/.*|observe-trust|keep\.property)\.test\.ts$/;

/** What instrumented code and its runner share. */
const stryker = (globalThis.__stryker__ ??= {});

const replaced = {};
const newWorld = moduleLoader(replaced);
const beginKeys = reuseKeys();

class CoreRunner {
  #files = [];

  capabilities() {
    return { reloadEnvironment: true };
  }

  /** From here on the working directory is Stryker's copy of the project, whose core has all mutants in it. */
  init() {
    // Properties take a tenth of their cases, always the same, and do not look for the smallest that fails.
    const packages = createRequire(resolve('package.json'));
    packages('fast-check').configureGlobal({ numRuns: 10, seed: 1, endOnFailure: true });
    this.#files = readdirSync('test', { recursive: true })
      .filter((file) => TESTS.test(file))
      .map((file) => resolve('test', file))
      .sort();
  }

  async dryRun() {
    const tests = [];
    for (const file of this.#files) tests.push(...(await runFile(file, {})));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, sandboxFileName, hitLimit, disableBail }) {
    stryker.activeMutant = activeMutant.id;
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    const chosen = testFilter === undefined ? null : new Set(testFilter);
    const tests = [];
    for (const file of nearestFirst(this.#files, sandboxFileName)) {
      if (chosen !== null && !testFilter.some((id) => id.startsWith(`${relative('.', file)}: `))) continue;
      tests.push(...(await runFile(file, { chosen, imports: sandboxFileName, bail: !disableBail })));
      if (!disableBail && tests.some(({ status }) => status === TestStatus.Failed)) break;
    }
    const result = determineHitLimitReached(stryker.hitCount, stryker.hitLimit) ?? {
      status: DryRunStatus.Complete,
      tests,
    };
    return toMutantRunResult(result, disableBail);
  }
}

/** `chosen`: ids of tests, null for all. `imports`: without that file nothing can fail. */
async function runFile(file, { chosen = null, imports = null, bail = false }) {
  const { globals, suites } = declarations();
  replaced['@jest/globals'] = globals;
  const world = newWorld();
  beginKeys();
  const results = [];
  try {
    world.load(file);
  } catch (error) {
    return [failed({ id: `${relative('.', file)}: is loaded`, fileName: file }, error)];
  }
  if (imports !== null && !world.has(imports)) return [];
  const ids = uniqueIds(relative('.', file));
  for (const suite of suites) {
    for (const { name, run } of suite.tests) {
      const id = ids(name);
      if (chosen !== null && !chosen.has(id)) continue;
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
    return `${file}: ${name}${count === 1 ? '' : ` (${count})`}`;
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
