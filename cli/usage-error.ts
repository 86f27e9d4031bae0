/** An error that a user can fix: one sentence and the remedy, exit code 2, never a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
