/** Mutation testing of the core: what can be changed in it without a test that fails. */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['./test/mutation/runner.mjs'],
  testRunner: 'core',
  coverageAnalysis: 'perTest',
  // Constants: each change of one would want every test.
  ignoreStatic: true,
  mutate: [
    'lambda/{domain,text,x509,iam-policy,oidc,config,remedies,checks,state,report,alerting,remediation}/**/*.ts',
    'lambda/decide.ts',
    'lambda/permissions.ts',
  ],
  // Tests and what they read are needed, and nothing else.
  ignorePatterns: ['/dist', '/cdk.out', '/coverage', '/bench', '/examples', '/infra', '/.mutation'],
  tempDirName: '.mutation/sandbox',
  incremental: true,
  incrementalFile: '.mutation/incremental.json',
  // On a busy machine a slow test is not an endless one.
  timeoutMS: 10_000,
  timeoutFactor: 2,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.mutation/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // Each folder was last measured to have 96 or more, and the files of trust/ that search policies 92.
  thresholds: { high: 95, low: 90, break: 90 },
};
