/** One role for one provider: the evaluation of each of its statements. */
import {
  CLOSED,
  canSatisfy,
  escapingToken,
  fromOutside,
  notEvaluated,
  ofUnnamedWorkload,
  outsideOf,
  reachabilityOf,
  withOtherIds,
} from './reachability';
import type { Outside, PolicyOfProvider, Question, Reachability } from './reachability';
import type { ApplicableStatement } from './evaluate';
import type { TokenForm } from './grammar';
import type { Statement } from './parse';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import { admitsAnyone } from './other-providers';
import { ANY_TEXT, AUD, SUB } from './tokens';
import type { Claim, Token, TokenSource } from './tokens';
import type { Test } from './condition';
import { hasWildcard, isWhole, passesIfPresent, testPasses } from './condition';
import { quote } from '../text/quote';
import { workloadsWritten } from './written';

/** A restriction to a workload (a branch, a repository) that a statement writes, and a token that escapes it. */
export interface EscapedRestriction {
  /** The patterns of a value for the workload. */
  readonly values: readonly string[];
  /** Claims of the form that say which workload it is, and that the value does not name. */
  readonly notNamed: readonly Claim[];
  readonly token: Token;
}

/** An Allow statement, evaluated. */
export interface EvaluatedStatement {
  readonly applied: ApplicableStatement;
  /** The forms of token that can satisfy it. All if that could not be decided. */
  readonly forms: readonly TokenForm[];
  /** Whether some token can satisfy it, one in a form that is not known included. */
  readonly isAlive: boolean;
  /** For units that the policy does not name. */
  readonly units: Reachability;
  /** For tenants that it does not name; closed if the issuer signs for one tenant only. */
  readonly tenants: Reachability;
  /** A token of any web identity provider passes, not only one of this provider. */
  readonly anyone: boolean;
  /** Of a statement that is open to other units: a restriction to workloads that does not hold either. */
  readonly escaped: EscapedRestriction | null;
}

/** A role's Allow statements for a provider's tokens. */
export interface RoleTrust {
  readonly policy: PolicyOfProvider & { readonly limit: StepLimit };
  readonly outside: Outside;
  readonly statements: readonly EvaluatedStatement[];
}

/** Evaluates every Allow statement. */
export function evaluateStatements({ limit = stepLimit(), ...rest }: PolicyOfProvider): RoleTrust {
  const policy = { ...rest, limit };
  const outside = outsideOf(policy);
  const allowing = policy.applicable.filter(({ statement }) => statement.effect === 'Allow');
  // For all statements first: it is the worst, and takes few steps, and the rest may reach the limit.
  const anyone = new Set(allowing.filter((one) => admitsAnyone(one, policy.applicable, limit)));
  return {
    policy,
    outside,
    statements: allowing.map((statement) =>
      evaluateStatement(policy, statement, { outside, anyone: anyone.has(statement) }),
    ),
  };
}

function evaluateStatement(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  { outside, anyone }: { readonly outside: Outside; readonly anyone: boolean },
): EvaluatedStatement {
  const { source, limit } = policy;
  const { grammar } = source;
  const forms = grammar.forms.filter((form) => canSatisfy(source, statement, [form], limit) !== false);
  const isAlive =
    forms.length > 0 || (!grammar.isComplete && canSatisfy(source, statement, [ANY_FORM], limit) !== false);
  const { units, tenants } = reachabilityBeyond(policy, statement, outside, isAlive);
  return {
    applied: statement,
    forms,
    isAlive,
    units,
    tenants,
    anyone,
    escaped:
      units.kind === 'open'
        ? escapedRestriction(policy, statement, fromOutside(source, outside, 'unit').tests)
        : null,
  };
}

/** Whether units and tenants that the policy does not name pass. `isAlive`: some token passes at all. */
function reachabilityBeyond(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  outside: Outside,
  isAlive: boolean,
): Pick<EvaluatedStatement, 'units' | 'tenants'> {
  const { grammar } = policy.source;
  const beyond = (scope: 'tenant' | 'unit'): Reachability =>
    reachabilityIn(policy, statement, outside, scope);
  const orInOtherForms = (known: Reachability, scope: 'tenant' | 'unit'): Reachability =>
    known.kind === 'closed' && isAlive ? reachabilityInOtherForms(policy, statement, outside, scope) : known;
  const tenants = namesTenant(policy.source) ? CLOSED : orInOtherForms(beyond('tenant'), 'tenant');
  if (isOutsideUnits(tenants, policy.source, outside)) return { units: tenants, tenants };
  const units = beyond('unit');
  // Within a server of one's own, names of units may be those of several tenants.
  const isOfServer = grammar.kind === 'self-hosted' && grammar.tenant === null;
  return {
    units: orInOtherForms(units.kind === 'closed' && isOfServer ? beyond('tenant') : units, 'unit'),
    tenants,
  };
}

/** Whether certainly only tokens of units that a policy names pass by one of its Allow statements. */
export function isLimitedToUnits(policy: PolicyOfProvider, statement: ApplicableStatement): boolean {
  const limited = { ...policy, limit: policy.limit ?? stepLimit() };
  const { units, tenants } = reachabilityBeyond(limited, statement, outsideOf(limited), true);
  return units.kind === 'closed' && tenants.kind === 'closed';
}

