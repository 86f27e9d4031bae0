/**
 * Condition operators of IAM policies, applied to one claim. Rules:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import { foldCase, isAscii } from '../text/ascii';
import type { Condition } from './parse';

/** How a text is compared with the values of a condition. */
export type Comparison = 'exact' | 'ignore-case' | 'like';

/** A comparison of a claim. It passes if a value matches; negated, if none does. */
export interface Test<Claim> {
  readonly claim: Claim;
  readonly comparison: Comparison;
  readonly values: readonly string[];
  readonly negated: boolean;
  /** Whether it passes for a token without the claim. Absent if every token has it. */
  readonly passesMissing?: boolean;
}

/** The result of a condition: always true, always false, unknown, or a test that some tokens pass. */
export type AppliedCondition<Claim> = boolean | 'unknown' | Test<Claim>;

/** What the request has under a condition's key. */
export type RequestValue<Claim> =
  /** `anyTextAfter`: behind this, the claim may have letters of any language; elsewhere it is ASCII. */
  | {
      readonly kind: 'claim';
      readonly claim: Claim;
      readonly anyTextAfter?: string;
      /** Some requests lack it. */
      readonly optional?: true;
    }
  /** The same for every request. */
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'missing' }
  /**
   * Not from the token, or unknown: source address, time, tags. `isPresent`: every request has some value.
   */
  | { readonly kind: 'unknown'; readonly isPresent?: true };

/** A parsed operator. */
export interface Operator {
  readonly set: 'all' | 'any' | null;
  readonly ifExists: boolean;
  readonly negated: boolean;
  /** `other`: numbers, dates, ARNs and the like, whose effect on a text is not documented. */
  readonly base: Comparison | 'null' | 'other';
}

const BASES: ReadonlyMap<string, Pick<Operator, 'base' | 'negated'>> = new Map([
  ['stringequals', { base: 'exact', negated: false }],
  ['stringnotequals', { base: 'exact', negated: true }],
  ['stringequalsignorecase', { base: 'ignore-case', negated: false }],
  ['stringnotequalsignorecase', { base: 'ignore-case', negated: true }],
  ['stringlike', { base: 'like', negated: false }],
  ['stringnotlike', { base: 'like', negated: true }],
  ['null', { base: 'null', negated: false }],
  ...['bool', 'binaryequals', 'ipaddress', 'arnequals', 'arnlike'].map(other(false)),
  ...['notipaddress', 'arnnotequals', 'arnnotlike'].map(other(true)),
  ...['numeric', 'date'].flatMap((kind) => [
    ...['equals', 'lessthan', 'lessthanequals', 'greaterthan', 'greaterthanequals']
      .map((name) => `${kind}${name}`)
      .map(other(false)),
    other(true)(`${kind}notequals`),
  ]),
]);

function other(negated: boolean): (name: string) => readonly [string, Pick<Operator, 'base' | 'negated'>] {
  return (name) => [name, { base: 'other', negated }];
}

/** Parses an operator; null if IAM has none of this name. */
export function readOperator(text: string): Operator | null {
  const [, prefix, name = '', suffix] =
    /^(?:(forallvalues|foranyvalue):)?(\w+?)(ifexists)?$/.exec(foldCase(text)) ?? [];
  const found = BASES.get(name);
  const decorated = prefix !== undefined || suffix !== undefined;
  if (found === undefined || (found.base === 'null' && decorated)) return null;
  return {
    ...found,
    set: prefix === undefined ? null : prefix === 'forallvalues' ? 'all' : 'any',
    ifExists: suffix !== undefined,
  };
}

/** Applies a condition to the value of the request. True or false only if that is certain. */
export function applyCondition<Claim>(
  condition: Condition,
  value: RequestValue<Claim>,
): AppliedCondition<Claim> {
  const operator = readOperator(condition.operator);
  if (operator === null) return 'unknown';
  if (value.kind === 'unknown') return admitsAnyValue(operator, condition, value.isPresent === true);
  if (operator.base === 'null') return applyNull(condition, value);
  if (value.kind === 'missing') return holdsOfMissing(operator);
  // Policy variables, and the escapes ${*}, ${?} and ${$}.
  const hasVariables = condition.isPlain !== true && condition.values.some((text) => text.includes('${'));
  if (operator.base === 'other' || hasVariables) return 'unknown';
  const isFolded = operator.base === 'ignore-case';
  // A claim of one value is a set of one: for it, "all", "any" and neither mean the same.
  const { base: comparison, negated } = operator;
  if (value.kind === 'constant') {
    return testPasses({ claim: null, comparison, values: condition.values, negated }, value.value);
  }
  if (isFolded && !condition.values.every((text) => isAsciiOnly(text, value))) return 'unknown';
  const test = { claim: value.claim, comparison, values: condition.values, negated };
  if (value.optional !== true) return test;
  const passesMissing = holdsOfMissing(operator);
  return passesMissing === 'unknown' ? 'unknown' : { ...test, passesMissing };
}

