/** TRUST001 and TRUST002: tokens from outside the projects that a role names can log in. */
import { testPasses } from '../../iam-policy/condition';
import type { NonEmpty } from '../../domain/group';
import type { Finding } from '../../domain/types';
import { escapeForeign } from '../../text/escape';
import { quote } from '../../text/quote';
import type { Reachability } from '../../iam-policy/reachability';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import { NOT_READ, limitRemedy, joinWithAnd } from './words';

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
    const message = `Whether a token from outside its projects can assume ${roleArn} was not judged: ${[...reasons].join('; ')}. ${NOT_READ}`;
    yield { check: 'TRUST001', severity: 'medium', message, remedy };
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
  const session = token.session === undefined ? '' : ` with the session name ${whole(token.session)}`;
  return token.sub.length > MAX_EXAMPLE
    ? `A token passes whose subject has ${token.sub.length} characters, too many to be shown. ${NOT_READ}`
    : `For example, ${whole(token.sub)} passes${session}. ${NOT_READ}`;
}

/** In quotes, escaped, and never cut. */
const whole = (text: string): string => `"${escapeForeign(text)}"`;

const names = (open: Some): string => joinWithAnd(open.map(({ name }) => name));

const anyIdentity = (roleArn: string, statements: readonly string[]): string =>
  `Anyone can assume ${roleArn} by ${joinWithAnd(statements)}: no provider is named, and no condition restricts who. Besides tokens of every OIDC provider of the account, those of Amazon Cognito, Google, Facebook and Login with Amazon pass. ${NOT_READ}`;

const anyCustomer = (roleArn: string, open: Some): string =>
  `A token of any CircleCI customer can assume ${roleArn} by ${names(open)}: no condition names the org. ${example(open)}`;

const anyProjectOf = (roleArn: string, open: Some, { kind, org }: TokenSource): string =>
  `A token of any project of ${org === null ? 'an org' : `org ${org}`} can assume ${roleArn} by ${names(open)}: no effective condition on ${kind === 'cloud' ? 'sub or project-id' : 'sub'}. ${example(open)}`;

const wildcard = (roleArn: string, open: Some): string =>
  `A token of a project that it does not name can assume ${roleArn} by ${names(open)}: ${joinWithAnd([
    ...new Set(open.flatMap(({ values }) => values.map(quote))),
  ])} has a wildcard in place of the project. ${example(open)}`;

const undecidedReasons = ({ applied, orgs, projects }: EvaluatedStatement): readonly string[] => {
  const undecided = [projects, orgs].flatMap((reachability) =>
    reachability.kind === 'not-evaluated' ? reachability.reasons : [],
  );
  return undecided.map((reason) => `${applied.statement.name}: ${reason}`);
};
