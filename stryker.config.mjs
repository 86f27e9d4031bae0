/** Mutation testing of five central files: what can be changed in them without a test that fails. */

// Each mutant runs the tests that cover it: properties take fewer cases, or a night would not be enough.
process.env['FUZZ_CASES'] ??= '50';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  jest: {
    config: {
      ...(await import('./jest.config.js')).default,
      // Tests without a network: those of whole runs take seconds for each mutant.
      testMatch: ['<rootDir>/test/(checks|decide|iam-policy|oracle|remediation|x509)/**/*.test.ts'],
    },
  },
  coverageAnalysis: 'perTest',
  // Constants: each change of one would want every test.
  ignoreStatic: true,
  // Which certificate may be proposed, which verdict, which policy, which update, which alert.
  mutate: [
    'lambda/x509/anchoring.ts',
    'lambda/checks/drift.ts',
    'lambda/iam-policy/search.ts',
    'lambda/remediation/guards.ts',
    'lambda/decide.ts',
  ],
  // Tests and what they read are needed, and nothing else.
  ignorePatterns: ['/dist', '/cdk.out', '/coverage', '/bench', '/examples', '/.mutation'],
  tempDirName: '.mutation/sandbox',
  // On a busy machine a slow test is not an endless one.
  timeoutMS: 10_000,
  timeoutFactor: 2,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.mutation/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // Before it was 87.66, of 924 mutants: a lower score fails.
  thresholds: { high: 95, low: 90, break: 87.6 },
};
