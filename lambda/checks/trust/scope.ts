/** TRUST001 and TRUST002: tokens from outside the units that a role names can log in. */
import { testPasses } from '../../iam-policy/condition';
import type { NonEmpty } from '../../domain/group';
import { quote } from '../../text/quote';
import { inBestEnvironment } from '../../iam-policy/evaluate';
import type { ScopeClaim } from '../../iam-policy/grammar';
import type { Reachability } from '../../iam-policy/reachability';
import { denialsOfAll, evaluateStatements } from '../../iam-policy/role-trust';
import type { EvaluatedStatement, RoleTrust } from '../../iam-policy/role-trust';
import { SUB } from '../../iam-policy/tokens';
import type { Token, TokenSource } from '../../iam-policy/tokens';
import type { Correction, Draft, RoleInQuestion } from './remedy';
import { CONTROL_POLICIES, doNot, exampleToken, joinWithAnd } from './words';

/**
 * TRUST001 and TRUST002 of one role, at most one of each severity, and TRUST001 for what was not evaluated: that counts
 * as neither open nor scoped.
 */
export function* evaluateScope(
  { role, source }: RoleInQuestion,
  { policy, statements, outside }: RoleTrust,
): Generator<Draft> {
  const remedy = (open: readonly OpenStatement[], first = ''): Correction => ({
    advice: `${first}${limitAdvice(source)}`,
    wrong: {
      statements: open.map(({ of }) => of.applied),
      witnesses: open.flatMap(({ token }) => token ?? []),
    },
  });
  const anyone = statements.filter((one) => one.anyone);
  const limited = statements.filter((one) => !one.anyone);
  const anyTenant = limited.flatMap((one) => openStatement(one, one.tenants, source, ['tenant', 'unit']));
  // One cause is one finding: who may come from any tenant comes from any unit, too.
  const ofTenants = limited.filter((one) => anyTenant.every(({ of }) => of !== one));
  // Who names a tenant, and no unit, has no wildcard to correct.
  const anyUnit = ofTenants.flatMap((one) => openStatement(one, one.units, source, ['unit']));
  const unlimited = anyUnit.filter(({ values }) => values.length === 0);
  const wild = anyUnit.filter(({ values }) => values.length > 0);
  const unlimitedTenants = anyTenant.filter(({ values }) => values.length === 0);
  const wildTenants = anyTenant.filter(({ values }) => values.length > 0);
  if (anyone.length > 0) {
    yield {
      check: 'TRUST001',
      severity: 'critical',
      message: anyIdentity(
        role.arn,
        anyone.map(({ applied }) => applied.statement.name),
      ),
      remedy: remedy(
        anyone.map((of) => ({ of, token: null, values: [] })),
        'Name the provider as the principal of the statement. ',
      ),
    };
  } else if (isSome(unlimitedTenants)) {
    yield {
      check: 'TRUST001',
      severity: 'critical',
      message: anyCustomer(role.arn, unlimitedTenants, source),
      remedy: remedy(unlimitedTenants),
    };
  }
  if (anyone.length === 0 && isSome(unlimited)) {
    yield {
      check: 'TRUST001',
      severity: 'high',
      message: anyUnitOf(role.arn, unlimited, source),
      remedy: remedy(unlimited),
    };
  }
  if (isSome(wildTenants)) {
    yield {
      check: 'TRUST002',
      severity: 'critical',
      message: otherTenants(role.arn, wildTenants, source),
      remedy: remedy(wildTenants),
    };
  }
  if (isSome(wild)) {
    yield {
      check: 'TRUST002',
      severity: 'high',
      message: wildcard(role.arn, wild, source),
      remedy: remedy(wild),
    };
  }
  const undecided = limited.filter(isUndecided);
  const reasons = new Set(undecided.flatMap(undecidedReasons));
  if (reasons.size > 0) {
    const { units, tenant } = source.grammar.nouns;
    const isAboutUnits = undecided.some((one) => one.units.kind === 'not-evaluated');
    const isKnown = source.grammar.forms.length > 0;
    const others = `whether other ${isAboutUnits ? units.toLowerCase() : `${tenant}s`} can assume it`;
    yield {
      check: 'TRUST001',
      severity: 'medium',
      message: `${role.arn} could not be evaluated completely, so it is not known ${isKnown ? others : 'who can assume it'}: ${[...reasons].join('; ')}.${ifItHolds(policy)} ${CONTROL_POLICIES}`,
      remedy: remedy(undecided.map((of) => ({ of, token: null, values: [] }))),
      notEvaluated: true,
    };
  }
  yield* denialsNotEvaluated(role.arn, { policy, statements, outside }, reasons);
}

