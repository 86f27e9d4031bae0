/** Why no token satisfies a statement, in words. */
import type { Test } from '../../iam-policy/condition';
import type { Condition } from '../../iam-policy/parse';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import { quote } from '../../text/quote';
import { canSatisfy } from '../../iam-policy/reachability';
import type { RoleTrust } from '../../iam-policy/role-trust';
import type { StepLimit } from '../../iam-policy/step-limit';
import { PROJECT_CLAIM, isOwnKey, isProviderKey } from '../../iam-policy/tokens';
import type { Claim, TokenSource } from '../../iam-policy/tokens';

/** The first cause that holds by itself; else that the conditions exclude each other. */
export function deadCause(applied: ApplicableStatement, { source, limit }: RoleTrust['policy']): string {
  const [never] = applied.never;
  if (never !== undefined) return neverCause(never, source);
  const alone = applied.tests.find((test) => !isPossible({ ...applied, tests: [test] }, source, limit));
  return alone === undefined ? 'its conditions exclude each other' : testCause(alone);
}

const isPossible = (applied: ApplicableStatement, source: TokenSource, limit: StepLimit): boolean =>
  canSatisfy(source, applied, 'V1', limit) !== false || canSatisfy(source, applied, 'V2', limit) !== false;

function neverCause({ operator, key }: Condition, source: TokenSource): string {
  const claim = key.slice(source.prefix.length + 1);
  if (operator.toLowerCase() === 'null') return `Null asks for what is never so of ${quote(key)}`;
  if (isOwnKey(source, key) && claim === PROJECT_CLAIM) {
    return `${quote(key)} exists for orgs of circleci.com only, not for ${source.kind === 'root' ? 'the root issuer' : 'CircleCI Server'}`;
  }
  if (!isOwnKey(source, key) && !isProviderKey(key) && !key.startsWith('http')) {
    return `${operator} on ${quote(key)} holds of no request to AWS STS`;
  }
  return `${quote(key)} is no claim that AWS STS maps`;
}

function testCause({ claim, comparison, values }: Test<Claim>): string {
  const shown = values.map((value) => quote(value)).join(', ');
  if (claim === 'aud') return `the provider's client ID list has no audience that fits ${shown}`;
  if (comparison !== 'like' && values.some((value) => /[*?]/.test(value))) {
    return `${shown} has a wildcard, which is a plain character there: wildcards need StringLike`;
  }
  if (claim === 'session') return `no RoleSessionName fits ${shown}`;
  return `no token has such a ${claim === 'project' ? 'project-id' : 'sub'}: ${shown}`;
}
