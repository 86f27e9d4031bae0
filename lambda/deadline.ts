/** The deadline of the run, checked between two pieces of work. */
import type { Ports } from './ports';

/**
 * Whether more work may begin. Each call lets the event loop turn once: work that only computes would delay
 * all timers, including that of the deadline.
 */
export function timeLeft({ late }: Pick<Ports, 'late'>): () => Promise<boolean> {
  let isLate = false;
  void late.then(() => {
    isLate = true;
  });
  return async () => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return !isLate;
  };
}
