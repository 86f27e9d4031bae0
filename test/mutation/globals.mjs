/** The exports of `@jest/globals`, as far as the core's tests use them. The matchers are jest's own. */
import { expect } from 'expect';
import { format } from 'node:util';

/** Some rows of tables are whole documents. A row with a fresh key has another name in each run, and is never chosen. */
const LONGEST_NAME = 120;

/** `@jest/globals` for one test file. `suites`: what it declares, in order, each with its hooks and its tests. */
export function declarations() {
  const suites = [];
  let open = newSuite([]);
  suites.push(open);
  const describe = (name, body) => {
    const outer = open;
    open = newSuite([...outer.names, name], outer);
    suites.push(open);
    body();
    open = outer;
  };
  const it = (name, run) => void open.tests.push({ name: [...open.names, name].join(' '), run });
  it.each = (rows) => (name, run) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      it(format(name, ...values).slice(0, LONGEST_NAME), () => run(...values));
    }
  };
  const globals = {
    describe,
    it,
    expect,
    beforeAll: (hook) => void open.before.push(hook),
    afterAll: (hook) => void open.after.push(hook),
    jest: { setTimeout: () => undefined },
  };
  return { globals, suites };
}

const newSuite = (names, outer = null) => ({
  names,
  outer,
  tests: [],
  before: [],
  after: [],
  entered: false,
});

/** Hooks of the suite and of those around it, once. */
export async function enter(suite) {
  if (suite.entered) return;
  suite.entered = true;
  if (suite.outer !== null) await enter(suite.outer);
  for (const hook of suite.before) await hook();
}
