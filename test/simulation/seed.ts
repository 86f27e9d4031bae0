/** The seed of a run: a new one each time, unless the caller repeats one. */
import { randomBytes } from 'node:crypto';

/** A seed that no other run has. */
export const newSeed = (): string => randomBytes(4).toString('hex');

/** The seed that a variable of the environment names, or a new one. */
export const seedFrom = (variable: string): string => process.env[variable] ?? newSeed();

/** Says how to repeat a run, also if it passes: a failure elsewhere may need the same seed. */
export const saySeed = (what: string): void => void process.stdout.write(`${what}\n`);

/**
 * As many seeds as are wanted. The first is the given one itself, so that each of them can be given alone to repeat its
 * story.
 */
export const seedsFrom = (first: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? first : `${first}-${index}`));
