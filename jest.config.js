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
  // One worker a processor: jest would leave one idle, which is half of a machine with two.
  maxWorkers: '100%',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/', '<rootDir>/.mutation/'],
};
