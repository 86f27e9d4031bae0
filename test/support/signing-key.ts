/** The signing key that issuers of all test files may have, if it need not be new. */
import { createPrivateKey } from 'node:crypto';
import { signingKeyOf } from '../../demo/signing-key';
import type { SigningKey } from '../../demo/signing-key';

/** Under a new `kid`. */
export function commonSigningKey(): SigningKey {
  const pem = process.env['TEST_SIGNING_KEY'];
  if (pem === undefined)
    throw new TypeError('Run this by jest: test/support/global-setup.cjs makes the key.');
  return signingKeyOf(createPrivateKey(pem));
}
