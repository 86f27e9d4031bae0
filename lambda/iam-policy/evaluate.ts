/**
 * Whether a trust policy allows a token, by the rules of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: a Deny overrides
 * every Allow, and without an Allow nothing passes. Service and resource control policies are not read.
 */
import { asCallerWishes } from './caller';
import { applyCondition, readOperator, testPasses } from './condition';
import type { AppliedCondition, Test } from './condition';
import type { Condition, Statement } from './parse';
import { abridge, quote } from '../text/quote';
import { AUD, isOwnKey, isSessionTag, nameOfKey, requestValueOf } from './tokens';
import type { Claim, Token, TokenSource } from './tokens';

/** A statement as it applies to the tokens of one provider. */
export interface ApplicableStatement {
  readonly statement: Statement;
  /** All must pass, unless one of its conditions is false for every token. */
  readonly tests: readonly Test<Claim>[];
  /** Conditions that hold for no token, whatever its claims. */
  readonly never: readonly Condition[];
  /** What is not evaluated, in words. It is unknown whether such a statement applies. */
  readonly unknowns: readonly string[];
  /** Those of `unknowns` that are not about the subject or a key of the issuer: a source address, the time, a session tag. */
  readonly environment: readonly string[];
  /** It is not known whether its principal includes the provider. */
  readonly hasUnknownPrincipal: boolean;
}

/** The statements that apply, or could apply, to tokens of a provider. */
export const applicableStatements = (
  statements: readonly Statement[],
  source: TokenSource,
  providerArn: string,
): readonly ApplicableStatement[] => {
  const hasTags = statements.some(allowsTags);
  return statements.flatMap((statement) => {
    const unknowns = applicability(statement, providerArn);
    return unknowns === null ? [] : [applicableStatement(statement, source, { unknowns, hasTags })];
  });
};

/** The same statements if everything that is not about tokens is as the caller wishes: the address, the time. */
export const inBestEnvironment = (
  applicable: readonly ApplicableStatement[],
): readonly ApplicableStatement[] =>
  applicable
    .filter(({ statement, environment }) => statement.effect === 'Allow' || environment.length === 0)
    .map((one) => ({ ...one, unknowns: one.unknowns.filter((reason) => !one.environment.includes(reason)) }));

/** Tokens with session tags are refused if no statement permits to pass them. */
const allowsTags = ({ effect, actions, notAction }: Statement): boolean =>
  effect === 'Allow' && actions.some((action) => isAction(action, 'sts:tagsession')) !== notAction;

/** Null: the statement is not about this provider's tokens. Otherwise the reasons why that is not certain. */
export function applicability(statement: Statement, providerArn: string): readonly string[] | null {
  const principal = principalMatches(statement, providerArn);
  if (principal === false || !isForLogins(statement)) return null;
  return principal === 'unknown' ? ['its principal uses NotPrincipal or a wildcard'] : [];
}

function principalMatches(
  { principals, effect }: Pick<Statement, 'principals' | 'effect'>,
  providerArn: string,
): boolean | 'unknown' {
  const { kind, everyone, federated, wildcard } = principals;
  const isNamed = federated.includes(providerArn);
  if (kind === 'named') return everyone || isNamed || (wildcard && 'unknown');
  if (everyone || wildcard) return 'unknown';
  // AWS says that a Deny with NotPrincipal is hard to get right: here it neither closes nor opens a role.
  if (effect === 'Deny') return isNamed ? false : 'unknown';
  return isNamed ? 'unknown' : true;
}

const isForLogins = ({ actions, notAction }: Statement): boolean =>
  actions.some((action) => isAction(action, 'sts:assumerolewithwebidentity')) !== notAction;

/** Actions are compared without regard to case, and may have wildcards. */
const isAction = (pattern: string, action: string): boolean =>
  testPasses({ claim: null, comparison: 'like', values: [pattern.toLowerCase()], negated: false }, action);

function comesTo(
  condition: Condition,
  source: TokenSource,
  { effect, hasTags }: { readonly effect: Statement['effect']; readonly hasTags: boolean },
): AppliedCondition<Claim> {
  const isMissing = isSessionTag(condition.key) && !hasTags;
  const comes = applyCondition(
    condition,
    isMissing ? { kind: 'missing' } : requestValueOf(source, condition.key),
  );
  return comes === 'unknown' ? asCallerWishes(condition, effect) : comes;
}

/**
 * Whether a condition on a key of the issuer restricts nothing: no token has the claim, and the operator accepts tokens
 * without it (`ForAllValues:`, `...IfExists`).
 */
export function isWithoutEffect(condition: Condition, source: TokenSource): boolean {
  const operator = readOperator(condition.operator);
  const value = requestValueOf(source, condition.key);
  return (
    isOwnKey(source, condition.key) &&
    value.kind === 'missing' &&
    operator !== null &&
    operator.base !== 'null' &&
    !operator.negated &&
    applyCondition(condition, value) === true
  );
}

function applicableStatement(
  statement: Statement,
  source: TokenSource,
  { unknowns, hasTags }: { readonly unknowns: readonly string[]; readonly hasTags: boolean },
): ApplicableStatement {
  const { effect } = statement;
  const applied = statement.conditions.map((condition) => ({
    condition,
    comes: comesTo(condition, source, { effect, hasTags }),
  }));
  const unknown = applied.filter(({ comes }) => comes === 'unknown').map(({ condition }) => condition);
  return {
    statement,
    tests: applied.flatMap(({ comes }) => (typeof comes === 'object' ? [comes] : [])),
    never: applied.flatMap(({ condition, comes }) => (comes === false ? [condition] : [])),
    unknowns: [...unknowns, ...unknown.map((condition) => notEvaluated(condition, source))],
    environment: unknown
      .filter(({ key }) => !isOwnKey(source, key))
      .map((condition) => notEvaluated(condition, source)),
    hasUnknownPrincipal: unknowns.length > 0,
  };
}

function notEvaluated({ operator, key }: Condition, source: TokenSource): string {
  const { uncertainKeys, date } = source.grammar;
  return isOwnKey(source, key) && uncertainKeys.has(nameOfKey(source, key))
    ? `it is not known whether AWS STS supports the condition key ${quote(key)} (as of ${date})`
    : `the condition ${abridge(operator)} on ${quote(key)} is not evaluated`;
}

/** Whether a statement certainly applies to a token. */
export const passesStatement = (statement: ApplicableStatement, token: Token): boolean =>
  applies(statement, token) === true;

/** Whether a token certainly passes. A Deny that is not evaluated may apply. */
export const isAllowed = (applicable: readonly ApplicableStatement[], token: Token): boolean =>
  applicable.some(
    (statement) => statement.statement.effect === 'Allow' && applies(statement, token) === true,
  ) &&
  !applicable.some(
    (statement) => statement.statement.effect === 'Deny' && applies(statement, token) !== false,
  );

/** Whether a statement applies to a token. A test of an unknown audience is not evaluated. */
function applies({ tests, never, unknowns }: ApplicableStatement, token: Token): boolean | 'unknown' {
  if (never.length > 0) return false;
  const results = tests.map((test) => resultOf(test, token));
  if (results.includes(false)) return false;
  return unknowns.length > 0 || results.includes('unknown') ? 'unknown' : true;
}

function resultOf(test: Test<Claim>, { aud, claims }: Token): boolean | 'unknown' {
  const value = test.claim === AUD ? aud : (claims.get(test.claim) ?? null);
  if (value !== null) return testPasses(test, value);
  // Of a claim that every token has, this one's value is not known.
  return test.passesMissing ?? 'unknown';
}
