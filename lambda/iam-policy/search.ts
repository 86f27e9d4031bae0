/**
 * Decides whether a text of a shape passes a set of tests. Every test is a DFA, and the search runs all of
 * them in parallel over all texts of the shape. Characters with the same transitions in every DFA are
 * equivalent, so that the answer holds for all texts and not for samples.
 */
import type { Test } from './condition';
import { automaton } from './automaton';
import type { Automaton, GlobState } from './automaton';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import type { Alphabet } from './grammar';
import type { Claim, ShapePart } from './tokens';

/**
 * All of `all` must pass, and of each list in `none` at least one must fail. Audiences are decided before.
 */
export interface Wanted {
  readonly all: readonly Test<Claim>[];
  /** As `all`: tests of the issuer, which all its roles share. Their DFAs are no cost of a role. */
  readonly certain?: readonly Test<Claim>[];
  readonly none: readonly (readonly Test<Claim>[])[];
}

/** The claims of a text that passes; or none does; or the step limit was reached before that was certain. */
export type FoundText =
  | { readonly kind: 'text'; readonly claims: ReadonlyMap<Claim, string> }
  | { readonly kind: 'none' | 'unknown' };

/** A test, with its values as one DFA. */
interface Machine {
  /** The index of its state among those of all. */
  readonly at: number;
  readonly claim: Claim;
  readonly reader: Automaton;
  readonly negated: boolean;
  /** The position at which the claim has been read to its end. */
  readonly settled: number;
}

interface TextSearch {
  readonly shape: readonly ShapePart[];
  readonly machines: readonly Machine[];
  readonly all: readonly Machine[];
  readonly none: readonly (readonly Machine[])[];
  readonly limit: StepLimit;
}

interface SearchNode {
  readonly index: number;
  /** One state of each machine. */
  readonly states: readonly GlobState[];
  /** The character that was read last, and the node before it. */
  readonly character: string;
  readonly claims: readonly Claim[];
  readonly before: SearchNode | null;
}

/** Looking for a short text takes longer: it is an example for people. */
const MAX_STEPS_OF_EXAMPLE = 100_000;

/** A text for people, if `findText` has found any: the shortest, or one of ordinary characters. */
export function findExample(shape: readonly ShapePart[], wanted: Wanted): FoundText {
  const shortest = search(shape, wanted, stepLimit(MAX_STEPS_OF_EXAMPLE), 'shortest');
  return shortest.kind === 'text'
    ? shortest
    : search(shape, wanted, stepLimit(MAX_STEPS_OF_EXAMPLE), 'ordinary');
}

/** Looks for a text of the shape. If the step limit is exceeded, the search ends, and no result of it counts. */
export const findText = (
  shape: readonly ShapePart[],
  wanted: Wanted,
  limit: StepLimit = stepLimit(),
): FoundText => search(shape, wanted, limit, 'any');

/** What to try first. `any`: what conditions await next, since that leads to a text soonest. */
type Preference = 'any' | 'ordinary' | 'shortest';

function search(
  shape: readonly ShapePart[],
  wanted: Wanted,
  limit: StepLimit,
  preference: Preference,
): FoundText {
  if (limit.isExceeded()) return { kind: 'unknown' };
  const prepared = prepare(shape, wanted, limit);
  const states = prepared.machines.map(({ reader }) => reader.start);
  const open = reachable(prepared, { index: 0, states, character: '', claims: [], before: null });
  const visited = new Set<string>();
  let at = 0;
  const take = (): SearchNode | undefined => (preference === 'shortest' ? open[at++] : open.pop());
  for (let node = take(); node !== undefined; node = take()) {
    const key = `${node.index}|${node.states.map(({ id }) => id).join()}`;
    limit.spend(1 + states.length);
    if (visited.has(key)) continue;
    if (limit.isExceeded()) return { kind: 'unknown' };
    visited.add(key);
    if (node.index < shape.length) {
      for (const next of nextNodes(prepared, node, preference)) open.push(...reachable(prepared, next));
    } else if (isWanted(prepared, node.states)) return { kind: 'text', claims: claimsAt(node) };
  }
  return { kind: limit.isExceeded() ? 'unknown' : 'none' };
}

/**
 * The tests of a role are searched many times as the same objects: their DFAs, with all states so far, are cached as long as
 * the tests exist.
 */
const readers = new WeakMap<Test<Claim>, Automaton>();

function readerOf(test: Test<Claim>, limit: StepLimit): Automaton {
  const known = readers.get(test) ?? automaton(test.values, test.comparison, limit);
  readers.set(test, known);
  return known;
}

/** Cost in steps of a test before it reads a character. */
const STEPS_OF_A_TEST = 16;

