/**
 * Decides whether a token of a shape passes a set of tests. Every test is a DFA, and the search runs all of
 * them in parallel over all texts of the shape. Characters with the same transitions in every DFA are
 * equivalent, so that the answer holds for all texts and not for samples.
 */
import type { Test } from './condition';
import { automaton } from './automaton';
import type { Automaton, GlobState } from './automaton';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import type { SubjectPart, Claim, Token } from './tokens';

/**
 * All of `all` must pass, and of each list in `none` at least one must fail. Audiences are decided before.
 */
export interface Wanted {
  readonly all: readonly Test<Claim>[];
  readonly none: readonly (readonly Test<Claim>[])[];
}

/** A token that passes; or none does; or the step limit was reached before that was certain. */
export type FoundToken =
  { readonly kind: 'token'; readonly token: Token } | { readonly kind: 'none' | 'unknown' };

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

interface TokenSearch {
  readonly shape: readonly SubjectPart[];
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
  readonly part: SubjectPart['part'];
  readonly before: SearchNode | null;
}

/**
 * Looks for a token whose subject has the shape. `org` is that of the shape if it is fixed. If the step limit
 * is exceeded, the search ends, and no result of it counts.
 */
export function findToken(
  shape: readonly SubjectPart[],
  wanted: Wanted,
  org: string | null,
  limit: StepLimit = stepLimit(),
): FoundToken {
  if (limit.isExceeded()) return { kind: 'unknown' };
  const search = prepare(shape, wanted, limit);
  const states = search.machines.map(({ reader }) => reader.start);
  const open = reachable(search, { index: 0, states, character: '', part: null, before: null });
  const visited = new Set<string>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const key = `${node.index}|${node.states.map(({ id }) => id).join()}`;
    limit.spend(1 + states.length);
    if (visited.has(key)) continue;
    if (limit.isExceeded()) return { kind: 'unknown' };
    visited.add(key);
    if (node.index < shape.length) {
      for (const next of nextNodes(search, node)) open.push(...reachable(search, next));
    } else if (isWanted(search, node.states)) return { kind: 'token', token: tokenAt(node, org) };
  }
  return { kind: limit.isExceeded() ? 'unknown' : 'none' };
}

/**
 * A policy's tests are searched many times as the same objects: their DFAs, with all states so far, are
 * cached.
 */
const readers = new WeakMap<Test<Claim>, Automaton>();

function readerOf(test: Test<Claim>, limit: StepLimit): Automaton {
  const known = readers.get(test) ?? automaton(test.values, test.comparison, limit);
  readers.set(test, known);
  return known;
}

/** Cost in steps of a test before it reads a character. */
const STEPS_OF_A_TEST = 16;

function prepare(shape: readonly SubjectPart[], { all, none }: Wanted, limit: StepLimit): TokenSearch {
  const machines: Machine[] = [];
  const add = (test: Test<Claim>): Machine => {
    const { claim, negated } = test;
    limit.spend(STEPS_OF_A_TEST);
    const settled = shape.findLastIndex((position) => isReadAt({ claim }, position)) + 1;
    const machine = { at: machines.length, claim, reader: readerOf(test, limit), negated, settled };
    machines.push(machine);
    return machine;
  };
  return { shape, all: all.map(add), none: none.map((tests) => tests.map(add)), machines, limit };
}

/**
 * Advances as long as there is one character to read. Empty if no text from there can pass, or at the step
 * limit.
 */
function reachable(search: TokenSearch, begin: SearchNode): SearchNode[] {
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
const isLost = ({ all, none }: TokenSearch, node: SearchNode): boolean =>
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

/** A claim inside of `sub` is read at its position; the session name follows the subject. */
const isReadAt = ({ claim }: Pick<Machine, 'claim'>, { part }: SubjectPart): boolean =>
  claim === part || (claim === 'sub' && part !== 'session');

function readCharacter(
  { machines, limit }: TokenSearch,
  node: SearchNode,
  position: SubjectPart,
  character: string,
): SearchNode {
  limit.spend(1 + machines.length);
  const states = node.states.map((state, at) => {
    const machine = machines[at];
    return machine !== undefined && isReadAt(machine, position)
      ? machine.reader.step(state, character)
      : state;
  });
  const { part, repeat } = position;
  return { index: repeat ? node.index : node.index + 1, states, character, part, before: node };
}

/** Empty at the step limit: a node may have thousands of successors. */
function nextNodes(search: TokenSearch, node: SearchNode): readonly SearchNode[] {
  const position = search.shape[node.index];
  if (position === undefined) return [];
  const next: SearchNode[] = position.repeat ? [{ ...node, index: node.index + 1 }] : [];
  for (const character of charactersFor(search, position, node.states)) {
    if (search.limit.isExceeded()) return [];
    next.push(readCharacter(search, node, position, character));
  }
  return next;
}

const HEX = Array.from('0123456789abcdef');
/**
 * Neither a git ref nor the URL of a repository contains them, so that `*` under StringEquals matches no
 * token.
 */
const NEVER_IN_NAMES = ['*', '?'];

/** One character for each distinct transition. The last, which is tried first, is one that no DFA awaits. */
function charactersFor(
  { machines, limit }: TokenSearch,
  position: SubjectPart,
  states: readonly GlobState[],
): readonly string[] {
  const { characters } = position;
  if (typeof characters === 'object') return [characters.literal];
  const special = new Set<string>();
  for (const machine of machines) {
    if (!isReadAt(machine, position)) continue;
    const awaited = states[machine.at]?.awaited ?? [];
    limit.spend(1 + awaited.length);
    for (const each of awaited) special.add(each);
  }
  if (characters === 'hex') {
    const ordinary = HEX.find((character) => !special.has(character));
    return [
      ...HEX.filter((character) => special.has(character)),
      ...(ordinary === undefined ? [] : [ordinary]),
    ];
  }
  if (characters === 'session') {
    const ordinary = SESSION_CHARACTERS.find((character) => !special.has(character));
    return [
      ...[...special].filter((character) => SESSION_CHARACTERS.includes(character)),
      ...(ordinary === undefined ? [] : [ordinary]),
    ];
  }
  return [...[...special].filter((one) => !NEVER_IN_NAMES.includes(one)), ordinaryBeside(special)];
}

const LETTERS = Array.from('zyxwvutsrqponmlkjihgfedcba');

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const SESSION_CHARACTERS = [...LETTERS, ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-')];

/** A letter if one is left, else an unusual character. */
function ordinaryBeside(special: ReadonlySet<string>): string {
  const letter = LETTERS.find((character) => !special.has(character));
  if (letter !== undefined) return letter;
  let code = 0x4e00;
  while (special.has(String.fromCodePoint(code))) code += 1;
  return String.fromCodePoint(code);
}

const isWanted = ({ all, none }: TokenSearch, states: readonly GlobState[]): boolean =>
  all.every((machine) => isPassed(machine, states)) &&
  none.every((machines) => !machines.every((machine) => isPassed(machine, states)));

/** The text that led to a node, and the parts of it that are claims of their own. */
function tokenAt(end: SearchNode, fixedOrg: string | null): Token {
  const text = { sub: '', org: '', project: '', session: '' };
  for (let node: SearchNode | null = end; node !== null; node = node.before) {
    if (node.part !== 'session') text.sub = node.character + text.sub;
    if (node.part !== null) text[node.part] = node.character + text[node.part];
  }
  const { sub, org, project, session } = text;
  return { sub, org: fixedOrg ?? org, project, aud: null, ...(session === '' ? {} : { session }) };
}
