import { PRINTABLE, closed } from '../../lambda/iam-policy/alphabet';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Test } from '../../lambda/iam-policy/condition';
import { mayPass } from '../../lambda/iam-policy/affixes';
import { findText } from '../../lambda/iam-policy/search';
import type { Claim, ShapePart } from '../../lambda/iam-policy/tokens';
import { taking } from '../support/cases';

const HEX = closed('0123456789abcdef');
const positions: fc.Arbitrary<ShapePart> = fc.record({
  characters: fc.constantFrom(HEX, PRINTABLE, 'a', 'b', '/', 'K', 'x'),
  repeat: fc.boolean(),
  claims: fc.constant(['sub']),
});
/** Only parts of any character repeat. */
const shapes = fc
  .array(positions, { minLength: 1, maxLength: 6 })
  .map((all) => all.map((one) => ({ ...one, repeat: one.repeat && one.characters === PRINTABLE })));
const values = fc.array(fc.constantFrom('a', 'b', '0', '/', 'k', 'K', '\u212a', 'x', '*', '?'), {
  maxLength: 7,
});
const tests = fc.record<Test<Claim>>({
  claim: fc.constantFrom('sub', 'project'),
  comparison: fc.constantFrom('like', 'exact', 'ignore-case'),
  values: fc.array(
    values.map((all) => all.join('')),
    { minLength: 1, maxLength: 2 },
  ),
  negated: fc.boolean(),
});

it('a test is skipped only if the search finds nothing', () => {
  let aside = 0;
  const cases = taking(400);
  fc.assert(
    fc.property(tests, shapes, (test, shape) => {
      if (mayPass(test, shape)) return;
      aside += 1;
      expect(findText(shape, { all: [test], none: [] })).toEqual({ kind: 'none' });
    }),
    cases,
  );
  expect(aside).toBeGreaterThan(cases.numRuns / 32);
});

it('a subject is excluded by its prefix, or by its suffix', () => {
  const literal = (text: string): readonly ShapePart[] =>
    Array.from(text, (characters) => ({ characters, repeat: false, claims: ['sub'] }));
  const may = (value: string): boolean =>
    mayPass({ claim: 'sub', comparison: 'like', values: [value], negated: false }, literal('org/main'));
  expect(['org/*', '*/main', 'org?main', 'o*n', '*'].map(may)).toEqual([true, true, true, true, true]);
  expect(['repo:*', '*/dev', 'org/main/*x', 'org/mainx', 'x*n'].map(may)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
