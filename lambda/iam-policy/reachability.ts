/**
 * Which tokens a trust policy admits: whether one passes that belongs to no tenant, unit or workload that the policy
 * names.
 */
import { hasWildcard, isWhole, passesIfPresent, testPasses } from './condition';
import type { Test } from './condition';
import { mayPass } from './affixes';
import { isAllowed, passesStatement } from './evaluate';
import type { ApplicableStatement } from './evaluate';
import type { Field, ScopeClaim, TokenForm } from './grammar';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import { findExample, findText } from './search';
import { AUD, MAX_SESSION_NAME, SESSION, SOURCE_IDENTITY, SUB, freeClaims, shapesOf } from './tokens';
import type { Claim, Shape, ShapeOptions, Token, TokenSource } from './tokens';
import {
  cannotMatch,
  isOfField,
  namesWritten,
  simplestText,
  subjectWritten,
  subjectsEndingLike,
  writesOut,
} from './written';

/** Whether tokens of a kind pass. `open` names one that does, confirmed by the evaluator. */
export type Reachability =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly token: Token }
  /** `reasons`: clauses, each with the statement that it is about. */
  | { readonly kind: 'not-evaluated'; readonly reasons: readonly string[] };

/** No token of the kind passes. */
export const CLOSED: Reachability = { kind: 'closed' };

/** A role's policy as it applies to the tokens of one provider. */
export interface PolicyOfProvider {
  readonly source: TokenSource;
  readonly applicable: readonly ApplicableStatement[];
  /** The step limit of the role. Without one, the policy has a limit of its own. */
  readonly limit?: StepLimit;
}

/** A test of one scope claim: tokens that pass it have a value that the policy does not name. */
interface UnnamedTest {
  readonly scope: ScopeClaim;
  readonly test: Test<Claim>;
}

/** The tests of a token from outside a policy, once for all its statements. */
export type Outside = readonly UnnamedTest[];

/** Of a policy: for each claim that identifies a tenant or unit, that its value is none that the policy names. */
export function outsideOf({ source, applicable }: PolicyOfProvider): Outside {
  const tests = applicable.flatMap((statement) => statement.tests);
  const values = applicable.flatMap(({ statement }) =>
    statement.conditions.flatMap((condition) => condition.values),
  );
  return namesWritten(source.grammar, tests, values).map(([scope, names]) => ({
    scope,
    test: { claim: scope.claim, comparison: 'ignore-case', values: names, negated: true },
  }));
}

/** The tokens that a question is about. */
export interface Question {
  /** Tests that they pass beside those of the policy. Tests of claims that a form lacks are left out. */
  readonly tests: readonly Test<Claim>[];
  readonly forms: readonly TokenForm[];
  /** Only those whose fields that say which workload it is have such values. */
  readonly fields?: ShapeOptions['fields'];
  /** With `fields: 'unnamed'`: only the field of this claim. */
  readonly only?: Claim;
  /** People see the token that is found: a short one is wanted. */
  readonly isExample?: true;
  /** Of these claims each token has a value that the policy does not name. */
  readonly outside?: readonly Claim[];
}

/** Tokens of a tenant, or of a unit, that the policy does not name. */
export function fromOutside({ grammar }: TokenSource, outside: Outside, scope: 'tenant' | 'unit'): Question {
  // Who names a unit by an id has named its tenant.
  const counts = (one: ScopeClaim): boolean =>
    one.scope === scope || (scope === 'tenant' && one.scope === 'unit' && one.isGlobal);
  const tests = outside.filter((one) => counts(one.scope)).map(({ test }) => test);
  return {
    tests,
    forms: grammar.forms.filter(({ origin }) => origin !== 'vendor'),
    outside: tests.map(({ claim }) => claim),
  };
}

/** Tokens with an id that the policy does not name: of somebody who registered the same names again. */
export const withOtherIds = ({ grammar }: TokenSource, outside: Outside): Question => ({
  tests: outside.filter(({ scope }) => scope.nature === 'id').map(({ test }) => test),
  forms: grammar.forms.filter(({ origin }) => origin !== 'vendor'),
});

