/** The deadline of the run, as a signal that is aborted when no new work may begin. */
import { setMaxListeners } from 'node:events';

/**
 * The result of the work, or `late` if the deadline is reached before. The work itself is not ended: what it
 * still returns is ignored.
 */
export async function beforeDeadline<T>(work: Promise<T>, deadline: AbortSignal): Promise<T | 'late'> {
  // One listener for each piece of work in progress: Node would warn of more than ten.
  setMaxListeners(0, deadline);
  let end = (): void => undefined;
  const late = new Promise<'late'>((resolve) => {
    end = () => {
      resolve('late');
    };
  });
  if (deadline.aborted) end();
  else deadline.addEventListener('abort', end);
  try {
    return await Promise.race([work, late]);
  } finally {
    deadline.removeEventListener('abort', end);
  }
}

/**
 * Whether more work may begin. Each call lets the event loop turn once: work that only computes would delay
 * all timers, including that of the deadline.
 */
export async function mayBegin(deadline: AbortSignal): Promise<boolean> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return !deadline.aborted;
}
