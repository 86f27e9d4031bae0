/** Texts of any characters. */
import fc from 'fast-check';

/** No character has them: they are halves of one. */
const HALVES = { first: 0xd800, amount: 0x800 };

/** fast-check's own unit `binary` is the same, but takes a list of all million characters before the first text. */
const anyCharacter = fc.nat(0x10ffff - HALVES.amount).map(
  (nth) => String.fromCodePoint(nth < HALVES.first ? nth : nth + HALVES.amount),
  (character) => nthOf(character),
);

function nthOf(character: unknown): number {
  const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
  if (point === undefined || String.fromCodePoint(point) !== character) throw new NoCharacter();
  return point < HALVES.first ? point : point - HALVES.amount;
}

/** What fast-check expects of a text that this cannot have made. */
class NoCharacter extends Error {}

/** Any text without lone surrogates, names that programs stumble over (`__proto__`) among them. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: anyCharacter });

/** A path's segment, a query or a fragment: plain, or escaped. */
const piece = fc.oneof(fc.stringMatching(/^[a-z0-9._~!$&'()*+,;=:@-]*$/), anyText.map(encodeURIComponent));
const perhaps = (mark: string): fc.Arbitrary<string> =>
  fc.option(piece, { nil: null }).map((text) => (text === null ? '' : mark + text));

/** A URL as the standard has it. fast-check's own would take that list, too. */
export const anyUrl = (...schemes: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...schemes),
      fc.webAuthority({ withPort: true }),
      fc.array(piece, { maxLength: 5 }),
      perhaps('?'),
      perhaps('#'),
    )
    .map(
      ([scheme, authority, path, query, fragment]) =>
        `${scheme}://${authority}/${path.join('/')}${query}${fragment}`,
    );
