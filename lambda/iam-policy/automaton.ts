/** Values of conditions as DFAs, so that a search covers all texts at once. */
import { foldCase } from '../text/ascii';
import type { Comparison } from './condition';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';

/** A state of the DFA. Two texts that lead to the same state are equivalent for everything that follows. */
export interface GlobState {
  /** Unique within its DFA. */
  readonly id: number;
  /** The text read so far matches. */
  readonly accepting: boolean;
  /** Whatever follows, the text will not match. */
  readonly dead: boolean;
  /** The characters with transitions of their own; all others share one. */
  readonly awaited: readonly string[];
}

/** The DFA of a test's values. It reads a text character by character. */
export interface Automaton {
  readonly start: GlobState;
  readonly step: (state: GlobState, character: string) => GlobState;
}

type GlobToken = { readonly character: string } | 'any' | 'many' | 'end';

/** The positions of the tokens that a state expects next, and its transitions so far. */
interface AutomatonNode {
  readonly positions: readonly number[];
  readonly awaited: ReadonlySet<string>;
  readonly moves: Map<string, GlobState>;
}

/** The key of the transition for all characters that a state does not await. */
const OTHERS = '';

/** The cost of a new state in steps, in addition to its positions. */
const STEPS_OF_A_STATE = 16;

/**
 * Compiles values, of which any may match, into one DFA; only `like` has wildcards. States are created when a
 * text first leads to them, and cached. Values with a common beginning, or whose first characters differ, as
 * ids do, have fewer states together than each by itself. Crafted values that begin with wildcards may have
 * any number: a caller checks the step limit.
 */
export function automaton(
  values: readonly string[],
  comparison: Comparison,
  limit: StepLimit = stepLimit(),
): Automaton {
  const tokens = values.flatMap((value) => tokensOf(value, comparison));
  limit.spend(tokens.length);
  const ending = tokens.findIndex((_, position) => isLast(tokens, position));
  const ignoreCase = comparison === 'ignore-case';
  const known = new Map<string, GlobState>();
  const nodes: AutomatonNode[] = [];
  const stateAt = (reached: readonly number[]): GlobState => {
    const positions = closure(tokens, reached, ending);
    limit.spend(reached.length + positions.length + STEPS_OF_A_STATE);
    const key = positions.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const state = describeState(tokens, positions, { id: nodes.length, ignoreCase });
    known.set(key, state);
    nodes.push({ positions, awaited: new Set(state.awaited), moves: new Map() });
    return state;
  };
  const step = (state: GlobState, character: string): GlobState => {
    limit.spend(1);
    const node = nodes[state.id];
    if (node === undefined) return state;
    const folded = ignoreCase ? foldCase(character) : character;
    const read = node.awaited.has(folded) ? folded : OTHERS;
    const moved = node.moves.get(read);
    if (moved !== undefined) return moved;
    limit.spend(node.positions.length);
    const next = stateAt(advance(tokens, node.positions, folded));
    node.moves.set(read, next);
    return next;
  };
  const beginnings = tokens.flatMap((_, position) =>
    position === 0 || tokens[position - 1] === 'end' ? [position] : [],
  );
  return { start: stateAt(beginnings), step };
}

const WILDCARDS: ReadonlyMap<string, GlobToken> = new Map([
  ['*', 'many'],
  ['?', 'any'],
]);

/** One token per character, `any` for `?`, `many` for any number of `*`; then the end. */
function tokensOf(value: string, comparison: Comparison): readonly GlobToken[] {
  const literal = (character: string): GlobToken => ({ character });
  if (comparison !== 'like') {
    return [...Array.from(comparison === 'ignore-case' ? foldCase(value) : value, literal), 'end'];
  }
  const single = value.replaceAll(/\*+/g, '*');
  return [...Array.from(single, (character) => WILDCARDS.get(character) ?? literal(character)), 'end'];
}

function describeState(
  tokens: readonly GlobToken[],
  positions: readonly number[],
  { id, ignoreCase }: { readonly id: number; readonly ignoreCase: boolean },
): GlobState {
  const awaited = positions.flatMap((position) => {
    const token = tokens[position];
    if (typeof token !== 'object') return [];
    return ignoreCase ? [token.character, capital(token.character)] : [token.character];
  });
  const accepting = positions.some((position) => tokens[position] === 'end');
  return { id, accepting, dead: positions.length === 0, awaited: [...new Set(awaited)] };
}

/** The capital of an ASCII letter; of another character, itself. */
const capital = (character: string): string =>
  /^[a-z]$/.test(character) ? character.toUpperCase() : character;

function advance(
  tokens: readonly GlobToken[],
  positions: readonly number[],
  read: string,
): readonly number[] {
  return positions.flatMap((position) => {
    const token = tokens[position];
    if (token === 'many') return [position];
    const isRead = token === 'any' || (typeof token === 'object' && token.character === read);
    return isRead ? [position + 1] : [];
  });
}

/** A `*` at the end of a value: whatever follows matches. */
const isLast = (tokens: readonly GlobToken[], position: number): boolean =>
  tokens[position] === 'many' && tokens[position + 1] === 'end';

/**
 * `*` also matches the empty text, so the position after it is included at once. If it is the last of a
 * value, nothing that follows changes the result: then no other position is needed, and the first such
 * position (`ending`) represents all.
 */
function closure(
  tokens: readonly GlobToken[],
  reached: readonly number[],
  ending: number,
): readonly number[] {
  const positions = [
    ...new Set(
      reached.flatMap((position) => (tokens[position] === 'many' ? [position, position + 1] : [position])),
    ),
  ];
  return positions.some((position) => isLast(tokens, position)) ? [ending, ending + 1] : positions;
}
