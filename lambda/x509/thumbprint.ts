/** Thumbprints as IAM lists them, and lists that may be written to IAM. */

/** IAM's limit, not adjustable: IAM User Guide, "IAM and AWS STS quotas". */
export const MAX_THUMBPRINTS = 5;

/** The form for comparisons, 40 lower-case hex digits: IAM accepts any case, and people paste colons. */
export const normaliseThumbprint = (thumbprint: string): string =>
  thumbprint.replaceAll(':', '').toLowerCase();

/** A value that IAM accepts and that can match a certificate: SHA-1, 40 hex digits. */
export const isThumbprint = (thumbprint: string): boolean => /^[0-9a-f]{40}$/i.test(thumbprint);

/**
 * The full list that covers `expected` and retains every entry that IAM would accept again, in its order. IAM
 * replaces lists whole. May be longer than IAM permits.
 */
export function correctedList(listed: readonly string[], expected: readonly string[]): readonly string[] {
  const remaining = listed.map(normaliseThumbprint).filter(isThumbprint);
  return [...new Set([...remaining, ...expected])];
}

/** What is expected and not listed, in any spelling that IAM accepts. `expected`: lower-case hex. */
export function missingFrom(listed: readonly string[], expected: readonly string[]): readonly string[] {
  const normal = listed.map(normaliseThumbprint);
  return expected.filter((thumbprint) => !normal.includes(thumbprint));
}
