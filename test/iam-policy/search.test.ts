import { describe, expect, it } from '@jest/globals';
import type { Test } from '../../lambda/iam-policy/condition';
import { stepLimit } from '../../lambda/iam-policy/step-limit';
import type { StepLimit } from '../../lambda/iam-policy/step-limit';
import { findExample, findText } from '../../lambda/iam-policy/search';
import type { Wanted } from '../../lambda/iam-policy/search';
import type { Claim, ShapePart } from '../../lambda/iam-policy/tokens';
import { PRINTABLE, closed } from '../../lambda/oidc/profiles/parts';
import { TANGLED, wanderingText } from '../support/globs';

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const HEX = Array.from('0123456789abcdef');
const DIGITS = Array.from('0123456789');

const HEX_DIGIT = closed('0123456789abcdef');

const one = (characters: ShapePart['characters'], ...claims: readonly Claim[]): ShapePart => ({
  characters,
  repeat: false,
  claims: ['sub', ...claims],
});
const hex = (...claims: readonly Claim[]): ShapePart => one(HEX_DIGIT, ...claims);
const ANY = one(PRINTABLE);
const MORE: ShapePart = { ...ANY, repeat: true };
const text = (literal: string, ...claims: readonly Claim[]): readonly ShapePart[] =>
  Array.from(literal, (each) => one(each, ...claims));

const is = (claim: Claim, ...values: readonly string[]): Test<Claim> => ({
  claim,
  comparison: 'like',
  values,
  negated: false,
});
const isNot = (claim: Claim, ...values: readonly string[]): Test<Claim> => ({
  ...is(claim, ...values),
  negated: true,
});
const exactly = (test: Test<Claim>): Test<Claim> => ({ ...test, comparison: 'exact' });

/** The subject that is found, or why there is none. */
function found(shape: readonly ShapePart[], all: Wanted['all'], none: Wanted['none'] = []): string {
  const result = findText(shape, { all, none });
  return result.kind === 'text' ? (result.claims.get('sub') ?? '') : result.kind;
}