/**
 * Tokens of a workload that no policy names: first those of which no part is named (a branch of a fork), then those of which
 * one part is not (a branch of a repository that may be named).
 */
export function ofUnnamedWorkload({ grammar }: TokenSource, forms = grammar.forms): readonly Question[] {
  const own = forms.filter(({ origin }) => origin === 'workload');
  const all = { tests: [], forms: own, fields: 'unnamed' } as const;
  const several = own.filter(
    ({ subject }) => subject.filter((one) => 'field' in one && one.field.unnamed !== null).length > 1,
  );
  return several.length === 0
    ? [all]
    : [all, ...grammar.workloads.map((only) => ({ ...all, forms: several, only }))];
}

/** The reason if the step limit of a role was reached. */
export const TOO_MANY_STEPS = 'its conditions are too complex to evaluate (step limit)';
/**
 * A reason is needed even if no condition is unknown: without one there is no finding, and the role seems
 * closed.
 */
const NOT_CONFIRMED = 'the evaluation did not confirm a token that the search found';

/** Whether a token that a question is about passes by one of the Allow statements. */
export function reachabilityOf(
  policy: PolicyOfProvider,
  statement: ApplicableStatement,
  asked: Question,
): Reachability {
  const { outside = [] } = asked;
  // Of a form for which the statement names everything there is no such token: that takes no search.
  const forms = asked.forms.filter((form) => !statement.tests.some((test) => namesAll(test, form, outside)));
  if (forms.length === 0) return CLOSED;
  const question = { ...asked, forms };
  const plain = plainToken(policy, statement, question);
  if (plain !== null) return { kind: 'open', token: plain };
  const denials = policy.applicable.filter(
    ({ statement, never }) => statement.effect === 'Deny' && never.length === 0,
  );
  const search = (denying: readonly ApplicableStatement[]): FoundToken =>
    findToken(policy, { allowing: statement, denying, question: { ...question, isExample: true } });
  const possible = search(denials.filter(({ unknowns }) => unknowns.length === 0));
  if (possible.kind !== 'token') {
    return possible.kind === 'none' ? CLOSED : notEvaluated(statement, TOO_MANY_STEPS);
  }
  if (isCertain(policy, possible.token)) return { kind: 'open', token: possible.token };
  const reasons = [statement, ...denials].flatMap((one) =>
    one.unknowns.map((reason) => `${one.statement.name}: ${reason}`),
  );
  const certain = search(denials);
  if (certain.kind !== 'token' || !isCertain(policy, certain.token)) {
    if (policy.limit?.isExceeded() === true) return notEvaluated(statement, TOO_MANY_STEPS);
    return reasons.length > 0 ? { kind: 'not-evaluated', reasons } : notEvaluated(statement, NOT_CONFIRMED);
  }
  return { kind: 'open', token: certain.token };
}

/** That one statement was not evaluated. `reason`: a clause. */
export const notEvaluated = ({ statement }: ApplicableStatement, reason: string): Reachability => ({
  kind: 'not-evaluated',
  reasons: [`${statement.name}: ${reason}`],
});

/** A token that the statement itself writes, with samples for what it leaves open, if one passes: it needs no search. */
function plainToken(
  policy: PolicyOfProvider,
  statement: ApplicableStatement,
  question: Question,
): Token | null {
  for (const written of claimsAskedFor(policy, statement, question)) {
    const token = confirmedToken(policy, written, question.tests, (one) => passesStatement(statement, one));
    if (token !== null) return token;
  }
  return null;
}

/** A token with these claims that passes, with one of the audiences of the provider. `tests`: beside those of the policy. */
function confirmedToken(
  policy: PolicyOfProvider,
  { form, claims }: Pick<Token, 'form' | 'claims'>,
  tests: readonly Test<Claim>[],
  isWanted: (token: Token) => boolean = () => true,
): Token | null {
  const { grammar, audiences } = policy.source;
  if (![...tests, ...grammar.certain].every((test) => passesIfPresent(test, claims))) return null;
  for (const aud of audiences === null || audiences === 'any' ? [null] : audiences) {
    const token: Token = { sub: claims.get(SUB) ?? '', aud, claims, form };
    if (isWanted(token) && isCertain(policy, token)) return token;
  }
  return null;
}

