/** The end of the run's time, asked for between two pieces of work. */
import type { Ports } from './ports';

/**
 * Whether more work may begin. Each question lets the event loop turn once: work that needs the processor alone would
 * keep all timers waiting, also that of the deadline.
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
