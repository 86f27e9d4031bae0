/** Values of conditions as automata, so that a search can feel its way through all texts at once. */
import { foldCase } from './condition';
import type { Comparison } from './condition';

/** Where a text read so far has led. Two texts that led to the same state are alike for all that follows. */
export interface GlobState {
  /** Unique within its automaton. */
  readonly id: number;
  /** The text read so far matches. */
  readonly accepting: boolean;
  /** Whatever follows, the text will not match. */
  readonly dead: boolean;
  /** The characters that lead elsewhere than all others do. */
  readonly awaited: readonly string[];
}

/** A value that reads a text character by character. */
export interface Automaton {
  readonly start: GlobState;
  readonly step: (state: GlobState, character: string) => GlobState;
}

type Token = { readonly character: string } | 'any' | 'many';

/** Compiles a value; only `like` has wildcards. States come into being when a text leads there. */
export function automaton(value: string, comparison: Comparison): Automaton {
  const tokens = tokensOf(value, comparison);
  const ignoreCase = comparison === 'ignore-case';
  const known = new Map<string, GlobState>();
  const placesOf = new Map<GlobState, readonly number[]>();
  const moves = new Map<GlobState, Map<string, GlobState>>();
  const stateAt = (places: readonly number[]): GlobState => {
    const key = places.join();
    const state = known.get(key) ?? describe(tokens, places, { id: known.size, ignoreCase });
    known.set(key, state);
    placesOf.set(state, places);
    return state;
  };
  const step = (state: GlobState, character: string): GlobState => {
    const folded = ignoreCase ? foldCase(character) : character;
    const read = state.awaited.includes(folded) ? folded : '';
    const from = moves.get(state) ?? new Map<string, GlobState>();
    const places = placesOf.get(state) ?? [];
    const next = from.get(read) ?? stateAt(follow(tokens, places, folded));
    moves.set(state, from.set(read, next));
    return next;
  };
  return { start: stateAt(closure(tokens, [0])), step };
}

/** One character a token, `any` for `?`, `many` for `*`. */
function tokensOf(value: string, comparison: Comparison): readonly Token[] {
  const text = comparison === 'ignore-case' ? foldCase(value) : value;
  return Array.from(text).map((character) => {
    if (comparison === 'like' && character === '*') return 'many';
    return comparison === 'like' && character === '?' ? 'any' : { character };
  });
}

function describe(
  tokens: readonly Token[],
  places: readonly number[],
  { id, ignoreCase }: { readonly id: number; readonly ignoreCase: boolean },
): GlobState {
  const awaited = places.flatMap((place) => {
    const token = tokens[place];
    if (typeof token !== 'object') return [];
    return ignoreCase ? spellings(token.character) : [token.character];
  });
  return { id, accepting: places.includes(tokens.length), dead: places.length === 0, awaited };
}

/**
 * Letters that have a small form and are not its usual capital, or whose small form has none that is one letter, by
 * that form. No two have the same.
 */
const OTHER_CAPITALS: ReadonlyMap<string, string> = new Map(
  Array.from('ǅǈǋǲϴẞᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ\u2126\u212a\u212b', (letter) => [foldCase(letter), letter]),
);

/** All letters that are folded to a folded one: itself, its capital, and for some another capital. */
function spellings(letter: string): readonly string[] {
  const capital = letter.toUpperCase();
  const other = OTHER_CAPITALS.get(letter);
  return [
    letter,
    ...(capital !== letter && foldCase(capital) === letter ? [capital] : []),
    ...(other === undefined ? [] : [other]),
  ];
}

function follow(tokens: readonly Token[], places: readonly number[], read: string): readonly number[] {
  const next = places.flatMap((place) => {
    const token = tokens[place];
    if (token === undefined) return [];
    if (token === 'many') return [place];
    return token === 'any' || token.character === read ? [place + 1] : [];
  });
  return closure(tokens, next);
}

/** `*` also matches nothing, so what stands behind it is reached at once. Ascending. */
function closure(tokens: readonly Token[], places: readonly number[]): readonly number[] {
  const all = new Set(places);
  for (const place of all) if (tokens[place] === 'many') all.add(place + 1);
  return [...all].sort((a, b) => a - b);
}
