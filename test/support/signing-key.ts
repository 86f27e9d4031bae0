/** The signing key that issuers of all test files may have, where its being new does not matter. */
import { createPrivateKey } from 'node:crypto';
import { signingKeyOf } from '../../demo/signing-key';
import type { SigningKey } from '../../demo/signing-key';

/** Under a new `kid`. Jest makes the key before it runs any test. */
export const commonSigningKey = (): SigningKey =>
  signingKeyOf(createPrivateKey(process.env['TEST_SIGNING_KEY'] ?? ''));