/** Deny statements that may refuse every login. `reasons`: what is reported already. */
function* denialsNotEvaluated(
  roleArn: string,
  trust: RoleTrust,
  reasons: ReadonlySet<string>,
): Generator<Draft> {
  const unknown = trust.policy.applicable
    .filter(
      ({ statement, never, hasUnknownPrincipal }) =>
        statement.effect === 'Deny' && never.length === 0 && hasUnknownPrincipal,
    )
    .flatMap(({ statement, unknowns }) => unknowns.map((reason) => `${statement.name}: ${reason}`));
  if (unknown.length === 0 || unknown.some((reason) => reasons.has(reason))) return;
  // Without them, too, no login is possible: that is another finding.
  if (!trust.statements.some(({ isAlive }) => isAlive) || denialsOfAll(trust).length > 0) return;
  yield {
    check: 'TRUST001',
    severity: 'medium',
    message: `${roleArn} could not be evaluated completely, so it is not known whether logins work: ${unknown.join('; ')}.`,
    remedy: 'Use Principal in the Deny statement, and name there whom it is about. "*" is everybody.',
    notEvaluated: true,
  };
}

/** Whom conditions admit that are not about the token: a source address limits no unit. */
function ifItHolds(policy: RoleTrust['policy']): string {
  const applicable = inBestEnvironment(policy.applicable);
  const { statements } = evaluateStatements({ ...policy, applicable });
  const { anyTenant, unit, units } = policy.source.grammar.nouns;
  const isAnyTenant = statements.some(({ tenants }) => tenants.kind === 'open');
  if (!isAnyTenant && statements.every(({ units }) => units.kind !== 'open')) return '';
  const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  return isAnyTenant
    ? ` Nothing else limits the role: ${lower(anyTenant)} can assume it, unless these conditions refuse the login.`
    : ` No other condition limits the role to a ${unit}: other ${lower(units)} can assume it, unless these conditions refuse the login.`;
}

const limitAdvice = ({ grammar: { nouns } }: TokenSource): string =>
  `Limit the statement to each ${nouns.unit} that needs the role.`;

interface OpenStatement {
  readonly of: EvaluatedStatement;
  /** One that passes; null if that is not about tokens. */
  readonly token: Token | null;
  /** The values that let a token from outside pass. Empty: no condition restricts it at all. */
  readonly values: readonly string[];
}

type Some = NonEmpty<OpenStatement>;

const isSome = (open: readonly OpenStatement[]): open is Some => open.length > 0;

function openStatement(
  of: EvaluatedStatement,
  reachability: Reachability,
  { grammar }: TokenSource,
  named: readonly ScopeClaim['scope'][],
): readonly OpenStatement[] {
  if (reachability.kind !== 'open') return [];
  const { token } = reachability;
  const claims = [
    SUB,
    ...grammar.scopes.filter(({ scope }) => named.includes(scope)).map(({ claim }) => claim),
  ];
  const { conditions } = of.applied.statement;
  // A Null condition has no values that a token could match.
  const written = new Set(conditions.flatMap((condition) => condition.values));
  const values = of.applied.tests
    .filter(({ claim, negated }) => claims.includes(claim) && !negated)
    .flatMap((test) =>
      test.values.filter(
        (value) =>
          written.has(value) && testPasses({ ...test, values: [value] }, token.claims.get(test.claim) ?? ''),
      ),
    );
  return [{ of, token, values }];
}

