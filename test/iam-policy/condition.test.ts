import { describe, expect, it } from '@jest/globals';
import { applyCondition, testPasses, readOperator } from '../../lambda/iam-policy/condition';
import type { AppliedCondition, Comparison, RequestValue } from '../../lambda/iam-policy/condition';
import { allTexts, expressionOf } from '../support/globs';

const PLAIN = { set: null, ifExists: false, negated: false };

describe('condition operators', () => {
  it.each([
    ['StringEquals', { ...PLAIN, base: 'exact' }],
    ['STRINGNOTEQUALS', { ...PLAIN, base: 'exact', negated: true }],
    ['StringEqualsIgnoreCase', { ...PLAIN, base: 'ignore-case' }],
    ['StringNotEqualsIgnoreCase', { ...PLAIN, base: 'ignore-case', negated: true }],
    ['StringLike', { ...PLAIN, base: 'like' }],
    ['StringNotLike', { ...PLAIN, base: 'like', negated: true }],
    ['Null', { ...PLAIN, base: 'null' }],
    ['Bool', { ...PLAIN, base: 'other' }],
    ['ArnNotLike', { ...PLAIN, base: 'other', negated: true }],
    ['NumericLessThan', { ...PLAIN, base: 'other' }],
    ['DateNotEquals', { ...PLAIN, base: 'other', negated: true }],
    ['StringLikeIfExists', { ...PLAIN, base: 'like', ifExists: true }],
    ['ForAllValues:StringLike', { ...PLAIN, base: 'like', set: 'all' }],
    ['ForAnyValue:StringNotLikeIfExists', { set: 'any', ifExists: true, negated: true, base: 'like' }],
  ])('%s is parsed', (text, operator) => {
    expect(readOperator(text)).toEqual(operator);
  });

  it.each([
    '',
    'StringMatches',
    'x:StringEquals',
    'ForAllValues:ForAnyValue:StringEquals',
    'StringEqualsIfExistsIfExists',
    'StringEquals!',
    'ForAnyValue:Null',
    'NullIfExists',
  ])('%j is no operator of IAM', (text) => {
    expect(readOperator(text)).toBeNull();
  });
});

describe('a condition', () => {
  const CLAIM: RequestValue<'sub'> = { kind: 'claim', claim: 'sub' };
  const MISSING: RequestValue<'sub'> = { kind: 'missing' };
  const UNKNOWN: RequestValue<'sub'> = { kind: 'unknown' };
  const come = (
    operator: string,
    sight: RequestValue<'sub'>,
    ...values: readonly string[]
  ): AppliedCondition<'sub'> => applyCondition({ operator, key: 'k', values }, sight);

  it('on a claim is a comparison, with any prefix or suffix of the operator', () => {
    for (const operator of [
      'StringNotLike',
      'ForAllValues:StringNotLikeIfExists',
      'ForAnyValue:StringNotLike',
    ])
      expect(come(operator, CLAIM, 'a', 'b*')).toEqual({
        claim: 'sub',
        comparison: 'like',
        values: ['a', 'b*'],
        negated: true,
      });
  });

  it.each([
    ['StringLike', false],
    ['StringNotLike', true],
    ['StringLikeIfExists', true],
    ['ForAllValues:StringLike', true],
    ['ForAnyValue:StringLike', false],
    ['ForAnyValue:StringNotLike', false],
    ['ForAllValues:StringNotLikeIfExists', true],
    // AWS documents both: https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w
    ['ForAnyValue:StringLikeIfExists', 'unknown'],
    ['ForAnyValue:StringNotLikeIfExists', 'unknown'],
    ['Bool', false],
    ['ArnNotLike', true],
  ])('on a missing key: %s is %s', (operator, comes) => {
    expect(come(operator, MISSING, '${x}')).toBe(comes);
  });

  it.each<[readonly string[], boolean | 'unknown']>([
    [['true'], false],
    [['False'], true],
    [['false', 'TRUE'], true],
    [['true', 'x'], 'unknown'],
  ])('Null of %j on a claim is %s', (values, comes) => {
    expect(come('Null', CLAIM, ...values)).toBe(comes);
    expect(come('Null', MISSING, ...values)).toBe(values.length === 1 ? !comes : comes);
  });

  it.each<[string, RequestValue<'sub'>, readonly string[]]>([
    ['StringMatches', CLAIM, ['a']],
    ['StringMatches', MISSING, ['a']],
    ['StringLike', UNKNOWN, ['a']],
    ['Null', UNKNOWN, ['true']],
    ['ArnLike', CLAIM, ['a']],
    ['StringLike', CLAIM, ['a', 'x${*}']],
    // Whether AWS takes the Kelvin sign for a k is not documented.
    ['StringEqualsIgnoreCase', CLAIM, ['a', '\u212a']],
    ['StringNotEqualsIgnoreCase', CLAIM, ['é']],
    ['StringEqualsIgnoreCase', { ...CLAIM, anyTextAfter: '/ref/' }, ['a', 'a/REF/k']],
  ])('%s on %j with %j is not evaluated', (operator, sight, values) => {
    expect(come(operator, sight, ...values)).toBe('unknown');
  });
});

describe('a comparison without case', () => {
  it('is evaluated if neither value nor claim can have letters beyond ASCII', () => {
    const condition = { operator: 'StringEqualsIgnoreCase', key: 'k', values: ['aK/ref'] };
    const test = { claim: 'sub', comparison: 'ignore-case', values: ['aK/ref'], negated: false };
    expect(applyCondition(condition, { kind: 'claim', claim: 'sub' })).toEqual(test);
    expect(applyCondition(condition, { kind: 'claim', claim: 'sub', anyTextAfter: '/ref/' })).toEqual(test);
  });
});

describe('a comparison', () => {
  const does = (comparison: Comparison, text: string, ...values: readonly string[]): boolean =>
    testPasses({ claim: null, comparison, values, negated: false }, text);

  it('holds if one of its values matches; negated, if none does', () => {
    const values = ['a', 'b'];
    for (const [text, is] of [['b', true] as const, ['c', false] as const]) {
      expect(does('exact', text, ...values)).toBe(is);
      expect(testPasses({ claim: null, comparison: 'exact', values, negated: true }, text)).toBe(!is);
    }
  });

  it('has wildcards only under StringLike and its variants', () => {
    const patterns = allTexts('ab*?', 3);
    const texts = allTexts('ab*', 4);
    for (const pattern of patterns) {
      const expression = expressionOf(pattern);
      const wrong = texts.filter((text) => does('like', text, pattern) !== expression.test(text));
      expect([pattern, wrong]).toEqual([pattern, []]);
      expect(texts.filter((text) => does('exact', text, pattern))).toEqual(
        texts.filter((text) => text === pattern),
      );
    }
  });

  it('backtracks if a star matched too little', () => {
    expect(does('like', 'abcabcabd', '*abcabd')).toBe(true);
    expect(does('like', 'mississippi', 'm*iss?ppi')).toBe(true);
    expect(does('like', 'mississippi', 'm*iss?ppp')).toBe(false);
    // One character, of two UTF-16 units.
    expect(does('like', 'a😀b', 'a?b')).toBe(true);
  });

  it.each([
    ['Org/AZ', 'oRG/az', true],
    ['org/*', 'org/x', false],
    ['[', '{', false],
  ])('without regard to case takes %s for %s: %s', (value, text, is) => {
    expect(does('ignore-case', text, value)).toBe(is);
    expect(does('exact', text, value)).toBe(text === value);
  });
});
