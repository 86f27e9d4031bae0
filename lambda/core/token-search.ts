/**
 * Decides whether a token of a shape passes a set of tests. Every test is an automaton, and the search walks all of
 * them through all texts of the shape; characters that no automaton tells apart stand for each other, so that the
 * answer holds for all texts and not for samples.
 */
import type { Test } from './condition';
import { accepts, awaited, compileGlob, startOf, step } from './glob';
import type { Glob, GlobState } from './glob';
import type { Cell, Claim, Token } from './tokens';

/** All of `all` must pass, and of each list in `none` at least one must fail. Audiences are settled before. */
export interface Wanted {
  readonly all: readonly Test<Claim>[];
  readonly none: readonly (readonly Test<Claim>[])[];
}

/** A token that passes; or none does; or the policy is too tangled to say. */
export type Found = { readonly kind: 'token'; readonly token: Token } | { readonly kind: 'none' | 'unknown' };

/** Ordinary policies take some hundred steps. */
const MOST_STEPS = 20_000;

interface Machine {
  readonly claim: Claim;
  readonly glob: Glob;
}

interface Place {
  readonly cell: number;
  readonly states: readonly GlobState[];
  readonly text: string;
  readonly org: string;
  readonly project: string;
}

/** Looks for a token whose subject has the shape. `org` is that of the shape where it is fixed. */
export function findToken(shape: readonly Cell[], wanted: Wanted, org: string | null): Found {
  const tests = [...wanted.all, ...wanted.none.flat()];
  const machines = tests.flatMap(({ claim, comparison, values }) =>
    values.map((value): Machine => ({ claim, glob: compileGlob(value, comparison) })),
  );
  const begin = {
    cell: 0,
    states: machines.map(({ glob }) => startOf(glob)),
    text: '',
    org: '',
    project: '',
  };
  const open: Place[] = [begin];
  const seen = new Set<string>([keyOf(begin)]);
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (place.cell === shape.length) {
      if (holds(wanted, machines, place.states)) return { kind: 'token', token: tokenAt(place, org) };
      continue;
    }
    for (const next of nextPlaces(shape, machines, place)) {
      if (seen.has(keyOf(next))) continue;
      if (seen.size >= MOST_STEPS) return { kind: 'unknown' };
      seen.add(keyOf(next));
      open.push(next);
    }
  }
  return { kind: 'none' };
}

const keyOf = ({ cell, states }: Place): string => `${cell}|${states.join('|')}`;

const tokenAt = ({ text, org, project }: Place, fixedOrg: string | null): Token => ({
  sub: text,
  org: fixedOrg ?? org,
  project,
  aud: null,
});

function nextPlaces(shape: readonly Cell[], machines: readonly Machine[], place: Place): readonly Place[] {
  const cell = shape[place.cell];
  if (cell === undefined) return [];
  const following = cell.repeat ? place.cell : place.cell + 1;
  const read = charactersFor(cell, machines, place.states).map((character): Place => ({
    cell: following,
    states: place.states.map((state, index) => advance(machines[index], state, cell, character)),
    text: place.text + character,
    org: cell.part === 'org' ? place.org + character : place.org,
    project: cell.part === 'project' ? place.project + character : place.project,
  }));
  return cell.repeat ? [{ ...place, cell: place.cell + 1 }, ...read] : read;
}

/** A claim that stands inside `sub` is read where it stands. */
function advance(
  machine: Machine | undefined,
  state: GlobState,
  { part }: Cell,
  character: string,
): GlobState {
  if (machine === undefined || (machine.claim !== 'sub' && machine.claim !== part)) return state;
  return step(machine.glob, state, character);
}

const HEX = Array.from('0123456789abcdef');
/** Neither a git ref nor the URL of a repository has them, so that `*` under StringEquals matches no token. */
const NEVER_IN_NAMES = ['*', '?'];

function charactersFor(
  { characters }: Cell,
  machines: readonly Machine[],
  states: readonly GlobState[],
): readonly string[] {
  if (typeof characters === 'object') return [characters.literal];
  const special = new Set(machines.flatMap(({ glob }, index) => awaited(glob, states[index] ?? [])));
  if (characters === 'hex') {
    const ordinary = HEX.find((character) => !special.has(character));
    return [
      ...HEX.filter((character) => special.has(character)),
      ...(ordinary === undefined ? [] : [ordinary]),
    ];
  }
  return [
    ...[...special].filter((character) => !NEVER_IN_NAMES.includes(character)),
    ordinaryBeside(special),
  ];
}

/** A letter where there is one left, else some character from far away. */
function ordinaryBeside(special: ReadonlySet<string>): string {
  const letter = Array.from('zyxwvutsrqponmlkjihgfedcba').find((character) => !special.has(character));
  if (letter !== undefined) return letter;
  let code = 0x4e00;
  while (special.has(String.fromCodePoint(code))) code += 1;
  return String.fromCodePoint(code);
}

/** Whether what has been read passes, test by test; machines stand in the order of the tests' values. */
function holds({ all, none }: Wanted, machines: readonly Machine[], states: readonly GlobState[]): boolean {
  const matched = machines.map(({ glob }, index) => accepts(glob, states[index] ?? []));
  let at = 0;
  const passing = ({ values, negated }: Test<Claim>): boolean => {
    const own = matched.slice(at, at + values.length);
    at += values.length;
    return own.includes(true) !== negated;
  };
  const allPass = all.map(passing).every(Boolean);
  const nonePass = none.map((tests) => tests.map(passing).every(Boolean)).every((denied) => !denied);
  return allPass && nonePass;
}