/** Whether tokens of one tenant only can pass, whatever the policy says. */
const namesTenant = ({ grammar, audiences }: TokenSource): boolean =>
  grammar.kind !== 'shared' || (grammar.audience === 'tenant' && audiences !== null);

/** Whether a token of another tenant that passes is one of another unit, too: names of units may be the same. */
const isOutsideUnits = (tenants: Reachability, source: TokenSource, outside: Outside): boolean =>
  tenants.kind === 'open' &&
  fromOutside(source, outside, 'unit').tests.every((test) => passesIfPresent(test, tenants.token.claims));

/** Realistic examples first: a token of an ordinary workload, if one passes. */
function reachabilityIn(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  outside: Outside,
  scope: 'tenant' | 'unit',
): Reachability {
  const question = fromOutside(policy.source, outside, scope);
  // An issuer whose tokens say nothing about it restricts nothing to it.
  if (question.tests.length === 0) return CLOSED;
  const found = reachabilityOf(policy, statement, question);
  if (found.kind !== 'open') return found;
  const ordinary = reachabilityOf(policy, statement, { ...question, fields: 'unnamed' });
  return ordinary.kind === 'open' ? ordinary : found;
}

/** A subject of which nothing is known, except that no vendor writes IAM's wildcards in one. */
export const ANY_FORM: TokenForm = {
  name: 'another form',
  subject: [{ field: ANY_TEXT, claims: [] }],
  without: [],
  format: null,
  origin: 'workload',
};

/**
 * Tokens whose subject has a form that is not known: nobody can say whose they are. They are no reason to doubt a statement
 * that other claims restrict, or a condition on the subject whose values have no wildcards or known forms.
 */
function reachabilityInOtherForms(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  outside: Outside,
  scope: 'tenant' | 'unit',
): Reachability {
  const { source, limit } = policy;
  const { grammar } = source;
  if (grammar.isComplete || namesUnitByAudience(source)) return CLOSED;
  const subjects = [...statement.tests, ...requiredByDenials(policy)].filter(
    ({ claim, negated }) => claim === SUB && !negated,
  );
  if (subjects.some((test) => isUnderstood(test, statement, source, limit))) return CLOSED;
  if (subjects.length === 0 && narrowsAudiences(statement, source)) return CLOSED;
  const { tests } = fromOutside(source, outside, scope);
  const found = reachabilityOf(policy, statement, { tests, forms: [ANY_FORM] });
  if (found.kind !== 'open') return found;
  const reason =
    subjects.length === 0
      ? `it has no condition on sub, and tokens of ${grammar.nouns.vendor} may have subjects of unknown forms`
      : `it is not known which tokens of ${grammar.nouns.vendor} have a sub like ${subjects
          .flatMap(({ values }) => values)
          .filter(hasWildcard)
          .map((value) => quote(value))
          .join(', ')}`;
  return notEvaluated(statement, reason);
}

/** The tenant is all that the tokens of some issuers say, and they say it in the audience. */
const namesUnitByAudience = ({ grammar, audiences }: TokenSource): boolean =>
  grammar.audience === 'tenant' && grammar.forms.length === 0 && audiences !== null;

/** Whether every value of a condition on the subject is written out, or can match a token in a known form. */
const isUnderstood = (
  test: Test<Claim>,
  statement: ApplicableStatement,
  source: TokenSource,
  limit: StepLimit,
): boolean =>
  test.values.every(
    (value) =>
      test.comparison !== 'like' ||
      !hasWildcard(value) ||
      canSatisfy(
        source,
        { ...statement, tests: [{ ...test, values: [value] }] },
        source.grammar.forms,
        limit,
      ) !== false,
  );

/** Whether a condition on the audience excludes one that AWS accepts otherwise. */
const narrowsAudiences = ({ tests }: ApplicableStatement, { audiences }: TokenSource): boolean =>
  tests
    .filter(({ claim }) => claim === AUD)
    .some((test) =>
      audiences === 'any'
        ? !test.negated && test.values.every((value) => isWhole(value, test))
        : audiences !== null && !audiences.every((audience) => testPasses(test, audience)),
    );

/**
 * What Deny statements require of every token: who denies each subject but some requires one of those. A Deny with further
 * conditions requires that of some tokens only.
 */
const requiredByDenials = ({ applicable }: PolicyOfProvider): readonly Test<Claim>[] =>
  applicable
    .filter(
      ({ statement, tests, never, unknowns }) =>
        statement.effect === 'Deny' && tests.length === 1 && never.length === 0 && unknowns.length === 0,
    )
    .flatMap(({ tests }) => tests.filter(({ negated, claim }) => negated && claim === SUB))
    .map((test) => ({ ...test, negated: false }));

