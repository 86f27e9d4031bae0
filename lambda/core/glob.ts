/** Values of conditions as automata, so that a search can feel its way through all texts at once. */
import type { Comparison } from './condition';

/** A compiled value. Tokens: a character, or `any` for `?`, or `many` for `*`. */
export interface Glob {
  readonly tokens: readonly ({ readonly character: string } | 'any' | 'many')[];
  readonly ignoreCase: boolean;
}

/** The places in a glob that a text read so far can have led to, ascending. Empty: nothing that follows matches. */
export type GlobState = readonly number[];

/** Compiles a value; only `like` has wildcards. */
export function compileGlob(value: string, comparison: Comparison): Glob {
  const ignoreCase = comparison === 'ignore-case';
  const tokens = Array.from(ignoreCase ? value.toLowerCase() : value).map((character) => {
    if (comparison === 'like' && character === '*') return 'many' as const;
    return comparison === 'like' && character === '?' ? ('any' as const) : { character };
  });
  return { tokens, ignoreCase };
}

/** Before the first character. */
export const startOf = (glob: Glob): GlobState => closure(glob, [0]);

/** After one more character. */
export function step(glob: Glob, state: GlobState, character: string): GlobState {
  const read = glob.ignoreCase ? character.toLowerCase() : character;
  const next = state.flatMap((place) => {
    const token = glob.tokens[place];
    if (token === undefined) return [];
    if (token === 'many') return [place];
    return token === 'any' || token.character === read ? [place + 1] : [];
  });
  return closure(glob, next);
}

/** Whether the text read so far matches. */
export const accepts = (glob: Glob, state: GlobState): boolean => state.includes(glob.tokens.length);

/** The characters that a glob would treat otherwise than all others. */
export const awaited = (glob: Glob, state: GlobState): readonly string[] =>
  state.flatMap((place) => {
    const token = glob.tokens[place];
    if (token === undefined || token === 'any' || token === 'many') return [];
    return glob.ignoreCase ? [token.character, token.character.toUpperCase()] : [token.character];
  });

/** `*` also matches nothing, so what stands behind it is reached at once. */
function closure(glob: Glob, places: readonly number[]): GlobState {
  const all = new Set<number>();
  for (const place of places) {
    all.add(place);
    for (let at = place; glob.tokens[at] === 'many'; at += 1) all.add(at + 1);
  }
  return [...all].sort((a, b) => a - b);
}
