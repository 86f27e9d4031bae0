/** Values whose beginning or end excludes every subject of a shape: most need no search. */
import { foldCase } from '../text/ascii';
import type { Test } from './condition';
import type { SubjectPart, Claim } from './tokens';

/**
 * Whether a test of the subject may pass for a text of the shape. False only if none of its values can match
 * one.
 */
export function mayPass(test: Test<Claim>, shape: readonly SubjectPart[]): boolean {
  if (test.claim !== 'sub' || test.negated) return true;
  return test.values.some((value) => {
    const characters = Array.from(value);
    return (
      beginsLike(test, characters, shape) && beginsLike(test, [...characters].reverse(), [...shape].reverse())
    );
  });
}

/** Compares as far as the number of characters is fixed in both the value and the shape. */
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
  // The issuer's org may be written in capitals. The search compares the case.
  if (typeof characters === 'object') return foldCase(characters.literal) === foldCase(character);
  return characters !== 'hex' || /^[0-9a-f]$/.test(character);
}
