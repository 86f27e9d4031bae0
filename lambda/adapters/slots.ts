/** Bounded concurrency: waiting tasks use no socket, no timer and no memory of their own. */

/** Runs a task as soon as a slot is free, in the order of the calls. */
export type Slots = <T>(task: () => Promise<T>) => Promise<T>;

/** At most `most` tasks at a time. */
export function slots(most: number): Slots {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
