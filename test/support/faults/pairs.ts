/** Two faults at once, drawn by a seed. */
import { CATALOGUE } from './catalogue';
import { GROUPS } from './fault';
import type { Fault } from './fault';

/** The target of a fault. */
export type Place = 'one' | 'two' | 'drifting';

/** Two faults, and whether the run repairs lists. */
export interface Pair {
  readonly acts: readonly { readonly fault: Fault; readonly place: Place }[];
  readonly update: 'off' | 'guarded';
}

const CANDIDATES = GROUPS.flatMap((group) => CATALOGUE[group]).filter(({ alone }) => alone !== true);

/** So many pairs, the same for the same seed. */
export function drawPairs(count: number, seed: number): readonly Pair[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => drawPair(random));
}

function drawPair(random: () => number): Pair {
  const faults = [draw(CANDIDATES, random), draw(CANDIDATES, random)];
  // One of three pairs meets the same target.
  const second = random() < 1 / 3 ? 'one' : 'two';
  const places: readonly Place[] = ['one', second];
  const acts = faults.map((fault, index) => ({ fault, place: fault.victim ?? places[index] ?? 'one' }));
  const mustUpdate = faults.some(({ update }) => update === true);
  return { acts, update: mustUpdate || random() < 1 / 2 ? 'guarded' : 'off' };
}

function draw(from: readonly Fault[], random: () => number): Fault {
  const fault = from[Math.floor(random() * from.length)];
  return fault ?? draw(from, random);
}

/** Numbers from 0 to 1: a linear congruential generator with the constants of Numerical Recipes. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
