/** TRUST003, TRUST004 and TRUST007: conditions that are wrong, are missing, or hold for no token. */
import { readOperator } from '../../iam-policy/condition';
import type { Finding } from '../../domain/types';
import { quote } from '../../text/quote';
import type { ApplicableStatement } from '../../iam-policy/evaluate';
import { isAlive } from '../../iam-policy/role-trust';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import { isForeignKey, requestValueOf } from '../../iam-policy/tokens';
import type { TokenSource } from '../../iam-policy/tokens';
import { deadCause } from './unsatisfiable';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../../domain/logins';
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';
import { limitRemedy, joinWithAnd } from './words';

/** TRUST003, TRUST004 and TRUST007 of one role, at most one of each severity. */
export function* evaluateConditions(roleArn: string, trust: RoleTrust): Generator<Finding> {
  const { statements } = trust;
  const { source } = trust.policy;
  const foreign = statements.flatMap(({ applied }) => foreignWords(applied, source));
  if (foreign.length > 0) {
    yield {
      check: 'TRUST003',
      severity: 'high',
      message: `${roleArn} has a condition for another organization or issuer: ${listed(foreign)}. Its provider accepts tokens of ${source.org === null ? 'circleci.com' : `organization ${source.org}`} only.`,
      remedy: limitRemedy(source, roleArn),
    };
  }
  const odd = statements.flatMap((one) => oddWords(one, source));
  if (odd.length > 0) {
    yield {
      check: 'TRUST003',
      severity: 'low',
      message: `${roleArn} uses an operator that also accepts tokens without the claim: ${listed(odd)}. Every token has the claim today, so the role is not open.`,
      remedy: joinSteps(
        'Use StringEquals or StringLike, without the prefix ForAllValues: and without the suffix IfExists.',
        replacePolicyStep(roleArn),
      ),
    };
  }
  yield* deadFindings(roleArn, trust);
  // Without such a condition IAM still checks the audience against the provider's list.
  const withoutAudience = statements
    .filter(isAlive)
    .map(({ applied }) => applied.statement)
    .filter(({ conditions }) => !conditions.some(({ key }) => key === `${source.prefix}:aud`));
  if (withoutAudience.length > 0) {
    yield {
      check: 'TRUST004',
      severity: 'info',
      message: `${roleArn} has no condition on aud in ${joinWithAnd(withoutAudience.map(({ name }) => name))}. IAM still compares the audience with the client ID list of the provider.`,
      remedy:
        'No action is needed. A condition on aud also protects the role if somebody adds an audience to the provider.',
    };
  }
}

const listed = (words: readonly string[]): string => [...new Set(words)].join('; ');

const OTHER_ORG = /^org\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i;

/** Keys of other issuers, unless the statement trusts those, too, and subjects of other orgs. */
function foreignWords({ statement, tests }: ApplicableStatement, source: TokenSource): readonly string[] {
  const trusted = statement.principals.kind === 'named' ? statement.principals.federated : [];
  const isTrusted = (key: string): boolean =>
    trusted.some((arn) => key.startsWith(`${arn.toLowerCase().replace(/^.*?:oidc-provider\//s, '')}:`));
  const keys = statement.conditions
    .map(({ key }) => key)
    .filter((key) => isForeignKey(source, key) && !isTrusted(key));
  const subjects = tests
    .filter(({ claim }) => claim === 'sub')
    .flatMap(({ values }) => values)
    .filter((value) => {
      const org = OTHER_ORG.exec(value)?.[1]?.toLowerCase();
      return source.org !== null && org !== undefined && org !== source.org;
    });
  return [...keys, ...subjects].map((text) => `${statement.name} has ${quote(text)}`);
}

function oddWords({ applied, projects, orgs }: EvaluatedStatement, source: TokenSource): readonly string[] {
  if (projects.kind !== 'closed' || orgs.kind !== 'closed') return [];
  return applied.statement.conditions
    .filter(({ key }) => {
      const value = requestValueOf(source, key);
      return value.kind === 'claim' && (value.claim === 'sub' || value.claim === 'project');
    })
    .filter(({ operator }) => {
      const read = readOperator(operator);
      return read !== null && (read.set === 'all' || read.ifExists);
    })
    .map(({ operator, key }) => `${applied.statement.name} has ${operator} on ${quote(key)}`);
}

/**
 * TRUST007: statements that no token satisfies, and roles that only one of CircleCI's two tokens can assume.
 */
function* deadFindings(roleArn: string, { policy, statements }: RoleTrust): Generator<Finding> {
  const { source } = policy;
  const dead = statements
    .filter((one) => !isAlive(one) && foreignWords(one.applied, source).length === 0)
    .map(({ applied }) => `${applied.statement.name}: ${deadCause(applied, policy)}`);
  if (dead.length > 0) {
    yield {
      check: 'TRUST007',
      severity: 'high',
      message: `${roleArn} has a condition that no token satisfies: ${listed(dead)}. ${statements.some(isAlive) ? LOGINS_UNKNOWN : LOGINS_FAIL}`,
      remedy: limitRemedy(source, roleArn),
    };
  }
  const flavours = new Set(statements.flatMap((one) => one.flavours));
  if (flavours.has('V1') && !flavours.has('V2')) {
    const patterns = statements
      .filter(isAlive)
      .flatMap(({ applied }) => applied.tests.filter(({ claim, negated }) => claim === 'sub' && !negated))
      .flatMap(({ values }) => values.map(quote));
    const short = [...new Set(patterns)];
    yield {
      check: 'TRUST007',
      severity: 'medium',
      message: `${roleArn} accepts CIRCLE_OIDC_TOKEN, but not CIRCLE_OIDC_TOKEN_V2: ${joinWithAnd(short)} ${short.length === 1 ? 'ends' : 'end'} too early, because the subject of these tokens continues with /vcs-origin/. ${LOGINS_UNKNOWN}`,
      remedy: joinSteps(
        'If jobs use CIRCLE_OIDC_TOKEN_V2, end the pattern with user/* and use StringLike.',
        replacePolicyStep(roleArn),
      ),
    };
  }
}
