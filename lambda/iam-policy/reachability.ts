/**
 * Which tokens a trust policy admits: whether one from outside the projects and orgs that it names can pass.
 */
import { testPasses } from './condition';
import type { Test } from './condition';
import { mayPass } from './affixes';
import { isAllowed } from './evaluate';
import type { ApplicableStatement } from './evaluate';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import { findToken } from './search';
import type { FoundToken } from './search';
import { MAX_SESSION_NAME, SESSION_SHAPE, subjectShape } from './tokens';
import type { SubjectPart, Claim, Flavour, Token, TokenSource } from './tokens';

/** Whether tokens of a kind pass. `open` names one that does, confirmed by the evaluator. */
export type Reachability =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly token: Token }
  | { readonly kind: 'not-evaluated'; readonly reasons: readonly string[] };

/** A role's policy as it applies to the tokens of one provider. */
export interface PolicyOfProvider {
  readonly source: TokenSource;
  readonly applicable: readonly ApplicableStatement[];
  /** The step limit of the role. Without one, the policy has a limit of its own. */
  readonly limit?: StepLimit;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Ids that a policy writes out in full: only those can have been meant. In lower case. */
const namedIds = ({ applicable }: PolicyOfProvider): readonly string[] => [
  ...new Set(
    applicable
      .flatMap(({ statement }) => statement.conditions.flatMap(({ values }) => values))
      .flatMap((value) => value.match(UUID) ?? [])
      .map((id) => id.toLowerCase()),
  ),
];

/** The ids of a token from outside a policy: an org, or a project, that the policy does not name. */
export interface Outside {
  readonly org: Test<Claim>;
  readonly project: Test<Claim>;
}

/** Of a policy, once for all its statements. */
export function outsideOf(policy: PolicyOfProvider): Outside {
  const test = { comparison: 'exact', values: namedIds(policy), negated: true } as const;
  return { org: { ...test, claim: 'org' }, project: { ...test, claim: 'project' } };
}

/** Whether a token from outside passes by one of its Allow statements. */
export function reachabilityBeyond(
  policy: PolicyOfProvider,
  statement: ApplicableStatement,
  scope: 'org' | 'project',
  outside = outsideOf(policy),
): Reachability {
  if (statement.tests.some((test) => namesAll(test, scope))) return { kind: 'closed' };
  const shapes = BOTH.map((flavour) => subjectShape(policy.source, flavour));
  return reachabilityOf(policy, statement, [outside[scope]], shapes);
}

/** Length of the ids in a subject: the same for all tokens. */
const ID_LENGTH = 36;
const ORG_END = 'org/'.length + ID_LENGTH;
const PROJECT_END = ORG_END + '/project/'.length + ID_LENGTH;

/**
 * Whether a test by itself excludes every token from outside, so that no search is needed: each of its values
 * writes out the id of all tokens that it matches.
 */
function namesAll({ claim, comparison, values, negated }: Test<Claim>, scope: 'org' | 'project'): boolean {
  if (negated || (claim !== 'sub' && claim !== scope)) return false;
  const needed = scope === 'org' ? ORG_END : PROJECT_END;
  return values.every((value) => {
    const literal = comparison === 'like' ? value.search(/[*?]/) : -1;
    return literal === -1 || (claim === 'sub' && literal >= needed);
  });
}

const BOTH: readonly Flavour[] = ['V1', 'V2'];

/** Origin and ref of a fork that no policy names. The domain is reserved: RFC 2606. */
const FORK = { origin: 'git.invalid/fork/fork', ref: 'refs/heads/fork' };

/**
 * Whether builds of any ref of any fork pass: tokens of V1 name none, those of V2 another origin. `flavours`:
 * those that can satisfy the policy at all.
 */
export const reachabilityOfForks = (
  policy: PolicyOfProvider,
  statement: ApplicableStatement,
  flavours: readonly Flavour[] = BOTH,
): Reachability =>
  reachabilityOf(
    policy,
    statement,
    [],
    flavours.map((flavour) => subjectShape(policy.source, flavour, flavour === 'V1' ? null : FORK)),
  );

/** The reason if the step limit of a role was reached. */
export const TOO_MANY_STEPS = 'its conditions are too complex to evaluate (step limit)';
/**
 * A reason is needed even if no condition is unknown: without one there is no finding, and the role seems
 * closed.
 */
const NOT_CONFIRMED = 'the evaluation did not confirm a token that the search found';

function reachabilityOf(
  policy: PolicyOfProvider,
  statement: ApplicableStatement,
  outside: readonly Test<Claim>[],
  shapes: readonly (readonly SubjectPart[])[],
): Reachability {
  const denials = policy.applicable.filter(
    ({ statement, never }) => statement.effect === 'Deny' && never.length === 0,
  );
  const search = (denying: readonly ApplicableStatement[]): FoundToken =>
    findAny(policy, { allowing: statement, denying, outside, shapes });
  const possible = search(denials.filter(({ unknowns }) => unknowns.length === 0));
  if (possible.kind !== 'token') {
    return possible.kind === 'none'
      ? { kind: 'closed' }
      : { kind: 'not-evaluated', reasons: [TOO_MANY_STEPS] };
  }
  if (isCertain(policy, possible.token)) return { kind: 'open', token: possible.token };
  const reasons = [statement, ...denials].flatMap(({ unknowns }) => unknowns);
  const certain = search(denials);
  if (certain.kind !== 'token' || !isCertain(policy, certain.token)) {
    if (policy.limit?.isExceeded() === true) return { kind: 'not-evaluated', reasons: [TOO_MANY_STEPS] };
    return { kind: 'not-evaluated', reasons: reasons.length > 0 ? reasons : [NOT_CONFIRMED] };
  }
  return { kind: 'open', token: certain.token };
}

/** Confirms with the evaluator a token that the search found. */
function isCertain({ applicable, limit }: PolicyOfProvider, token: Token): boolean {
  const tests = applicable.flatMap((statement) => statement.tests);
  limit?.spend(tests.reduce((sum, test) => sum + stepsOf(test, token[test.claim]?.length ?? 0), 0));
  return limit?.isExceeded() !== true && isAllowed(applicable, token);
}

/**
 * Whether a flavour of token can satisfy a statement at all, Deny statements ignored. Null: the step limit
 * was reached.
 */
export function canSatisfy(
  source: TokenSource,
  statement: ApplicableStatement,
  flavour: Flavour,
  limit: StepLimit = stepLimit(),
): boolean | null {
  const policy = { source, applicable: [statement], limit };
  const shapes = [subjectShape(source, flavour)];
  const { kind } = findAny(policy, { allowing: statement, denying: [], outside: [], shapes });
  return kind === 'unknown' ? null : kind === 'token';
}

interface ReachabilitySearch {
  readonly allowing: ApplicableStatement;
  readonly denying: readonly ApplicableStatement[];
  readonly outside: readonly Test<Claim>[];
  readonly shapes: readonly (readonly SubjectPart[])[];
}

/** Searches all shapes, and all audiences that differ in the tests that they pass. */
function findAny(
  { source, applicable, limit = stepLimit() }: PolicyOfProvider,
  { allowing, denying, outside, shapes }: ReachabilitySearch,
): FoundToken {
  if (allowing.never.length > 0 || denying.some(({ tests }) => tests.length === 0)) return { kind: 'none' };
  const auds = distinctAudiences(source, applicable, limit);
  const asksForSession = applicable.some(({ tests }) => tests.some(({ claim }) => claim === 'session'));
  let isCut = limit.isExceeded();
  for (const aud of isCut ? [] : auds) {
    const all = settleSearch(allowing.tests, aud);
    if (all === null) continue;
    const none = denying.flatMap(({ tests }) => {
      const rest = settleSearch(tests, aud);
      return rest === null ? [] : [rest];
    });
    // A Deny that tests nothing but this audience denies every token that has it.
    if (none.some((tests) => tests.length === 0)) continue;
    for (const subject of shapes) {
      if (!all.every((test) => mayPass(test, subject))) continue;
      const shape = asksForSession ? [...subject, ...SESSION_SHAPE] : subject;
      const found = findToken(shape, { all: [...all, ...outside], none }, source.org, limit);
      const isTooLong = found.kind === 'token' && (found.token.session?.length ?? 0) > MAX_SESSION_NAME;
      if (found.kind === 'token' && !isTooLong) return { kind: 'token', token: { ...found.token, aud } };
      isCut ||= found.kind !== 'none';
    }
  }
  return { kind: isCut ? 'unknown' : 'none' };
}

const isOfAudience = ({ claim }: Test<Claim>): boolean => claim === 'aud';

/** One audience for each set of tests that audiences pass. */
function distinctAudiences(
  { audiences }: TokenSource,
  applicable: readonly ApplicableStatement[],
  limit: StepLimit,
): readonly (string | null)[] {
  const tests = applicable.flatMap((statement) => statement.tests.filter(isOfAudience));
  const byResult = new Map<string, string>();
  for (const aud of audiences ?? []) {
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

/** The tests that remain for an audience; null if it fails one. Without known audiences none is tested. */
function settleSearch(tests: readonly Test<Claim>[], aud: string | null): readonly Test<Claim>[] | null {
  const failed = aud !== null && tests.some((test) => isOfAudience(test) && !passesFor(test, aud));
  return failed ? null : tests.filter((test) => !isOfAudience(test));
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