/** A restriction to workloads that a statement writes and that tokens with other workloads escape. */
function escapedRestriction(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  beside: Question['tests'],
): EscapedRestriction | null {
  const { forms, workloads } = policy.source.grammar;
  const tests = [...statement.tests, ...requiredByDenials(policy)];
  for (const restriction of workloadsWritten(tests, forms, workloads)) {
    const { form, claim, values, test, value } = restriction;
    // One value at a time: what another one admits is not meant by it.
    const alone = {
      ...statement,
      tests: tests.map((one) => (one === test ? only(one, value) : one)),
    };
    const question = {
      tests: [...beside, { claim, comparison: 'like', values, negated: true } as const],
      forms: [form],
    };
    const own = withStatement(policy, statement, alone);
    const plain = escapingToken(own, form, value, question.tests);
    const { written, notNamed } = restriction;
    if (plain !== null) return { values: written, notNamed, token: plain };
    const found = reachabilityOf(own, alone, question);
    if (found.kind !== 'open') continue;
    const usual = reachabilityOf(own, alone, { ...question, fields: 'usual' });
    return { values: written, notNamed, token: usual.kind === 'open' ? usual.token : found.token };
  }
  return null;
}

const only = (test: Test<Claim>, value: string): Test<Claim> => ({ ...test, values: [value] });

const withStatement = (
  policy: RoleTrust['policy'],
  before: ApplicableStatement,
  after: ApplicableStatement,
): RoleTrust['policy'] => ({
  ...policy,
  applicable: policy.applicable.map((one) => (one === before ? after : one)),
});

/** The Deny statements that certainly refuse every token that the Allow statements admit. Empty: some token may pass. */
export function denialsOfAll({ policy, statements }: RoleTrust): readonly ApplicableStatement[] {
  const { grammar } = policy.source;
  const denials = policy.applicable.filter(
    ({ statement, never, unknowns }) =>
      statement.effect === 'Deny' && never.length === 0 && unknowns.length === 0,
  );
  const alive = statements.filter(({ isAlive }) => isAlive);
  if (denials.length === 0 || alive.length === 0) return [];
  const forms = grammar.isComplete ? grammar.forms : [...grammar.forms, ANY_FORM];
  const isRefused = alive.every(
    ({ applied }) => reachabilityOf(policy, applied, { tests: [], forms }).kind === 'closed',
  );
  return isRefused ? denials : [];
}

/** Whether certainly no token of a unit or tenant that the policy does not name passes. */
export const isScoped = ({ statements }: RoleTrust): boolean =>
  statements.some(({ isAlive }) => isAlive) &&
  statements.every(
    ({ units, tenants, anyone }) => units.kind === 'closed' && tenants.kind === 'closed' && !anyone,
  );

/** What a policy that is scoped to units leaves open within them. Of each, a token that passes. */
export interface WithinScope {
  /** Any workload: builds of every branch, of every fork. */
  readonly anyWorkload: Token | null;
  /** Whether tokens of any workload pass by a certain statement. Takes a search. */
  readonly isUnlimited: (statement: Statement) => boolean;
  readonly escaped: EscapedRestriction | null;
  readonly pullRequest: Token | null;
  /** Of somebody who registered the names again. */
  readonly otherIds: Token | null;
}

/**
 * What is open within the scope. `trust`: `isScoped` holds for it. `ascii`: the same policy, applied to tokens with
 * ASCII subjects: those of a workload that nobody names are ASCII, so what is unknown of other letters is not unknown here.
 */
export function withinScope({ statements, outside }: RoleTrust, ascii: RoleTrust['policy']): WithinScope {
  const { source } = ascii;
  const { grammar } = source;
  const alive = statements.flatMap(({ applied, forms }) =>
    ascii.applicable.filter((own) => own.statement === applied.statement).map((own) => ({ own, forms })),
  );
  const first = <T>(find: (own: ApplicableStatement, forms: readonly TokenForm[]) => T | null): T | null => {
    for (const { own, forms } of alive) {
      const found = find(own, forms);
      if (found !== null) return found;
    }
    return null;
  };
  const open = (own: ApplicableStatement, question: Question): Token | null => {
    const found = reachabilityOf(ascii, own, question);
    return found.kind === 'open' ? found.token : null;
  };
  const openToOne = (own: ApplicableStatement, questions: readonly Question[]): Token | null => {
    for (const question of questions) {
      const token = open(own, question);
      if (token !== null) return token;
    }
    return null;
  };
  return {
    isUnlimited: (statement) =>
      alive.some(
        ({ own, forms }) =>
          own.statement === statement && openToOne(own, ofUnnamedWorkload(source, forms)) !== null,
      ),
    // An issuer whose tokens do not say which workload it is leaves nothing to restrict.
    anyWorkload:
      grammar.workloads.length === 0
        ? null
        : first((own, forms) => openToOne(own, ofUnnamedWorkload(source, forms))),
    escaped: first((own) => escapedRestriction(ascii, own, [])),
    pullRequest: first((own, forms) =>
      open(own, { tests: [], forms: forms.filter(({ origin }) => origin === 'pull request') }),
    ),
    otherIds:
      grammar.scopes.some(({ nature }) => nature === 'id') &&
      grammar.scopes.some(({ nature }) => nature === 'name')
        ? first((own) => open(own, withOtherIds(source, outside)))
        : null,
  };
}
