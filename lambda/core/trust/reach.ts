/** How far a trust policy reaches: whether a token from outside the projects and orgs that it names can pass. */
import { passes } from './condition';
import type { Test } from './condition';
import { isAllowed } from './policy-evaluator';
import type { Bearing } from './policy-evaluator';
import { findToken } from './token-search';
import type { Found } from './token-search';
import { subjectShape } from './tokens';
import type { Cell, Claim, Flavour, Token, TokenSource } from './tokens';

/** Whether tokens of a kind pass. `open` names one that does, by the evaluator's own verdict. */
export type Reach =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly token: Token }
  | { readonly kind: 'not-judged'; readonly reasons: readonly string[] };

/** A role's policy as one provider's tokens meet it. */
export interface Policy {
  readonly source: TokenSource;
  readonly bearings: readonly Bearing[];
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Ids that a policy writes out in full: only those can have been meant. In lower case. */
const namedIds = ({ bearings }: Policy): readonly string[] => [
  ...new Set(
    bearings
      .flatMap(({ statement }) => statement.conditions.flatMap(({ values }) => values))
      .flatMap((value) => value.match(UUID) ?? [])
      .map((id) => id.toLowerCase()),
  ),
];

/** Whether a token of an org or project that the policy does not name passes by one of its Allow statements. */
export function reachBeyond(policy: Policy, bearing: Bearing, scope: 'org' | 'project'): Reach {
  const outside = { claim: scope, comparison: 'exact', values: namedIds(policy), negated: true } as const;
  return reachOf(
    policy,
    bearing,
    [outside],
    BOTH.map((flavour) => subjectShape(policy.source, flavour)),
  );
}

const BOTH: readonly Flavour[] = ['V1', 'V2'];

/** Of a fork that nobody has named. The domain is reserved: RFC 2606. */
const FORK = { origin: 'git.invalid/fork/fork', ref: 'refs/heads/fork' };

/** Whether builds of any ref of any fork pass: tokens of V1 name none, those of V2 another origin. */
export const reachOfForks = (policy: Policy, bearing: Bearing): Reach =>
  reachOf(policy, bearing, [], [subjectShape(policy.source, 'V1'), subjectShape(policy.source, 'V2', FORK)]);

function reachOf(
  policy: Policy,
  bearing: Bearing,
  outside: readonly Test<Claim>[],
  shapes: readonly (readonly Cell[])[],
): Reach {
  const denials = policy.bearings.filter(
    ({ statement, never }) => statement.effect === 'Deny' && never.length === 0,
  );
  const search = (denying: readonly Bearing[]): Found =>
    findAny(policy, { allowing: bearing, denying, outside, shapes });
  const possible = search(denials.filter(({ unknowns }) => unknowns.length === 0));
  if (possible.kind !== 'token') {
    return possible.kind === 'none'
      ? { kind: 'closed' }
      : { kind: 'not-judged', reasons: ['its wildcards are too many'] };
  }
  if (isAllowed(policy.bearings, possible.token)) return { kind: 'open', token: possible.token };
  const reasons = [bearing, ...denials].flatMap(({ unknowns }) => unknowns);
  const certain = search(denials);
  if (certain.kind !== 'token' || !isAllowed(policy.bearings, certain.token)) {
    return { kind: 'not-judged', reasons };
  }
  return { kind: 'open', token: certain.token };
}

/** Whether a flavour of token can satisfy a statement at all, Deny statements left aside. Null: too tangled to say. */
export function canSatisfy(source: TokenSource, bearing: Bearing, flavour: Flavour): boolean | null {
  const policy = { source, bearings: [bearing] };
  const shapes = [subjectShape(source, flavour)];
  const { kind } = findAny(policy, { allowing: bearing, denying: [], outside: [], shapes });
  return kind === 'unknown' ? null : kind === 'token';
}

interface Search {
  readonly allowing: Bearing;
  readonly denying: readonly Bearing[];
  readonly outside: readonly Test<Claim>[];
  readonly shapes: readonly (readonly Cell[])[];
}

/** Looks through all shapes and all audiences that differ in what they pass. */
function findAny({ source, bearings }: Policy, { allowing, denying, outside, shapes }: Search): Found {
  if (allowing.never.length > 0) return { kind: 'none' };
  let tangled = false;
  for (const aud of distinctAudiences(source, bearings)) {
    const all = settle(allowing.tests, aud);
    if (all === null) continue;
    const none = denying.flatMap(({ tests }) => {
      const rest = settle(tests, aud);
      return rest === null ? [] : [rest];
    });
    for (const shape of shapes) {
      const found = findToken(shape, { all: [...all, ...outside], none }, source.org);
      if (found.kind === 'token') return { kind: 'token', token: { ...found.token, aud } };
      tangled ||= found.kind === 'unknown';
    }
  }
  return { kind: tangled ? 'unknown' : 'none' };
}

const isOfAudience = ({ claim }: Test<Claim>): boolean => claim === 'aud';

/** One audience of all that pass the same tests. */
function distinctAudiences(
  { audiences }: TokenSource,
  bearings: readonly Bearing[],
): readonly (string | null)[] {
  const tests = bearings.flatMap((bearing) => bearing.tests.filter(isOfAudience));
  const byResult = new Map(
    (audiences ?? []).map((aud) => [tests.map((test) => passes(test, aud)).join(), aud] as const),
  );
  return byResult.size === 0 ? [null] : [...byResult.values()];
}

/** The tests that an audience leaves open; null where it fails one. Without known audiences none is tested. */
function settle(tests: readonly Test<Claim>[], aud: string | null): readonly Test<Claim>[] | null {
  const failed = aud !== null && tests.some((test) => isOfAudience(test) && !passes(test, aud));
  return failed ? null : tests.filter((test) => !isOfAudience(test));
}
