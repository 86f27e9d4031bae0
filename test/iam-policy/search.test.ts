import { describe, expect, it } from '@jest/globals';
import type { Test } from '../../lambda/iam-policy/condition';
import { stepLimit } from '../../lambda/iam-policy/step-limit';
import type { StepLimit } from '../../lambda/iam-policy/step-limit';
import { findToken } from '../../lambda/iam-policy/search';
import type { Wanted } from '../../lambda/iam-policy/search';
import type { SubjectPart, Claim } from '../../lambda/iam-policy/tokens';
import { TANGLED, wanderingText } from '../support/globs';

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const HEX = Array.from('0123456789abcdef');

const one = (characters: SubjectPart['characters'], part: SubjectPart['part'] = null): SubjectPart => ({
  characters,
  repeat: false,
  part,
});
const ANY = one('any');
const MORE: SubjectPart = { ...ANY, repeat: true };
const text = (literal: string, part: SubjectPart['part'] = null): readonly SubjectPart[] =>
  Array.from(literal, (each) => one({ literal: each }, part));

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
function found(shape: readonly SubjectPart[], all: Wanted['all'], none: Wanted['none'] = []): string {
  const result = findToken(shape, { all, none }, null);
  return result.kind === 'token' ? result.token.sub : result.kind;
}

describe('findToken', () => {
  it('returns a text of the shape, and the claims in it', () => {
    const shape = [...text('o'), one('hex', 'org'), one('hex', 'org'), ...text('p'), one('hex', 'project')];
    const wanted = { all: [is('org', 'a?'), is('project', 'b'), is('sub', '*')], none: [] };
    const token = { sub: 'oa0pb', org: 'a0', project: 'b', aud: null };
    expect(findToken(shape, wanted, null)).toEqual({ kind: 'token', token });
    expect(findToken(shape, wanted, 'mine')).toEqual({ kind: 'token', token: { ...token, org: 'mine' } });
  });

  it('returns none if one of the tests fails for every text', () => {
    expect(found(text('ab'), [is('sub', 'ab'), is('sub', 'b*')])).toBe('none');
    expect(found(text('ab'), [isNot('sub', 'a*')])).toBe('none');
    expect(found([one('hex', 'project')], [is('project', 'g')])).toBe('none');
    expect(found([one('hex', 'project'), ANY], [isNot('project', ...HEX)])).toBe('none');
  });

  it('finds the only text that is left', () => {
    expect(found([one('hex')], [isNot('sub', ...HEX.filter((each) => each !== '7'))])).toBe('7');
    expect(found([ANY, MORE], [is('sub', '*x?z'), isNot('sub', '?x*')])).toMatch(/^..+x.z$/);
  });

  it('satisfies a test by any of its values, and a negated one by none', () => {
    expect(found([one('hex'), one('hex')], [is('sub', 'g*', 'b?'), isNot('sub', '?0', '?1')])).toMatch(
      /^b[^01]$/,
    );
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
    const shape = [one('hex'), one('hex', 'project'), one('hex')];
    expect(found(shape, [is('project', 'a'), isNot('sub', '?a0', '0*')])).toMatch(/^[^0]a[^0]$/);
    expect(found(shape, [is('project', 'aa')])).toBe('none');
  });

  it('tries a character without a transition, a distant one if all letters have transitions', () => {
    expect(found([ANY], [])).toBe('z');
    expect(found([ANY], [isNot('sub', 'z')])).toBe('y');
    expect(found([ANY], [isNot('sub', ...LETTERS)])).toBe('一');
    expect(found([ANY], [isNot('sub', ...LETTERS, '一', '丁')])).toBe('丂');
  });

  it('finds no name with a wildcard in it', () => {
    for (const wildcard of ['*', '?']) {
      expect(found([ANY], [exactly(is('sub', wildcard))])).toBe('none');
      expect(found([ANY], [exactly(is('sub', wildcard, '#'))])).toBe('#');
    }
  });

  it('repeats a part as often as necessary, also never', () => {
    expect(found([MORE, ...text('!')], [is('sub', '!')])).toBe('!');
    expect(found([MORE, ...text('!')], [is('sub', '??????!')])).toBe('zzzzzz!');
  });

  it('stops at too many wildcards, and not before', () => {
    const shape = Array.from({ length: 60 }, () => one('hex'));
    expect(found(shape, [is('sub', `*a${'?'.repeat(40)}b*`), isNot('sub', `*a${'?'.repeat(40)}b*`)])).toBe(
      'unknown',
    );
    expect(found(shape, [is('sub', '*a????b*'), isNot('sub', '*a????b*')])).toBe('none');
  });

  it('stops at tests that are small by themselves and too many together', () => {
    const shape = Array.from({ length: 60 }, () => one('hex'));
    const [first = '', ...others] = Array.from('abcd', (letter) => `*${letter}${'?'.repeat(7)}f*`);
    expect(
      found(shape, [is('sub', first), isNot('sub', first), ...others.map((each) => isNot('sub', each))]),
    ).toBe('unknown');
  });

  it('returns no result at the step limit, not even the only token that matches', () => {
    const part = text(`g${'h'.repeat(90)}g${wanderingText(9_000)}#!`, 'project');
    const kindOf = (limit: StepLimit, ...values: readonly string[]): string =>
      findToken([...part, ...text('/user')], { all: [is('project', ...values)], none: [] }, null, limit).kind;
    const plain = stepLimit();
    expect(kindOf(plain, `g${'?'.repeat(90)}g*#!`)).toBe('token');
    expect(kindOf(stepLimit(plain.spent()), `g${'?'.repeat(90)}g*#!`)).toBe('token');
    expect(kindOf(stepLimit(plain.spent() / 2), `g${'?'.repeat(90)}g*#!`)).toBe('unknown');
    expect(kindOf(stepLimit(), ...TANGLED)).toBe('unknown');
  });

  it('reports nothing as impossible that it did not search completely', () => {
    const shape = [one('hex'), one('hex'), ...text('x')];
    const wanted = { all: [is('sub', '*y')], none: [] };
    const whole = stepLimit();
    expect(findToken(shape, wanted, null, whole).kind).toBe('none');
    for (let most = 0; most < whole.spent(); most += 1) {
      expect(findToken(shape, { ...wanted, all: [is('sub', '*y')] }, null, stepLimit(most)).kind).toBe(
        'unknown',
      );
    }
  });

  it('returns no result once the limit of the role is exceeded', () => {
    const limit = stepLimit(10);
    limit.spend(11);
    expect(findToken(text('ab'), { all: [is('sub', 'ab')], none: [] }, null, limit).kind).toBe('unknown');
  });
});
