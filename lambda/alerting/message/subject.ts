/** The subject of a mail: severity, outcome, host or role, and account. */
import { severityOf } from '../../domain/severity';
import { headlineOf } from './outcome';
import type { Account } from './outcome';
import { isResolved } from './topic';
import type { Topic } from './topic';

/** SNS: fewer than 100 characters, printable ASCII. */
const MAX_CHARACTERS = 99;

/**
 * At most 99 printable ASCII characters: `[critical] AWS logins fail: ci.example.com (account prod
 * 123456789012)`. What is resolved has no severity.
 */
export function subjectOf(topics: readonly [Topic, ...Topic[]], isBlind: boolean, account: Account): string {
  const open = topics.filter((topic) => !isResolved(topic));
  const severity = open.length === 0 ? null : severityOf(open);
  return headlineOf(topics, isBlind, account, { max: MAX_CHARACTERS, severity, ascii: true });
}
