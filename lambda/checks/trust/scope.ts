/** TRUST001 and TRUST002: tokens from outside the projects that a role names can log in. */
import { testPasses } from '../../iam-policy/condition';
import type { Finding, Severity } from '../../domain/types';
import { escapeForeign } from '../../text/escape';
import { quote } from '../../text/quote';
import type { Reachability } from '../../iam-policy/reachability';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import { NOT_READ, limitRemedy, joinWithAnd } from './words';

/** TRUST001 and TRUST002 of one role, at most one of each, and TRUST001 for what was not evaluated. */
export function evaluateScope(roleArn: string, { policy, statements }: RoleTrust): readonly Finding[] {
  const remedy = limitRemedy(policy.source, roleArn);
  return [
    ...findingsOfOpen(roleArn, statements, policy.source, remedy),
    ...undecidedFinding(
      roleArn,
      statements.filter(({ anyone }) => !anyone).flatMap(undecidedReasons),
      remedy,
    ),
  ];
}

interface OpenStatement {
  readonly name: string;
  readonly token: Token;
  /** The values that let a token from outside pass. Empty: no condition restricts it at all. */
  readonly values: readonly string[];
}

function findingsOfOpen(
  roleArn: string,
  statements: readonly EvaluatedStatement[],
  source: TokenSource,
  remedy: string,
): readonly Finding[] {
  const anyone = statements.filter((one) => one.anyone).map(({ applied }) => applied.statement.name);
  const limited = statements.filter((one) => !one.anyone);
  const anyOrg = limited.flatMap((one) => openStatement(one, one.orgs));
  const anyProject = limited.flatMap((one) => openStatement(one, one.projects));
  const unlimited = anyProject.filter(({ values }) => values.length === 0);
  const wild = anyProject.filter(({ values }) => values.length > 0);
  const finding = (check: Finding['check'], severity: Severity, message: string): Finding => ({
    check,
    severity,
    message,
    remedy,
  });
  return [
    ...(anyone.length === 0 ? [] : [finding('TRUST001', 'critical', anyIdentity(roleArn, anyone))]),
    ...some(anyone.length > 0 ? [] : anyOrg, (open) =>
      finding('TRUST001', 'critical', anyCustomer(roleArn, open)),
    ),
    ...some(anyone.length + anyOrg.length > 0 ? [] : unlimited, (open) =>
      finding('TRUST001', 'high', anyProjectOf(roleArn, open, source)),
    ),
    ...some(wild, (open) => finding('TRUST002', 'high', wildcard(roleArn, open))),
  ];
}

type Some = readonly [OpenStatement, ...OpenStatement[]];

const some = (open: readonly OpenStatement[], describe: (open: Some) => Finding): readonly Finding[] => {
  const [first, ...rest] = open;
  return first === undefined ? [] : [describe([first, ...rest])];
};

const openStatement = (
  { applied }: EvaluatedStatement,
  reachability: Reachability,
): readonly OpenStatement[] =>
  reachability.kind !== 'open'
    ? []
    : [
        {
          name: applied.statement.name,
          token: reachability.token,
          values: applied.tests
            .filter(({ claim, negated }) => (claim === 'sub' || claim === 'project') && !negated)
            .flatMap((test) =>
              test.values.filter((value) =>
                testPasses({ ...test, values: [value] }, reachability.token[test.claim] ?? ''),
              ),
            ),
        },
      ];

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

/** What cannot be evaluated is reported as such, and counts as neither open nor scoped. */
function undecidedFinding(roleArn: string, reasons: readonly string[], remedy: string): readonly Finding[] {
  if (reasons.length === 0) return [];
  const message = `Whether a token from outside its projects can assume ${roleArn} was not judged: ${[...new Set(reasons)].join('; ')}. ${NOT_READ}`;
  return [{ check: 'TRUST001', severity: 'medium', message, remedy }];
}