function prepare(
  shape: readonly ShapePart[],
  { all, certain = [], none }: Wanted,
  limit: StepLimit,
): TextSearch {
  const machines: Machine[] = [];
  const add = (test: Test<Claim>, readingLimit = limit): Machine => {
    const { claim, negated } = test;
    limit.spend(STEPS_OF_A_TEST);
    const settled = shape.findLastIndex(({ claims }) => claims.includes(claim)) + 1;
    const machine = { at: machines.length, claim, reader: readerOf(test, readingLimit), negated, settled };
    machines.push(machine);
    return machine;
  };
  return {
    shape,
    all: [...all.map((test) => add(test)), ...certain.map((test) => add(test, stepLimit(Infinity)))],
    none: none.map((tests) => tests.map((test) => add(test))),
    machines,
    limit,
  };
}

/**
 * Advances as long as there is one character to read. Empty if no text from there can pass, or at the step
 * limit.
 */
function reachable(search: TextSearch, begin: SearchNode): SearchNode[] {
  let node = begin;
  for (let position = search.shape[node.index]; position !== undefined; position = search.shape[node.index]) {
    if (search.limit.isExceeded() || isLost(search, node)) return [];
    if (position.repeat) return [node];
    const characters = charactersFor(search, position, node.states);
    const [character] = characters;
    if (character === undefined || characters.length > 1) return [node];
    node = readCharacter(search, node, position, character);
  }
  return [node];
}

/**
 * Whether a test that must pass will fail, or all tests of a list of which one must fail will pass, whatever
 * follows.
 */
const isLost = ({ all, none }: TextSearch, node: SearchNode): boolean =>
  all.some((machine) => isDecided(machine, node, false)) ||
  none.some((machines) => machines.every((machine) => isDecided(machine, node, true)));

/**
 * Whether a test passes, or fails, whatever follows: its claim has been read, or none of its values can match
 * any more.
 */
function isDecided(machine: Machine, { index, states }: SearchNode, passes: boolean): boolean {
  if (index >= machine.settled) return isPassed(machine, states) === passes;
  return states[machine.at]?.dead === true && machine.negated === passes;
}

const isPassed = ({ at, negated }: Machine, states: readonly GlobState[]): boolean =>
  states[at]?.accepting !== negated;

function readCharacter(
  { machines, limit }: TextSearch,
  node: SearchNode,
  position: ShapePart,
  character: string,
): SearchNode {
  limit.spend(1 + machines.length);
  const states = node.states.map((state, at) => {
    const machine = machines[at];
    return machine !== undefined && position.claims.includes(machine.claim)
      ? machine.reader.step(state, character)
      : state;
  });
  const { claims, repeat } = position;
  return { index: repeat ? node.index : node.index + 1, states, character, claims, before: node };
}

/** Empty at the step limit: a node may have thousands of successors. */
function nextNodes(search: TextSearch, node: SearchNode, preference: Preference): readonly SearchNode[] {
  const position = search.shape[node.index];
  if (position === undefined) return [];
  const next: SearchNode[] = [];
  for (const character of charactersFor(search, position, node.states)) {
    if (search.limit.isExceeded()) return [];
    next.push(readCharacter(search, node, position, character));
  }
  const end = position.repeat ? [{ ...node, index: node.index + 1 }] : [];
  // Of a stack the last one is tried first, of a queue the first one.
  if (preference === 'shortest') return [...end, ...next];
  return preference === 'any' ? [...next, ...end] : [...next.reverse(), ...end];
}

/** One character for each distinct transition: first one that no DFA awaits, then those that are awaited. */
function charactersFor(
  { machines, limit }: TextSearch,
  { characters, claims }: ShapePart,
  states: readonly GlobState[],
): readonly string[] {
  if (typeof characters === 'string') return [characters];
  const special = new Set<string>();
  for (const machine of machines) {
    if (!claims.includes(machine.claim)) continue;
    const awaited = states[machine.at]?.awaited ?? [];
    limit.spend(1 + awaited.length);
    for (const each of awaited) special.add(each);
  }
  const ordinary = ordinaryBeside(special, characters);
  return [...(ordinary === null ? [] : [ordinary]), ...[...special].filter(characters.has)];
}

/** A character of an alphabet that is not special: a usual one if one is left. Null: all are special. */
function ordinaryBeside(special: ReadonlySet<string>, { usual, isOpen, has }: Alphabet): string | null {
  const common = usual.find((character) => !special.has(character));
  if (common !== undefined) return common;
  if (!isOpen) return null;
  let code = 0x4e00;
  while (special.has(String.fromCodePoint(code)) || !has(String.fromCodePoint(code))) code += 1;
  return String.fromCodePoint(code);
}

const isWanted = ({ all, none }: TextSearch, states: readonly GlobState[]): boolean =>
  all.every((machine) => isPassed(machine, states)) &&
  none.every((machines) => !machines.every((machine) => isPassed(machine, states)));

/** The text that led to a node, by the claims that its parts belong to. */
function claimsAt(end: SearchNode): ReadonlyMap<Claim, string> {
  const texts = new Map<Claim, string>();
  for (let node: SearchNode | null = end; node !== null; node = node.before) {
    for (const claim of node.claims) texts.set(claim, node.character + (texts.get(claim) ?? ''));
  }
  return texts;
}
