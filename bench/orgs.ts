/** The orgs of the bench. */

/** The id of the nth org: a UUID. */
export const orgAt = (index: number): string =>
  `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
