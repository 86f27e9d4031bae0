const { availableParallelism } = require('node:os');

// The CDK holds its own rules against whatever is synthesized, which takes ten seconds in each process that does it
// once. Here test/slow/rules.test.ts asks for them.
process.env.CDK_VALIDATION = 'false';

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023' }, module: { type: 'commonjs' } }] },
  globalSetup: '<rootDir>/test/support/global-setup.cjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.cjs',
  // Tests wait a fifth of their time, for silence to end: three workers keep two processors at work.
  // RSA keys are made in tests: on a busy machine that takes seconds.
  testTimeout: 20_000,
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/', '<rootDir>/.mutation/'],
};
