import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Test } from '../../lambda/iam-policy/condition';
import { mayPass } from '../../lambda/iam-policy/affixes';
import { findToken } from '../../lambda/iam-policy/search';
import type { SubjectPart, Claim } from '../../lambda/iam-policy/tokens';
import { taking } from '../support/cases';

const cells: fc.Arbitrary<SubjectPart> = fc.record({
  characters: fc.oneof(
    fc.constantFrom('hex' as const, 'any' as const),
    fc.constantFrom('a', 'b', '/', 'K', 'x').map((literal) => ({ literal })),
  ),
  repeat: fc.boolean(),
  part: fc.constant(null),
});
/** Only parts of any character repeat. */
const shapes = fc
  .array(cells, { minLength: 1, maxLength: 6 })
  .map((all) => all.map((cell) => ({ ...cell, repeat: cell.repeat && cell.characters === 'any' })));
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
      expect(findToken(shape, { all: [test], none: [] }, null)).toEqual({ kind: 'none' });
    }),
    cases,
  );
  expect(aside).toBeGreaterThan(cases.numRuns / 32);
});

it('a subject is excluded by its prefix, or by its suffix', () => {
  const literal = (text: string): readonly SubjectPart[] =>
    Array.from(text, (each) => ({ characters: { literal: each }, repeat: false, part: null }));
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
