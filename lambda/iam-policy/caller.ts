/**
 * Conditions that anybody with a token can fulfil by the way of calling STS: from an IPv4 address of the
 * internet, by HTTPS. Such a condition restricts nobody.
 */
import { readOperator } from './condition';
import type { Condition } from './parse';

const SECURE_TRANSPORT = 'aws:securetransport';

/**
 * Whether a condition holds for such a call. Unknown if it is about something else, or about particular
 * addresses.
 */
function holdsOfCaller({ operator, key, values }: Condition): boolean | 'unknown' {
  if (readOperator(operator) === null) return 'unknown';
  const [, name = ''] = /^(?:for(?:all|any)values?:)?(\w+?)(?:ifexists)?$/.exec(operator.toLowerCase()) ?? [];
  // AWS serves STS by TLS alone.
  if (key === SECURE_TRANSPORT && name === 'bool') return isTrueAmong(values);
  if (key !== 'aws:sourceip') return 'unknown';
  const isIn = isInternetIn(values);
  if (isIn === 'unknown' || !name.endsWith('ipaddress')) return 'unknown';
  return isIn === (name === 'ipaddress');
}

function isTrueAmong(values: readonly string[]): boolean | 'unknown' {
  const wanted = values.map((value) => value.toLowerCase());
  if (wanted.some((value) => value !== 'true' && value !== 'false')) return 'unknown';
  return wanted.includes('true');
}

/** An IPv4 address is in no range of IPv6. */
function isInternetIn(ranges: readonly string[]): boolean | 'unknown' {
  if (ranges.includes('0.0.0.0/0')) return true;
  return ranges.every((range) => /^[0-9a-f:]+(?:\/\d+)?$/i.test(range) && range.includes(':'))
    ? false
    : 'unknown';
}

/**
 * The result of a condition if the caller chooses the best call: an Allow applies, a Deny does not. The
 * reverse is never certain, because another call is possible; but nobody can call without TLS.
 */
export function asCallerWishes(condition: Condition, effect: 'Allow' | 'Deny'): boolean | 'unknown' {
  const holds = holdsOfCaller(condition);
  const wish = effect === 'Allow';
  return holds === wish || condition.key === SECURE_TRANSPORT ? holds : 'unknown';
}
