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

/** The values of a test, which read a text together, character by character. */
export interface Automaton {
  readonly start: GlobState;
  readonly step: (state: GlobState, character: string) => GlobState;
  /** It keeps as much as it may, so that what a step says from now on is worth nothing. */
  readonly isFull: () => boolean;
}

type Token = { readonly character: string } | 'any' | 'many' | 'end';

/** The tokens that a state stands before, and where characters have led from it. */
interface Node {
  readonly places: readonly number[];
  readonly moves: Map<string, GlobState>;
}

/** Of all characters that a state does not await. */
const OTHERS = '';

/**
 * What one automaton may keep: some megabytes. Forty projects in one condition are 32,000 places; values that begin with
 * wildcards, and are made for it, would fill any memory. A state has a size of its own, too.
 */
const MOST_PLACES = 300_000;
const PLACES_OF_A_STATE = 16;

/**
 * Compiles values, of which any may match; only `like` has wildcards. States come into being when a text leads there,
 * and are kept. Of values that begin alike or differ at once, as ids do, all together have fewer than each by itself.
 */
export function automaton(values: readonly string[], comparison: Comparison): Automaton {
  const tokens = values.flatMap((value) => tokensOf(value, comparison));
  const ignoreCase = comparison === 'ignore-case';
  const known = new Map<string, GlobState>();
  const nodes: Node[] = [];
  let kept = 0;
  const isFull = (): boolean => kept > MOST_PLACES;
  const stateAt = (reached: readonly number[]): GlobState => {
    const places = closure(tokens, reached);
    const key = places.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const state = describe(tokens, places, { id: nodes.length, ignoreCase });
    known.set(key, state);
    nodes.push({ places, moves: new Map() });
    kept += places.length + PLACES_OF_A_STATE;
    return state;
  };
  const step = (state: GlobState, character: string): GlobState => {
    const node = nodes[state.id];
    if (node === undefined || isFull()) return state;
    const folded = ignoreCase ? foldCase(character) : character;
    const read = state.awaited.includes(folded) ? folded : OTHERS;
    const next = node.moves.get(read) ?? stateAt(follow(tokens, node.places, folded));
    node.moves.set(read, next);
    return next;
  };
  const beginnings = tokens.flatMap((_, place) =>
    place === 0 || tokens[place - 1] === 'end' ? [place] : [],
  );
  return { start: stateAt(beginnings), step, isFull };
}

const WILDCARDS: ReadonlyMap<string, Token> = new Map([
  ['*', 'many'],
  ['?', 'any'],
]);

/** One character a token, `any` for `?`, `many` for any number of `*`; then the end. */
function tokensOf(value: string, comparison: Comparison): readonly Token[] {
  const literal = (character: string): Token => ({ character });
  if (comparison !== 'like') {
    return [...Array.from(comparison === 'ignore-case' ? foldCase(value) : value, literal), 'end'];
  }
  const single = value.replaceAll(/\*+/g, '*');
  return [...Array.from(single, (character) => WILDCARDS.get(character) ?? literal(character)), 'end'];
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
  const accepting = places.some((place) => tokens[place] === 'end');
  return { id, accepting, dead: places.length === 0, awaited: [...new Set(awaited)] };
}

/**
 * Letters that have a small form and are not its usual capital, or whose small form has none that is one letter, by
 * that form. No two have the same.
 */
const OTHER_CAPITALS: ReadonlyMap<string, string> = new Map(
  Array.from('ǅǈǋǲϴẞᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ\u2126\u212a\u212b', (letter) => [foldCase(letter), letter]),
);

/** All letters that are folded to a folded one: itself, its capital where it has one, and for some another capital. */
function spellings(letter: string): readonly string[] {
  const capital = letter.toUpperCase();
  const other = OTHER_CAPITALS.get(letter);
  return [
    letter,
    ...(foldCase(capital) === letter ? [capital] : []),
    ...(other === undefined ? [] : [other]),
  ];
}

function follow(tokens: readonly Token[], places: readonly number[], read: string): readonly number[] {
  return places.flatMap((place) => {
    const token = tokens[place];
    if (token === 'many') return [place];
    const isRead = token === 'any' || (typeof token === 'object' && token.character === read);
    return isRead ? [place + 1] : [];
  });
}

/**
 * `*` also matches nothing, so what stands behind it is reached at once. Where it is the last of a value, nothing that
 * follows makes a difference any more: then no other place is needed, and the first such place stands for all.
 */
function closure(tokens: readonly Token[], reached: readonly number[]): readonly number[] {
  const places = [
    ...new Set(reached.flatMap((place) => (tokens[place] === 'many' ? [place, place + 1] : [place]))),
  ];
  const isLast = (place: number): boolean => tokens[place] === 'many' && tokens[place + 1] === 'end';
  if (!places.some(isLast)) return places;
  const first = tokens.findIndex((_, place) => isLast(place));
  return [first, first + 1];
}
