/** Values whose beginning or end excludes every subject of a form: most need no search. */
import { casesOf, foldCase } from '../text/ascii';
import type { Test } from './condition';
import { SUB } from './tokens';
import type { Claim, ShapePart } from './tokens';

/** Whether a test of the subject may pass for one of these. False only if none of its values can match one. */
export function mayPass(test: Test<Claim>, subject: readonly ShapePart[]): boolean {
  if (test.claim !== SUB || test.negated) return true;
  return test.values.some((value) => {
    const characters = Array.from(value);
    return (
      beginsLike(test, characters, subject) &&
      beginsLike(test, [...characters].reverse(), [...subject].reverse())
    );
  });
}

/** Compares as far as the number of characters is fixed in both the value and the subject. */
function beginsLike(
  { comparison }: Pick<Test<Claim>, 'comparison'>,
  characters: readonly string[],
  subject: readonly ShapePart[],
): boolean {
  for (const [at, character] of characters.entries()) {
    const part = subject[at];
    if (comparison === 'like' && character === '*') return true;
    if (part === undefined) return false;
    if (part.repeat) return true;
    if (comparison === 'like' && character === '?') continue;
    if (!admits(part, character, comparison === 'ignore-case')) return false;
  }
  return true;
}

function admits({ characters }: ShapePart, character: string, isFolded: boolean): boolean {
  // A fixed text may be written in capitals. The search compares the case.
  if (typeof characters === 'string') return foldCase(characters) === foldCase(character);
  return characters.has(character) || (isFolded && casesOf(character).some(characters.has));
}