/** For each form and each value of a condition on the subject, the claims that are closest to what a statement writes. */
function* claimsAskedFor(
  { source, applicable }: PolicyOfProvider,
  statement: ApplicableStatement,
  { forms, fields, only }: Question,
): Generator<Pick<Token, 'form' | 'claims'>> {
  const isUnnamed = fields === 'unnamed';
  const subjects = statement.tests.filter(({ claim, negated }) => claim === SUB && !negated);
  const values = subjects.length === 0 ? ['*'] : subjects.flatMap((test) => test.values);
  const asked = new Set(applicable.flatMap((one) => one.tests.map(({ claim }) => claim)));
  const free = [...freeClaims(source)].filter(([claim, { optional }]) => asked.has(claim) && !optional);
  const textFor = (claim: Claim, field: Field): string =>
    (isUnnamed && (only === undefined || only === claim) ? field.unnamed : null) ??
    wantedText(claim, field, statement) ??
    simplestText(field);
  for (const form of forms) {
    for (const value of values) {
      const written = subjectWritten(value, form, {
        ...(fields === undefined ? {} : { fields }),
        ...(only === undefined ? {} : { only }),
      });
      if (written === null) continue;
      const beside = free.filter(([claim]) => !written.has(claim) && !form.without.includes(claim));
      const claims = new Map([
        ...written,
        ...beside.map(
          ([claim, { field }]) => [claim, textFor(claim, form.fields?.get(claim) ?? field)] as const,
        ),
      ]);
      yield { form, claims };
    }
  }
}

/** The first value without wildcards that a statement wants of a claim, and that the claim can have. */
const wantedText = (claim: Claim, field: Field, { tests }: ApplicableStatement): string | undefined =>
  tests
    .filter((test) => test.claim === claim && !test.negated)
    .flatMap(({ values }) => values)
    .find((value) => !hasWildcard(value) && isOfField(field, value) && !isTooLong(claim, value));

const isTooLong = (claim: Claim, text: string): boolean =>
  (claim === SESSION || claim === SOURCE_IDENTITY) && text.length > MAX_SESSION_NAME;

/**
 * A token that escapes a limit to a workload because a wildcard stands in front of it; null: only a search can tell. `tests`:
 * that it passes beside those of the policy.
 */
export function escapingToken(
  policy: PolicyOfProvider,
  form: TokenForm,
  value: string,
  tests: readonly Test<Claim>[],
): Token | null {
  for (const claims of subjectsEndingLike(value, form)) {
    const token = confirmedToken(policy, { form, claims }, tests);
    if (token !== null) return token;
  }
  return null;
}

/** Confirms with the evaluator a token that the search found. */
function isCertain({ applicable, limit }: PolicyOfProvider, token: Token): boolean {
  const tests = applicable.flatMap((statement) => statement.tests);
  limit?.spend(
    tests.reduce((sum, test) => sum + stepsOf(test, token.claims.get(test.claim)?.length ?? 0), 0),
  );
  return limit?.isExceeded() !== true && isAllowed(applicable, token);
}

/**
 * Whether a token of one of these forms can satisfy a statement at all, Deny statements ignored. Null: the step limit
 * was reached.
 */
export function canSatisfy(
  source: TokenSource,
  statement: ApplicableStatement,
  forms: readonly TokenForm[],
  limit: StepLimit = stepLimit(),
): boolean | null {
  if (forms.some((form) => admitsWritten(source, statement, form))) return true;
  const policy = { source, applicable: [statement], limit };
  const { kind } = findToken(policy, { allowing: statement, denying: [], question: { tests: [], forms } });
  return kind === 'unknown' ? null : kind === 'token';
}

