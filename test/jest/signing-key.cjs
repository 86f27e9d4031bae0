/** One key for the issuers of all test files: to make one takes longer than most tests. */
const { generateKeyPairSync } = require('node:crypto');

module.exports = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  process.env.TEST_SIGNING_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};
