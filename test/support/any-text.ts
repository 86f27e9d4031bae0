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
