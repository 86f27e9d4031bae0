import { PRINTABLE, closed } from '../../lambda/iam-policy/alphabet';
import { describe, expect, it } from '@jest/globals';
import type { Test } from '../../lambda/iam-policy/condition';
import { stepLimit } from '../../lambda/iam-policy/step-limit';
import type { StepLimit } from '../../lambda/iam-policy/step-limit';
import { findExample, findText } from '../../lambda/iam-policy/search';
import type { Wanted } from '../../lambda/iam-policy/search';
import type { Claim, ShapePart } from '../../lambda/iam-policy/tokens';
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

/** The steps that a search takes, and its result. */
function costOf(
  shape: readonly ShapePart[],
  wanted: Wanted,
  max = Infinity,
): { readonly steps: number; readonly kind: string } {
  const limit = stepLimit(max);
  const { kind } = findText(shape, wanted, limit);
  return { steps: limit.spent(), kind };
}

const hexes = (amount: number, ...claims: readonly Claim[]): readonly ShapePart[] =>
  Array.from({ length: amount }, () => hex(...claims));

describe('findText does not read on', () => {
  it.each<[string, (shape: readonly ShapePart[]) => Wanted]>([
    ['no value of a test can match any more', () => ({ all: [is('sub', 'x*')], none: [] })],
    ['the claim of a test that fails has ended', () => ({ all: [isNot('id', ...HEX)], none: [] })],
    [
      'the claims of all tests of a list have ended, and all pass',
      () => ({ all: [], none: [[is('id', ...HEX), isNot('id', 'g')]] }),
    ],
    [
      'all tests of a list will pass, whatever follows',
      () => ({ all: [], none: [[isNot('sub', 'x*'), isNot('sub', 'y*')]] }),
    ],
  ])('if %s', (_, wantedFor) => {
    const [short, long] = [10, 1_000].map((amount) => {
      const shape = [hex('id'), ...hexes(amount)];
      return costOf(shape, wantedFor(shape));
    });
    expect(short?.kind).toBe('none');
    expect(long).toEqual(short);
  });

  it.each<[string, Wanted]>([
    ['a test that no value fails any more', { all: [isNot('sub', 'x*')], none: [] }],
    ['a test that passes, whose claim has ended', { all: [is('id', ...HEX)], none: [] }],
    ['one test of a list that passes', { all: [], none: [[is('id', ...HEX), is('sub', '*f')]] }],
    ['one test of a list that fails', { all: [], none: [[is('sub', '*'), is('sub', 'x*')]] }],
    ['a list that is not read to its end', { all: [], none: [[is('sub', '*'), is('id', ...HEX.slice(1))]] }],
  ])('but does because of %s', (_, wanted) => {
    expect(costOf([hex('id'), ...hexes(20)], wanted).kind).toBe('text');
  });
});

describe('findText takes few steps', () => {
  it('for characters that the shape fixes: it reads them without a choice', () => {
    const steps = (length: number): number =>
      costOf(text('a'.repeat(length)), { all: [is('sub', '*')], none: [] }).steps;
    expect((steps(1_000) - steps(500)) / 500).toBeLessThanOrEqual(3);
  });

  it('for parts of which only one character is possible', () => {
    const only = Array.from({ length: 500 }, () => one(closed('a')));
    const fixed = costOf(text('a'.repeat(500)), { all: [is('sub', '*')], none: [] }).steps;
    // One step more: the question for the characters that conditions await.
    expect(costOf(only, { all: [is('sub', '*')], none: [] }).steps).toBeLessThanOrEqual(fixed + 500);
  });

  it('and more for each test', () => {
    const steps = (amount: number): number =>
      costOf(hexes(100), { all: Array.from({ length: amount }, () => is('sub', '*7')), none: [] }).steps;
    const ofOne = steps(2) - steps(1);
    expect(ofOne).toBeGreaterThan(100 * 3);
    expect(Math.abs(steps(12) - steps(2) - 10 * ofOne)).toBeLessThan(ofOne);
  });

  it('in each run of a search', () => {
    const counted = (amount: number): number =>
      costOf(hexes(50), { all: [], none: Array.from({ length: amount }, () => [is('sub', 'x*')]) }).steps;
    expect(counted(20)).toBeGreaterThan(counted(10));
    expect(counted(10)).toBeGreaterThan(counted(1));
  });
});

