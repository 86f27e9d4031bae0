/** The signing key that issuers of all test files may have, where its being new does not matter. */
import { createPrivateKey } from 'node:crypto';
import { signingKeyOf } from '../../demo/signing-key';
import type { SigningKey } from '../../demo/signing-key';

/** Under a new `kid`. */
export function commonSigningKey(): SigningKey {
  const pem = process.env['TEST_SIGNING_KEY'];
  if (pem === undefined) throw new TypeError('Run this by jest: test/jest/signing-key.cjs makes the key.');
  return signingKeyOf(createPrivateKey(pem));
}
