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

/** The first cause that holds by itself; else that the conditions contradict each other. */
export function deadCause(applied: ApplicableStatement, { source, limit }: RoleTrust['policy']): string {
  const [never] = applied.never;
  if (never !== undefined) return neverCause(never, source);
  const alone = applied.tests.find((test) => !isPossible({ ...applied, tests: [test] }, source, limit));
  return alone === undefined ? 'its conditions contradict each other' : testCause(alone);
}

const isPossible = (applied: ApplicableStatement, source: TokenSource, limit: StepLimit): boolean =>
  canSatisfy(source, applied, 'V1', limit) !== false || canSatisfy(source, applied, 'V2', limit) !== false;

function neverCause({ operator, key }: Condition, source: TokenSource): string {
  const claim = key.slice(source.prefix.length + 1);
  if (operator.toLowerCase() === 'null') return `the operator Null with ${quote(key)} never matches`;
  if (isOwnKey(source, key) && claim === PROJECT_CLAIM) {
    return `${quote(key)} exists only for organizations of circleci.com, not for ${source.kind === 'root' ? 'the root issuer' : 'CircleCI Server'}`;
  }
  if (!isOwnKey(source, key) && !isProviderKey(key) && !key.startsWith('http')) {
    return `no request to AWS STS satisfies ${operator} on ${quote(key)}`;
  }
  return `AWS STS does not provide the condition key ${quote(key)} for these tokens`;
}

function testCause({ claim, comparison, values }: Test<Claim>): string {
  const shown = values.map((value) => quote(value)).join(', ');
  if (claim === 'aud') return `the provider has no audience that matches ${shown}`;
  if (comparison !== 'like' && values.some((value) => /[*?]/.test(value))) {
    return `${shown} contains a wildcard, but wildcards need StringLike`;
  }
  if (claim === 'session') return `no RoleSessionName matches ${shown}`;
  return `no token has a ${claim === 'project' ? 'project-id' : 'sub'} that matches ${shown}`;
}