/** Whether a subject that the statement itself writes passes: that of most statements does, and needs no search. */
function admitsWritten(source: TokenSource, statement: ApplicableStatement, form: TokenForm): boolean {
  const { grammar, audiences } = source;
  const { tests, never } = statement;
  const ofAudience = tests.filter(isOfAudience);
  const isAccepted =
    ofAudience.length === 0 ||
    (audiences !== null &&
      audiences !== 'any' &&
      audiences.some((audience) => ofAudience.every((test) => passesFor(test, audience))));
  if (never.length > 0 || !isAccepted) return false;
  const policy = { source, applicable: [statement] };
  for (const { claims } of claimsAskedFor(policy, statement, { tests: [], forms: [form] })) {
    const passes = (test: Test<Claim>): boolean => {
      const text = claims.get(test.claim);
      return text === undefined
        ? form.without.includes(test.claim) && test.passesMissing === true
        : testPasses(test, text);
    };
    const isAdmitted =
      tests.every((test) => isOfAudience(test) || passes(test)) &&
      grammar.certain.every((test) => passesIfPresent(test, claims));
    if (isAdmitted) return true;
  }
  return false;
}

type FoundToken = { readonly kind: 'token'; readonly token: Token } | { readonly kind: 'none' | 'unknown' };

interface TokenSearch {
  readonly allowing: ApplicableStatement;
  readonly denying: readonly ApplicableStatement[];
  readonly question: Question;
}

/** Searches all forms, and all audiences that differ in the tests that they pass. */
function findToken(
  { source, applicable, limit = stepLimit() }: PolicyOfProvider,
  { allowing, denying, question }: TokenSearch,
): FoundToken {
  if (allowing.never.length > 0 || denying.some(({ tests }) => tests.length === 0)) return { kind: 'none' };
  const auds = distinctAudiences(source, applicable, limit);
  const asked = new Set(applicable.flatMap(({ tests }) => tests.map(({ claim }) => claim)));
  const { fields, only, forms } = question;
  let isCut = limit.isExceeded();
  for (const form of isCut ? [] : forms) {
    if (allowing.tests.some((test) => narrowTo(form, test) === null)) continue;
    const shapes = shapesOf(source, form, {
      asked,
      ...(fields === undefined ? {} : { fields }),
      ...(only === undefined ? {} : { only }),
    });
    for (const [shape, aud] of shapes.flatMap((one) => auds.map((audience) => [one, audience] as const))) {
      const found = findInShape(shape, { aud, allowing, denying, question, source, limit });
      if (found.kind === 'token') return found;
      isCut ||= found.kind !== 'none';
    }
  }
  return { kind: isCut ? 'unknown' : 'none' };
}

/** Whether a test by itself excludes every token from outside, so that no search is needed. */
function namesAll(test: Test<Claim>, form: TokenForm, outside: readonly Claim[]): boolean {
  const { claim, comparison, values, negated } = test;
  if (negated || comparison === 'ignore-case') return false;
  if (outside.includes(claim)) return values.every((value) => isWhole(value, test));
  return (
    claim === SUB &&
    outside.length > 0 &&
    values.every((value) => writesOut(value, isWhole(value, test), form, outside))
  );
}

const narrowed = new WeakMap<Test<Claim>, Map<TokenForm, Test<Claim> | null>>();

/** A test of the subject with those of its values that tokens of a form may match; null: none. The result is cached. */
function narrowTo(form: TokenForm, test: Test<Claim>): Test<Claim> | null {
  if (test.claim !== SUB || test.negated || test.comparison === 'ignore-case') return test;
  const known = narrowed.get(test) ?? new Map<TokenForm, Test<Claim> | null>();
  narrowed.set(test, known);
  const before = known.get(form);
  if (before !== undefined) return before;
  const values = test.values.filter((value) => !cannotMatch(value, isWhole(value, test), form));
  const result =
    values.length === 0 ? null : values.length === test.values.length ? test : { ...test, values };
  known.set(form, result);
  return result;
}

