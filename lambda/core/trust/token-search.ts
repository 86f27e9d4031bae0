/**
 * Decides whether a token of a shape passes a set of tests. Every test is an automaton, and the search walks all of
 * them through all texts of the shape; characters that no automaton tells apart stand for each other, so that the
 * answer holds for all texts and not for samples.
 */
import type { Test } from './condition';
import { automaton } from './glob';
import type { Automaton, GlobState } from './glob';
import type { Cell, Claim, Token } from './tokens';

/** All of `all` must pass, and of each list in `none` at least one must fail. Audiences are settled before. */
export interface Wanted {
  readonly all: readonly Test<Claim>[];
  readonly none: readonly (readonly Test<Claim>[])[];
}

/** A token that passes; or none does; or the policy is too tangled to say. */
export type Found = { readonly kind: 'token'; readonly token: Token } | { readonly kind: 'none' | 'unknown' };

/** Ordinary policies take some dozens of steps, forty projects in one condition twelve hundred. */
const MOST_STEPS = 4_000;

/** A test, with its values as one automaton. */
interface Machine {
  /** The place of its state among those of all. */
  readonly at: number;
  readonly claim: Claim;
  readonly reader: Automaton;
  readonly negated: boolean;
  /** The cell at which the claim has been read to its end. */
  readonly settled: number;
}

interface Search {
  readonly shape: readonly Cell[];
  readonly machines: readonly Machine[];
  readonly all: readonly Machine[];
  readonly none: readonly (readonly Machine[])[];
}

interface Place {
  readonly cell: number;
  /** One of each machine. */
  readonly states: readonly GlobState[];
  /** What was read last, and where from. */
  readonly character: string;
  readonly part: Cell['part'];
  readonly before: Place | null;
}

/** Looks for a token whose subject has the shape. `org` is that of the shape where it is fixed. */
export function findToken(shape: readonly Cell[], wanted: Wanted, org: string | null): Found {
  const search = prepare(shape, wanted);
  const states = search.machines.map(({ reader }) => reader.start);
  const open = reachable(search, { cell: 0, states, character: '', part: null, before: null });
  const seen = new Set<string>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const key = `${place.cell}|${place.states.map(({ id }) => id).join()}`;
    if (seen.has(key)) continue;
    if (seen.size >= MOST_STEPS || isTangled(search)) return { kind: 'unknown' };
    seen.add(key);
    if (place.cell < shape.length) {
      open.push(...nextPlaces(search, place).flatMap((next) => reachable(search, next)));
    } else if (isWanted(search, place.states)) return { kind: 'token', token: tokenAt(place, org) };
  }
  return { kind: isTangled(search) ? 'unknown' : 'none' };
}

const isTangled = ({ machines }: Search): boolean => machines.some(({ reader }) => reader.isFull());

/** The tests of a policy are asked many times, by the same objects: what their automata have learned is kept. */
const readers = new WeakMap<Test<Claim>, Automaton>();

function readerOf(test: Test<Claim>): Automaton {
  const known = readers.get(test) ?? automaton(test.values, test.comparison);
  readers.set(test, known);
  return known;
}

function prepare(shape: readonly Cell[], { all, none }: Wanted): Search {
  const machines: Machine[] = [];
  const add = (test: Test<Claim>): Machine => {
    const { claim, negated } = test;
    const settled = claim === 'sub' ? shape.length : shape.findLastIndex(({ part }) => part === claim) + 1;
    const machine = { at: machines.length, claim, reader: readerOf(test), negated, settled };
    machines.push(machine);
    return machine;
  };
  return { shape, all: all.map(add), none: none.map((tests) => tests.map(add)), machines };
}

/** Goes on for as long as there is no choice. Empty where no text from there can be wanted. */
function reachable(search: Search, begin: Place): Place[] {
  let place = begin;
  for (let cell = search.shape[place.cell]; cell !== undefined; cell = search.shape[place.cell]) {
    if (isLost(search, place)) return [];
    if (cell.repeat) return [place];
    const characters = charactersFor(search, cell, place.states);
    const [character] = characters;
    if (character === undefined || characters.length > 1) return [place];
    place = read(search, place, cell, character);
  }
  return [place];
}

/** A test that must pass, and cannot any more: its claim has been read and failed, or none of its values can match. */
const isLost = ({ all }: Search, { cell, states }: Place): boolean =>
  all.some((machine) => {
    if (cell >= machine.settled) return !isPassed(machine, states);
    return !machine.negated && states[machine.at]?.dead === true;
  });

const isPassed = ({ at, negated }: Machine, states: readonly GlobState[]): boolean =>
  states[at]?.accepting !== negated;

/** A claim that stands inside `sub` is read where it stands. */
const isReadAt = ({ claim }: Machine, { part }: Cell): boolean => claim === 'sub' || claim === part;

function read({ machines }: Search, place: Place, cell: Cell, character: string): Place {
  const states = place.states.map((state, at) => {
    const machine = machines[at];
    return machine !== undefined && isReadAt(machine, cell) ? machine.reader.step(state, character) : state;
  });
  const { part, repeat } = cell;
  return { cell: repeat ? place.cell : place.cell + 1, states, character, part, before: place };
}

function nextPlaces(search: Search, place: Place): readonly Place[] {
  const cell = search.shape[place.cell];
  if (cell === undefined) return [];
  const characters = charactersFor(search, cell, place.states);
  const next = characters.map((character) => read(search, place, cell, character));
  return cell.repeat ? [{ ...place, cell: place.cell + 1 }, ...next] : next;
}

const HEX = Array.from('0123456789abcdef');
/** Neither a git ref nor the URL of a repository has them, so that `*` under StringEquals matches no token. */
const NEVER_IN_NAMES = ['*', '?'];

/** One character for each way to go on. The last, which is tried first, is one that no automaton awaits. */
function charactersFor({ machines }: Search, cell: Cell, states: readonly GlobState[]): readonly string[] {
  const { characters } = cell;
  if (typeof characters === 'object') return [characters.literal];
  const special = new Set<string>();
  for (const machine of machines) {
    if (isReadAt(machine, cell)) for (const each of states[machine.at]?.awaited ?? []) special.add(each);
  }
  if (characters === 'hex') {
    const ordinary = HEX.find((character) => !special.has(character));
    return [
      ...HEX.filter((character) => special.has(character)),
      ...(ordinary === undefined ? [] : [ordinary]),
    ];
  }
  return [...[...special].filter((one) => !NEVER_IN_NAMES.includes(one)), ordinaryBeside(special)];
}

const LETTERS = Array.from('zyxwvutsrqponmlkjihgfedcba');

/** A letter where there is one left, else some character from far away. */
function ordinaryBeside(special: ReadonlySet<string>): string {
  const letter = LETTERS.find((character) => !special.has(character));
  if (letter !== undefined) return letter;
  let code = 0x4e00;
  while (special.has(String.fromCodePoint(code))) code += 1;
  return String.fromCodePoint(code);
}

const isWanted = ({ all, none }: Search, states: readonly GlobState[]): boolean =>
  all.every((machine) => isPassed(machine, states)) &&
  none.every((machines) => !machines.every((machine) => isPassed(machine, states)));

/** The text that led to a place, and the parts of it that are claims of their own. */
function tokenAt(end: Place, fixedOrg: string | null): Token {
  const text = { sub: '', org: '', project: '' };
  for (let place: Place | null = end; place !== null; place = place.before) {
    text.sub = place.character + text.sub;
    if (place.part !== null) text[place.part] = place.character + text[place.part];
  }
  return { sub: text.sub, org: fixedOrg ?? text.org, project: text.project, aud: null };
}