/** A token of another workload is the more convincing example, if the statement tries to exclude it. */
const example = ([{ token, of }]: Some): string => {
  const shown = of.escaped?.token ?? token;
  return `${shown === null ? '' : `${exampleToken(shown)} `}${CONTROL_POLICIES}`;
};

const names = (open: Some): string => joinWithAnd(open.map(({ of }) => of.applied.statement.name));

const anyIdentity = (roleArn: string, statements: readonly string[]): string =>
  `Anyone can assume ${roleArn}: ${joinWithAnd(statements)} ${doNot(statements)} name a provider and ${doNot(statements)} restrict who can assume the role. The role accepts tokens of every OIDC provider of the account, and tokens of Amazon Cognito, Google, Facebook and Login with Amazon. ${CONTROL_POLICIES}`;

function anyCustomer(roleArn: string, open: Some, { grammar: { nouns } }: TokenSource): string {
  return `${nouns.anyTenant} can assume ${roleArn}: ${names(open)} ${doNot(open)} restrict the ${nouns.tenant}. ${example(open)}`;
}

function otherTenants(roleArn: string, open: Some, { grammar: { nouns } }: TokenSource): string {
  const patterns = [...new Set(open.flatMap(({ values }) => values.map(quote)))];
  const match = patterns.length === 1 ? 'also matches' : 'also match';
  const tenants = `${nouns.tenant.charAt(0).toUpperCase()}${nouns.tenant.slice(1)}s`;
  return `${tenants} that ${names(open)} ${doNot(open)} name can assume ${roleArn}, because ${joinWithAnd(patterns)} ${match} their tokens. The issuer signs tokens for all customers of ${nouns.vendor}. ${example(open)}`;
}

function anyUnitOf(roleArn: string, open: Some, { grammar }: TokenSource): string {
  const { kind, nouns, tenant, keys, scopes } = grammar;
  const whose =
    tenant !== null
      ? ` of ${nouns.tenant} ${tenant}`
      : kind === 'shared'
        ? ` of each ${nouns.tenant} that the role accepts`
        : '';
  const ids = scopes
    .filter(({ scope }) => scope === 'unit')
    .flatMap(({ claim }) => [...keys].filter(([, one]) => one.claim === claim).map(([key]) => key));
  return `${nouns.anyUnit}${whose} can assume ${roleArn}: ${names(open)} ${open.length === 1 ? 'has' : 'have'} no effective condition on ${alternatives(['sub', ...ids])}. ${example(open)}`;
}

/** "a, b or c". */
const alternatives = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ');

function wildcard(roleArn: string, open: Some, { grammar: { nouns } }: TokenSource): string {
  const patterns = [...new Set(open.flatMap(({ values }) => values.map(quote)))];
  const match = patterns.length === 1 ? 'also matches' : 'also match';
  const escaped = open.flatMap(({ of }) => of.escaped ?? []);
  const limit =
    escaped.length === 0 || nouns.workload === null
      ? ''
      : ` The limit to ${joinWithAnd([...new Set(escaped.flatMap(({ values }) => values.map(quote)))])} does not hold either, because a wildcard before it also matches other text, such as the name of a branch.`;
  return `${nouns.units} that ${names(open)} ${doNot(open)} name can assume ${roleArn}, because ${joinWithAnd(patterns)} ${match} their tokens.${limit} ${example(open)}`;
}

const isUndecided = ({ units, tenants }: EvaluatedStatement): boolean =>
  [units, tenants].some(({ kind }) => kind === 'not-evaluated');

const undecidedReasons = ({ tenants, units }: EvaluatedStatement): readonly string[] =>
  [units, tenants].flatMap((reachability) =>
    reachability.kind === 'not-evaluated' ? reachability.reasons : [],
  );