/** `Null` asks only whether the request has a value. */
function applyNull<Claim>(
  { values }: Condition,
  value: Exclude<RequestValue<Claim>, { readonly kind: 'unknown' }>,
): AppliedCondition<Claim> {
  if (value.kind !== 'claim' || value.optional !== true) return isNull(values, value.kind === 'missing');
  const [ofPresent, ofMissing] = [isNull(values, false), isNull(values, true)];
  if (ofPresent === 'unknown' || ofMissing === 'unknown') return 'unknown';
  return {
    claim: value.claim,
    comparison: 'like',
    values: ['*'],
    negated: !ofPresent,
    passesMissing: ofMissing,
  };
}

/**
 * Whether a comparison without case needs only the case of ASCII letters. Of others AWS does not say which it
 * takes for the same: perhaps the Kelvin sign for `k`, and the long `s` (U+017F) for `s`. Folding them would
 * be wrong for a Deny, not folding them for an Allow. An ASCII value without `anyTextAfter` can equal only a
 * claim without it, which is ASCII, too.
 */
const isAsciiOnly = (value: string, { anyTextAfter }: { readonly anyTextAfter?: string }): boolean =>
  isAscii(value) && (anyTextAfter === undefined || !foldCase(value).includes(anyTextAfter));

/**
 * `*` under StringLike is true for every value; for a key that may be missing only with IfExists or
 * ForAllValues.
 */
function admitsAnyValue(
  { base, negated, set, ifExists }: Operator,
  { values }: Condition,
  isPresent: boolean,
): boolean | 'unknown' {
  if (base !== 'like' || !values.some((value) => /^\*+$/.test(value))) return 'unknown';
  if (isPresent) return !negated;
  const isTrueOfMissing = set === 'all' || (ifExists && set === null);
  return !negated && isTrueOfMissing ? true : 'unknown';
}

/**
 * Without the key ForAnyValue is false and IfExists is true. AWS does not document both together; a test by a
 * user gave false: https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w
 */
function holdsOfMissing({ set, ifExists, negated }: Operator): boolean | 'unknown' {
  if (set === 'any' && ifExists) return 'unknown';
  if (ifExists || set === 'all') return true;
  return set === null && negated;
}

/** `Null: {"key": "true"}` requires that the key be missing. */
function isNull(values: readonly string[], missing: boolean): boolean | 'unknown' {
  const wanted = values.map((value) => value.toLowerCase());
  if (wanted.some((value) => value !== 'true' && value !== 'false')) return 'unknown';
  return wanted.includes(String(missing));
}

/** Whether a text has wildcards of IAM. */
export const hasWildcard = (text: string): boolean => /[*?]/.test(text);

/** Whether a value of a test stands for itself only: it has no wildcards, or the comparison knows none. */
export const isWhole = (value: string, { comparison }: Pick<Test<unknown>, 'comparison'>): boolean =>
  comparison === 'exact' || !hasWildcard(value);

/** Whether claims pass a test, if they include the one that it is about. */
export function passesIfPresent<Claim>(test: Test<Claim>, claims: ReadonlyMap<Claim, string>): boolean {
  const text = claims.get(test.claim);
  return text === undefined || testPasses(test, text);
}

/** Whether a text passes a test. */
export function testPasses<Claim>({ comparison, values, negated }: Test<Claim>, text: string): boolean {
  return values.some((value) => matches(comparison, value, text)) !== negated;
}

function matches(comparison: Comparison, value: string, text: string): boolean {
  switch (comparison) {
    case 'exact':
      return value === text;
    case 'ignore-case':
      return value.length === text.length && foldCase(value) === foldCase(text);
    case 'like':
      return isLike(value, text);
  }
}

/**
 * `*` is any text, also the empty one; `?` is one character. Takes at most pattern length times text length,
 * however many stars.
 */
function isLike(pattern: string, text: string): boolean {
  const literal = pattern.search(/[*?]/);
  if (literal === -1) return pattern === text;
  if (!text.startsWith(pattern.slice(0, literal))) return false;
  const wanted = Array.from(pattern);
  const given = Array.from(text);
  let [at, star, resume] = [0, -1, 0];
  for (let index = 0; index < given.length;) {
    if (wanted[at] === '*') [star, resume, at] = [at, index, at + 1];
    else if (wanted[at] === '?' || wanted[at] === given[index]) [at, index] = [at + 1, index + 1];
    else if (star === -1) return false;
    else [resume, at, index] = [resume + 1, star + 1, resume + 1];
  }
  return wanted.slice(at).every((token) => token === '*');
}
