import { describe, expect, it } from '@jest/globals';
import { correctedList, isThumbprint, missingFrom } from '../../lambda/x509/thumbprint';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

describe('thumbprints', () => {
  it.each([
    [A, true],
    [A.toUpperCase(), true],
    [`${A}a`, false],
    [`a${A}`, false],
    [` ${A}`, false],
    [A.slice(1), false],
    [`g${A.slice(1)}`, false],
  ])('include %s: %s', (text, is) => {
    expect(isThumbprint(text)).toBe(is);
  });

  it('are sent to IAM only if it accepts them, once, in their order', () => {
    expect(correctedList([B.toUpperCase(), 'ab:cd', A], [A, 'c'.repeat(40)])).toEqual([B, A, 'c'.repeat(40)]);
  });

  it('are missing only if no spelling of them is listed', () => {
    expect(missingFrom([(A.match(/../g) ?? []).join(':').toUpperCase()], [A, B])).toEqual([B]);
  });
});