function findInShape(
  { form, parts, subjectLength, present }: Shape,
  {
    aud,
    allowing,
    denying,
    question,
    source,
    limit,
  }: TokenSearch & { readonly aud: string | null; readonly source: TokenSource; readonly limit: StepLimit },
): FoundToken {
  const settled = settle(allowing.tests, aud, present);
  if (settled === null) return { kind: 'none' };
  const all = settled.map((test) => narrowTo(form, test)).filter((test) => test !== null);
  if (all.length < settled.length) return { kind: 'none' };
  const none = denying.flatMap(({ tests }) => {
    const rest = settle(tests, aud, present);
    return rest === null ? [] : [rest];
  });
  // A Deny that tests nothing but this audience denies every token that has it.
  if (none.some((tests) => tests.length === 0)) return { kind: 'none' };
  const subject = parts.slice(0, subjectLength);
  if (!all.every((test) => mayPass(test, subject))) return { kind: 'none' };
  const isOfShape = ({ claim }: Test<Claim>): boolean => present.has(claim);
  const wanted = {
    all: [...all, ...question.tests.filter(isOfShape)],
    certain: source.grammar.certain.filter(isOfShape),
    none,
  };
  const found = findText(parts, wanted, limit);
  if (found.kind !== 'text') return { kind: found.kind };
  const short = question.isExample === true ? findExample(parts, wanted) : found;
  const { claims } = short.kind === 'text' ? short : found;
  // There may be a shorter one, which the search did not look for.
  if ([...claims].some(([claim, text]) => isTooLong(claim, text))) return { kind: 'unknown' };
  return {
    kind: 'token',
    token: { sub: claims.get(SUB) ?? '', aud: claims.get(AUD) ?? aud, claims, form },
  };
}

const isOfAudience = ({ claim }: Test<Claim>): boolean => claim === AUD;

/** One audience for each set of tests that audiences pass. */
function distinctAudiences(
  { audiences }: TokenSource,
  applicable: readonly ApplicableStatement[],
  limit: StepLimit,
): readonly (string | null)[] {
  if (audiences === null || audiences === 'any') return [null];
  const tests = applicable.flatMap((statement) => statement.tests.filter(isOfAudience));
  const byResult = new Map<string, string>();
  for (const aud of audiences) {
    if (limit.isExceeded()) break;
    limit.spend(tests.length);
    byResult.set(tests.map((test) => Number(passesFor(test, aud, limit))).join(''), aud);
  }
  return byResult.size === 0 ? [null] : [...byResult.values()];
}

const results = new WeakMap<Test<Claim>, Map<string, boolean>>();

/** Whether an audience passes a test. The result is cached. */
function passesFor(test: Test<Claim>, aud: string, limit?: StepLimit): boolean {
  const known = results.get(test) ?? new Map<string, boolean>();
  results.set(test, known);
  const before = known.get(aud);
  if (before !== undefined) return before;
  limit?.spend(stepsOf(test, aud.length));
  const result = testPasses(test, aud);
  known.set(aud, result);
  return result;
}

/** The tests that remain for an audience and the claims of a shape; null if one fails. */
function settle(
  tests: readonly Test<Claim>[],
  aud: string | null,
  present: ReadonlySet<Claim>,
): readonly Test<Claim>[] | null {
  const rest: Test<Claim>[] = [];
  for (const test of tests) {
    if (present.has(test.claim)) rest.push(test);
    // Without known audiences none is tested.
    else if (isOfAudience(test) ? aud !== null && !passesFor(test, aud) : test.passesMissing !== true) {
      return null;
    }
  }
  return rest;
}

/** Number of character comparisons that take as long as one step. */
const COMPARISONS_OF_A_STEP = 64;

/**
 * Cost in steps to compare a text of some length with the values of a test: `like` may compare each character
 * with each other one.
 */
function stepsOf({ comparison, values }: Test<Claim>, length: number): number {
  const total = values.reduce((sum, value) => sum + 1 + value.length, 0);
  return Math.ceil((comparison === 'like' ? total * length : total) / COMPARISONS_OF_A_STEP);
}
