/** Values that cannot match any subject of a shape by what they begin or end with: most can be put aside without a search. */
import { foldCase } from './condition';
import type { Test } from './condition';
import type { SubjectPart, Claim } from './tokens';

/** Whether a test of the subject may pass for a text of the shape. False only if none of its values can match one. */
export function mayPass(test: Test<Claim>, shape: readonly SubjectPart[]): boolean {
  if (test.claim !== 'sub' || test.negated) return true;
  return test.values.some((value) => {
    const characters = Array.from(value);
    return (
      beginsLike(test, characters, shape) && beginsLike(test, [...characters].reverse(), [...shape].reverse())
    );
  });
}

/** As far as neither the value nor the shape leaves open how many characters there are. */
function beginsLike(
  { comparison }: Pick<Test<Claim>, 'comparison'>,
  characters: readonly string[],
  shape: readonly SubjectPart[],
): boolean {
  for (const [at, character] of characters.entries()) {
    const part = shape[at];
    if (comparison === 'like' && character === '*') return true;
    if (part === undefined) return false;
    if (part.repeat) return true;
    if (comparison === 'like' && character === '?') continue;
    const isFolded = comparison === 'ignore-case';
    if (!admits(part, isFolded ? foldCase(character) : character)) return false;
  }
  return true;
}

function admits({ characters }: SubjectPart, character: string): boolean {
  // The issuer's org may be written in capitals. Case is left to the search.
  if (typeof characters === 'object') return foldCase(characters.literal) === foldCase(character);
  return characters !== 'hex' || /^[0-9a-f]$/.test(character);
}
