/** Whether one certificate issued another. */
import type { X509Certificate } from 'node:crypto';

/**
 * Whether `upper` issued `lower`: by names, key identifiers and key usage, and by signature. A name alone
 * proves nothing. A key or an algorithm that OpenSSL cannot use issues nothing.
 */
export function issues(upper: X509Certificate, lower: X509Certificate): boolean {
  try {
    return lower.checkIssued(upper) && lower.verify(upper.publicKey);
  } catch {
    return false;
  }
}

const MIN_RSA_BITS = 2_048;

/**
 * RSA below 2048 bits. Details are read of RSA keys only: for a damaged key on a curve, Node ends the
 * process.
 */
export function isWeakKey({ publicKey }: X509Certificate): boolean {
  if (publicKey.asymmetricKeyType?.startsWith('rsa') !== true) return false;
  return (publicKey.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS;
}