describe('findText', () => {
  it('returns a text of the shape, and the claims in it', () => {
    const shape = [...text('o'), hex('org'), hex('org'), ...text('p'), hex('project')];
    const wanted = { all: [is('org', 'a?'), is('project', 'b'), is('sub', '*')], none: [] };
    const found = findText(shape, wanted);
    expect(found.kind === 'text' ? Object.fromEntries(found.claims) : found).toEqual({
      sub: 'oa0pb',
      org: 'a0',
      project: 'b',
    });
  });

  it('returns none if one of the tests fails for every text', () => {
    expect(found(text('ab'), [is('sub', 'ab'), is('sub', 'b*')])).toBe('none');
    expect(found(text('ab'), [isNot('sub', 'a*')])).toBe('none');
    expect(found([hex('project')], [is('project', 'g')])).toBe('none');
    expect(found([hex('project'), ANY], [isNot('project', ...HEX)])).toBe('none');
  });

  it('finds the only text that is left', () => {
    expect(found([hex()], [isNot('sub', ...HEX.filter((each) => each !== '7'))])).toBe('7');
    expect(found([ANY, MORE], [is('sub', '*x?z'), isNot('sub', '?x*')])).toMatch(/x.z$/);
    expect(findExample([ANY, MORE], { all: [is('sub', '*x?z')], none: [] })).toMatchObject({
      kind: 'text',
      claims: new Map([['sub', 'xaz']]),
    });
  });

  it('satisfies a test by any of its values, and a negated one by none', () => {
    expect(found([hex(), hex()], [is('sub', 'g*', 'b?'), isNot('sub', '?0', '?1')])).toMatch(/^b[^01]$/);
  });

  it('satisfies no list of tests that contradict each other', () => {
    const denied = [is('sub', 'a*'), is('sub', '*b')];
    expect(found(text('ab'), [], [denied])).toBe('none');
    expect(found(text('ac'), [], [denied])).toBe('ac');
    expect(found(text('ac'), [], [denied, [is('sub', '*c')]])).toBe('none');
    // No test excludes it, so every token is denied.
    expect(found(text('ac'), [], [[]])).toBe('none');
  });

  it('reads a claim at its position, and nowhere else', () => {
    const shape = [hex(), hex('project'), hex()];
    expect(found(shape, [is('project', 'a'), isNot('sub', '?a0', '0*')])).toMatch(/^[^0]a[^0]$/);
    expect(found(shape, [is('project', 'aa')])).toBe('none');
  });

  it('tries a character without a transition, a distant one if all letters have transitions', () => {
    expect(found([ANY], [])).toBe('a');
    expect(found([ANY], [isNot('sub', 'a')])).toBe('b');
    expect(found([ANY], [isNot('sub', ...LETTERS, ...DIGITS)])).toBe('一');
    expect(found([ANY], [isNot('sub', ...LETTERS, ...DIGITS, '一', '丁')])).toBe('丂');
  });

  it('finds no name with a wildcard in it', () => {
    for (const wildcard of ['*', '?']) {
      expect(found([ANY], [exactly(is('sub', wildcard))])).toBe('none');
      expect(found([ANY], [exactly(is('sub', wildcard, '#'))])).toBe('#');
    }
  });

  it('repeats a part as often as necessary, also never', () => {
    expect(found([MORE, ...text('!')], [is('sub', '!')])).toBe('!');
    expect(found([MORE, ...text('!')], [is('sub', '??????!')])).toBe('aaaaaa!');
  });

  it('stops at too many wildcards, and not before', () => {
    const shape = Array.from({ length: 60 }, () => hex());
    expect(found(shape, [is('sub', `*a${'?'.repeat(40)}b*`), isNot('sub', `*a${'?'.repeat(40)}b*`)])).toBe(
      'unknown',
    );
    expect(found(shape, [is('sub', '*a????b*'), isNot('sub', '*a????b*')])).toBe('none');
  });

  it('stops at tests that are small by themselves and too many together', () => {
    const shape = Array.from({ length: 60 }, () => hex());
    const [first = '', ...others] = Array.from('abcd', (letter) => `*${letter}${'?'.repeat(7)}f*`);
    expect(
      found(shape, [is('sub', first), isNot('sub', first), ...others.map((each) => isNot('sub', each))]),
    ).toBe('unknown');
  });

  it('returns no result at the step limit, not even the only token that matches', () => {
    const part = text(`g${'h'.repeat(90)}g${wanderingText(9_000)}#!`, 'project');
    const kindOf = (limit: StepLimit, ...values: readonly string[]): string =>
      findText([...part, ...text('/user')], { all: [is('project', ...values)], none: [] }, limit).kind;
    const plain = stepLimit();
    expect(kindOf(plain, `g${'?'.repeat(90)}g*#!`)).toBe('text');
    expect(kindOf(stepLimit(plain.spent()), `g${'?'.repeat(90)}g*#!`)).toBe('text');
    expect(kindOf(stepLimit(plain.spent() / 2), `g${'?'.repeat(90)}g*#!`)).toBe('unknown');
    expect(kindOf(stepLimit(), ...TANGLED)).toBe('unknown');
  });

  it('reports nothing as impossible that it did not search completely', () => {
    const shape = [hex(), hex(), ...text('x')];
    const wanted = { all: [is('sub', '*y')], none: [] };
    const whole = stepLimit();
    expect(findText(shape, wanted, whole).kind).toBe('none');
    for (let most = 0; most < whole.spent(); most += 1) {
      expect(findText(shape, { ...wanted, all: [is('sub', '*y')] }, stepLimit(most)).kind).toBe('unknown');
    }
  });

  it('returns no result once the limit of the role is exceeded', () => {
    const limit = stepLimit(10);
    limit.spend(11);
    expect(findText(text('ab'), { all: [is('sub', 'ab')], none: [] }, limit).kind).toBe('unknown');
  });
});