describe('findText at its limit', () => {
  it('returns no text that it did not find within the limit', () => {
    const shape = [hex(), hex(), ...text('x')];
    const { steps, kind } = costOf(shape, { all: [is('sub', '*7x')], none: [] });
    expect(kind).toBe('text');
    for (let most = 0; most < steps; most += 1)
      expect(costOf(shape, { all: [is('sub', '*7x')], none: [] }, most).kind).toBe('unknown');
    expect(costOf(shape, { all: [is('sub', '*7x')], none: [] }, steps).kind).toBe('text');
  });

  it('reads no fixed text to its end', () => {
    const { steps, kind } = costOf(text('a'.repeat(10_000)), { all: [is('sub', '*')], none: [] }, 100);
    expect(kind).toBe('unknown');
    expect(steps).toBeLessThan(200);
  });

  it('tries none of thousands of characters', () => {
    const letters = Array.from({ length: 2_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
    const wanted = (): Wanted => ({ all: [is('sub', ...letters.map((letter) => `${letter}x`))], none: [] });
    const shape = [ANY, ANY];
    expect(costOf(shape, wanted()).kind).toBe('text');
    // Enough to compile the values and to ask which characters they await, and no more.
    const { steps, kind } = costOf(shape, wanted(), 12_000);
    expect(kind).toBe('unknown');
    expect(steps).toBeLessThan(20_000);
  });
});

describe('findText with tests of the issuer', () => {
  it('finds only texts that pass them, too', () => {
    const certain = [isNot('sub', '*7')];
    const result = findText([hex()], { all: [isNot('sub', ...HEX.slice(0, 7))], certain, none: [] });
    expect(result.kind === 'text' ? result.claims.get('sub') : result.kind).toBe('8');
    expect(findText([hex()], { all: [is('sub', '7')], certain, none: [] }).kind).toBe('none');
  });

  it('counts no step for their DFAs', () => {
    const costly = (): Test<Claim> => isNot('sub', ...HEX.map((digit) => `*${digit}${'?'.repeat(6)}x*`));
    const shape = hexes(40);
    const own = costOf(shape, { all: [costly()], none: [] }).steps;
    expect(costOf(shape, { all: [], certain: [costly()], none: [] }).steps).toBeLessThan(own / 2);
  });
});

describe('the order of a search', () => {
  it('is by what conditions await, to find any text soonest', () => {
    expect(found(hexes(6), [is('sub', '*7')])).toBe('777777');
    expect(found([MORE, ANY], [is('sub', '*7')])).toBe('7');
  });

  it('is by length for an example, and by ordinary characters among those of one length', () => {
    const example = (shape: readonly ShapePart[], all: Wanted['all']): string => {
      const result = findExample(shape, { all, none: [] });
      return result.kind === 'text' ? (result.claims.get('sub') ?? '') : result.kind;
    };
    expect(example([MORE, ...text('!')], [is('sub', '*x*')])).toBe('x!');
    expect(example([ANY, MORE], [is('sub', '*x?z')])).toBe('xaz');
    expect(example(hexes(6), [is('sub', '*7')])).toBe('000007');
    expect(example(text('ab'), [is('sub', 'b*')])).toBe('none');
  });

  it('is by ordinary characters if there are too many texts to find the shortest', () => {
    const letters = LETTERS.slice(2, 18);
    const result = findExample([ANY, MORE], {
      all: letters.map((letter) => is('sub', `*${letter}*`)),
      none: [],
    });
    const example = result.kind === 'text' ? (result.claims.get('sub') ?? '') : result.kind;
    expect(example).toBe(`a${letters.join('')}`);
  });
});

describe('a shape', () => {
  it('may repeat one character, any number of times', () => {
    const shape = [{ ...one('x'), repeat: true }, ...text('y')];
    expect(found(shape, [is('sub', 'y')])).toBe('y');
    expect(found(shape, [is('sub', 'xxx*')])).toBe('xxxy');
    expect(found(shape, [is('sub', 'z*')])).toBe('none');
  });

  it('has no text if an alphabet has no character', () => {
    expect(found([one(closed(''))], [])).toBe('none');
    expect(found([...text('a'), one(closed('')), ...text('b')], [is('sub', '*')])).toBe('none');
  });

  it('has only characters of its alphabets, also where conditions await others', () => {
    expect(found([hex()], [is('sub', 'g', '*')])).toMatch(/^[0-9a-f]$/);
    expect(found([one(closed('ab'))], [isNot('sub', 'a')])).toBe('b');
    expect(found([one(closed('ab'))], [isNot('sub', 'a', 'b')])).toBe('none');
  });

  it('may have claims that no part belongs to: their tests see no text', () => {
    expect(found([hex()], [is('elsewhere', '*')])).toMatch(/^[0-9a-f]$/);
    expect(found([hex()], [is('elsewhere', '?*')])).toBe('none');
    expect(found([hex()], [isNot('elsewhere', '?*')])).toMatch(/^[0-9a-f]$/);
  });
});
