/**
 * Condition operators of IAM policies, applied to one claim. Rules:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import type { Condition } from './parse';

/** How a text is compared with the values of a condition. */
export type Comparison = 'exact' | 'ignore-case' | 'like';

/** A comparison of a claim that every token has. Holds where a value matches; negated, where none does. */
export interface Test<Claim> {
  readonly claim: Claim;
  readonly comparison: Comparison;
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** What a condition comes to: always true, never, not known, or true of some tokens. */
export type AppliedCondition<Claim> = boolean | 'unknown' | Test<Claim>;

/** What the request has under a condition's key. */
export type RequestValue<Claim> =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'missing' }
  /** Not of the token, or not known: source address, time, tags. `isPresent`: every request has some value. */
  | { readonly kind: 'unknown'; readonly isPresent?: true };

/** An operator taken apart. */
export interface Operator {
  readonly set: 'all' | 'any' | null;
  readonly ifExists: boolean;
  readonly negated: boolean;
  /** `other`: numbers, dates, ARNs and the like, whose sense on a text is not documented. */
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

/** Takes an operator apart; null where IAM has none of this name. */
export function readOperator(text: string): Operator | null {
  const [, prefix, name = '', suffix] =
    /^(?:(forallvalues|foranyvalue):)?(\w+?)(ifexists)?$/.exec(text.toLowerCase()) ?? [];
  const found = BASES.get(name);
  const decorated = prefix !== undefined || suffix !== undefined;
  if (found === undefined || (found.base === 'null' && decorated)) return null;
  return {
    ...found,
    set: prefix === undefined ? null : prefix === 'forallvalues' ? 'all' : 'any',
    ifExists: suffix !== undefined,
  };
}

/** Applies a condition to what the request has. Never true or false where that is not certain. */
export function applyCondition<Claim>(
  condition: Condition,
  value: RequestValue<Claim>,
): AppliedCondition<Claim> {
  const operator = readOperator(condition.operator);
  if (operator === null) return 'unknown';
  if (value.kind === 'unknown') return admitsAnyValue(operator, condition, value.isPresent === true);
  if (operator.base === 'null') return isNull(condition.values, value.kind === 'missing');
  if (value.kind === 'missing') return holdsOfMissing(operator);
  // Policy variables, and the escapes ${*}, ${?} and ${$}.
  if (operator.base === 'other' || condition.values.some((value) => value.includes('${'))) return 'unknown';
  // A claim of one value is a set of one: of it, "all", "any" and neither mean the same.
  const { base: comparison, negated } = operator;
  return { claim: value.claim, comparison, values: condition.values, negated };
}

/** `*` under StringLike is true of every value; of a key that may be missing only with IfExists or ForAllValues. */
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
 * Without the key ForAnyValue is false and IfExists is true; of both together AWS documents nothing, and somebody who
 * tried it saw false: https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w
 */
function holdsOfMissing({ set, ifExists, negated }: Operator): boolean | 'unknown' {
  if (set === 'any' && ifExists) return 'unknown';
  if (ifExists || set === 'all') return true;
  return set === null && negated;
}

/** `Null: {"key": "true"}` asks that the key be missing. */
function isNull(values: readonly string[], missing: boolean): boolean | 'unknown' {
  const wanted = values.map((value) => value.toLowerCase());
  if (wanted.some((value) => value !== 'true' && value !== 'false')) return 'unknown';
  return wanted.includes(String(missing));
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
      return foldCase(value) === foldCase(text);
    case 'like':
      return isLike(value, text);
  }
}

/**
 * A text without regard to case, character by character: a letter whose small form is two letters (`İ`), or depends on
 * what stands beside it (`Σ`), would make a text mean another thing as a whole than letter by letter. Another capital of
 * a letter (the sign for Kelvin, of `k`) is taken for it: AWS does not say, and a role that may be open is not closed.
 */
export function foldCase(text: string): string {
  let folded = '';
  for (const letter of text) folded += foldLetter(letter);
  return folded;
}

/** A small form of two letters is longer than its letter, one of one letter is not. */
function foldLetter(letter: string): string {
  const small = letter.toLowerCase();
  return small.length === letter.length ? small : letter;
}

/** `*` is any text, also none; `?` is one character. In time of at most pattern times text, however many stars. */
function isLike(pattern: string, text: string): boolean {
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
