const { availableParallelism } = require('node:os');

// The CDK holds its own rules against whatever is synthesized, which takes ten seconds in each process that does it
// once. Here test/slow/rules.test.ts asks for them.
process.env.CDK_VALIDATION = 'false';

/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023' }, module: { type: 'commonjs' } }] },
  // Loading the same packages for each file would be a fifth of the time.
  testEnvironment: '<rootDir>/test/jest/shared-environment.cjs',
  runtime: '<rootDir>/test/jest/shared-packages.cjs',
  // One key for all issuers: to make one takes longer than most tests.
  globalSetup: '<rootDir>/test/jest/signing-key.cjs',
  testSequencer: '<rootDir>/test/jest/sequencer.cjs',
  // Tests wait a fifth of their time, for silence to end: three workers keep two processors at work.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/', '<rootDir>/.mutation/'],
};
