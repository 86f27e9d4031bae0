/** Runs once before all test files; the workers inherit its environment. */
const { generateKeyPairSync } = require('node:crypto');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = () => {
  // One key for the issuers of all test files: to make one takes longer than most tests.
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  process.env.TEST_SIGNING_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // For what tests, and the programs that they start, write: the CDK alone leaves a folder for each app.
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'thumbprint-tests-'));
};
