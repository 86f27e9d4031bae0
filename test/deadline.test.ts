import { getEventListeners, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { beforeDeadline, mayBegin } from '../lambda/deadline';

const never = new Promise<never>(() => undefined);

describe('beforeDeadline', () => {
  it('returns what the work returns, and rejects as it does', async () => {
    const { signal } = new AbortController();
    expect(await beforeDeadline(sleep(1, 'done'), signal)).toBe('done');
    await expect(beforeDeadline(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  });

  it('returns late if the deadline is reached while it waits, or was reached before', async () => {
    const deadline = new AbortController();
    const waiting = beforeDeadline(never, deadline.signal);
    deadline.abort();
    expect(await waiting).toBe('late');
    expect(await beforeDeadline(never, deadline.signal)).toBe('late');
  });

  it('ignores work that fails after the deadline', async () => {
    const failing = sleep(1).then(() => Promise.reject(new Error('too late')));
    expect(await beforeDeadline(failing, AbortSignal.abort())).toBe('late');
    await expect(failing).rejects.toThrow('too late');
  });

  it('waits for thousands at the same time without a warning, and leaves no listener behind', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    const waiting = Array.from({ length: 2_000 }, (_, index) => beforeDeadline(sleep(1, index), signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(2_000);
    await Promise.all(waiting);
    process.off('warning', note);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('mayBegin', () => {
  it('lets the timer of the deadline run between two computations', async () => {
    const signal = AbortSignal.timeout(5);
    const reached = once(signal, 'abort');
    let turns = 0;
    while (await mayBegin(signal)) turns += 1;
    await reached;
    expect(turns).toBeGreaterThan(0);
  });
});
