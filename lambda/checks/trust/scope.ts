/** TRUST001 and TRUST002: tokens from outside the projects that a role names can log in. */
import { testPasses } from '../../iam-policy/condition';
import type { NonEmpty } from '../../domain/group';
import type { Finding } from '../../domain/types';
import { escapeForeign } from '../../text/escape';
import { quote } from '../../text/quote';
import type { Reachability } from '../../iam-policy/reachability';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import { CONTROL_POLICIES, limitRemedy, joinWithAnd } from './words';

/**
 * TRUST001 and TRUST002 of one role, at most one of each, and TRUST001 for what was not evaluated: that counts
 * as neither open nor scoped.
 */
export function* evaluateScope(
  roleArn: string,
  { policy: { source }, statements }: RoleTrust,
): Generator<Finding> {
  const remedy = limitRemedy(source, roleArn);
  const anyone = statements.filter((one) => one.anyone).map(({ applied }) => applied.statement.name);
  const limited = statements.filter((one) => !one.anyone);
  const anyOrg = limited.flatMap((one) => openStatement(one, one.orgs));
  const anyProject = limited.flatMap((one) => openStatement(one, one.projects));
  const unlimited = anyProject.filter(({ values }) => values.length === 0);
  const wild = anyProject.filter(({ values }) => values.length > 0);
  if (anyone.length > 0) {
    yield { check: 'TRUST001', severity: 'critical', message: anyIdentity(roleArn, anyone), remedy };
  } else if (isSome(anyOrg)) {
    yield { check: 'TRUST001', severity: 'critical', message: anyCustomer(roleArn, anyOrg), remedy };
  } else if (isSome(unlimited)) {
    yield { check: 'TRUST001', severity: 'high', message: anyProjectOf(roleArn, unlimited, source), remedy };
  }
  if (isSome(wild)) {
    yield { check: 'TRUST002', severity: 'high', message: wildcard(roleArn, wild), remedy };
  }
  const reasons = new Set(limited.flatMap(undecidedReasons));
  if (reasons.size > 0) {
    const message = `${roleArn} could not be evaluated completely, so it is not known whether other projects can assume it: ${[...reasons].join('; ')}. ${CONTROL_POLICIES}`;
    yield { check: 'TRUST001', severity: 'medium', message, remedy, notEvaluated: true };
  }
}

interface OpenStatement {
  readonly name: string;
  readonly token: Token;
  /** The values that let a token from outside pass. Empty: no condition restricts it at all. */
  readonly values: readonly string[];
}

type Some = NonEmpty<OpenStatement>;

const isSome = (open: readonly OpenStatement[]): open is Some => open.length > 0;

function openStatement(
  { applied }: EvaluatedStatement,
  reachability: Reachability,
): readonly OpenStatement[] {
  if (reachability.kind !== 'open') return [];
  const { token } = reachability;
  const values = applied.tests
    .filter(({ claim, negated }) => (claim === 'sub' || claim === 'project') && !negated)
    .flatMap((test) =>
      test.values.filter((value) => testPasses({ ...test, values: [value] }, token[test.claim] ?? '')),
    );
  return [{ name: applied.statement.name, token, values }];
}

/** Longer examples are not shown: a cut one could not be tried. */
const MAX_EXAMPLE = 2_000;

function example([{ token }]: Some): string {
  const session = token.session === undefined ? '' : ` and the session name ${whole(token.session)}`;
  return token.sub.length > MAX_EXAMPLE
    ? `An example is a token whose subject has ${token.sub.length} characters, which is too long to show. ${CONTROL_POLICIES}`
    : `Example: a token with the subject ${whole(token.sub)}${session}. ${CONTROL_POLICIES}`;
}

/** In quotes, escaped, and never cut. */
const whole = (text: string): string => `"${escapeForeign(text)}"`;

const names = (open: Some): string => joinWithAnd(open.map(({ name }) => name));

/** "statement 1 does not …" or "statement 1 and statement 2 do not …". */
const doNot = (many: readonly unknown[]): string => (many.length === 1 ? 'does not' : 'do not');

const anyIdentity = (roleArn: string, statements: readonly string[]): string =>
  `Anyone can assume ${roleArn}: ${joinWithAnd(statements)} ${doNot(statements)} name a provider and ${doNot(statements)} restrict who can assume the role. The role accepts tokens of every OIDC provider of the account, and tokens of Amazon Cognito, Google, Facebook and Login with Amazon. ${CONTROL_POLICIES}`;

const anyCustomer = (roleArn: string, open: Some): string =>
  `Any CircleCI customer can assume ${roleArn}: ${names(open)} ${doNot(open)} restrict the organization. ${example(open)}`;

const anyProjectOf = (roleArn: string, open: Some, { kind, org }: TokenSource): string =>
  `Any project of ${org === null ? 'the organizations that the policy names' : `organization ${org}`} can assume ${roleArn}: ${names(open)} ${open.length === 1 ? 'has' : 'have'} no effective condition on ${kind === 'cloud' ? 'sub or project-id' : 'sub'}. ${example(open)}`;

function wildcard(roleArn: string, open: Some): string {
  const patterns = [...new Set(open.flatMap(({ values }) => values.map(quote)))];
  const match = patterns.length === 1 ? 'also matches' : 'also match';
  return `Projects that ${names(open)} ${doNot(open)} name can assume ${roleArn}, because ${joinWithAnd(patterns)} ${match} their tokens. ${example(open)}`;
}

const undecidedReasons = ({ applied, orgs, projects }: EvaluatedStatement): readonly string[] => {
  const undecided = [projects, orgs].flatMap((reachability) =>
    reachability.kind === 'not-evaluated' ? reachability.reasons : [],
  );
  return undecided.map((reason) => `${applied.statement.name}: ${reason}`);
};
