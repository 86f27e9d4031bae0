import { describe, expect, it } from '@jest/globals';
import { connections } from '../../../lambda/adapters/http/connections';
import type { Connections } from '../../../lambda/adapters/http/connections';

/** Connections by number, whose set-up the test ends when it likes. */
interface Stage {
  readonly pool: Connections<number>;
  readonly opened: () => number;
  readonly ended: () => readonly number[];
  readonly meet: (connection: number, room: number | Error) => Promise<void>;
  /** Begins a task and says, once it runs, on which connection. */
  readonly begin: (origin?: string) => {
    readonly on: () => number | null;
    readonly end: () => Promise<void>;
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(most: number, room: number): Stage {
  const meetings: ((room: number | Promise<number>) => void)[] = [];
  const ended: number[] = [];
  const pool = connections<number>({
    open: () => ({ connection: meetings.length, room: new Promise((resolve) => meetings.push(resolve)) }),
    end: (connection) => Promise.resolve(void ended.push(connection)),
    most,
    room,
  });
  return {
    pool,
    opened: () => meetings.length,
    ended: () => ended,
    meet: async (connection, known) => {
      meetings[connection]?.(known instanceof Error ? Promise.reject(known) : known);
      await settle();
    },
    begin: (origin = 'https://a.example') => {
      let seat: number | null = null;
      let finish = (): void => undefined;
      const done = new Promise<void>((resolve) => (finish = resolve));
      const used = pool.use(origin, async (connection) => {
        seat = connection;
        await done;
      });
      return {
        on: () => seat,
        end: async () => {
          finish();
          await used;
          await settle();
        },
      };
    },
  };
}

const start = (stage: Stage, count: number): readonly ReturnType<Stage['begin']>[] =>
  Array.from({ length: count }, () => stage.begin());

describe('connection pool', () => {
  it('opens one connection for as many tasks as it can carry, and another for the next', async () => {
    const stage = setUp(4, 3);
    const tasks = start(stage, 7);
    await settle();
    expect(stage.opened()).toBe(3);
    expect(tasks.map((task) => task.on())).toEqual([0, null, null, 1, null, null, 2]);
    await Promise.all([stage.meet(0, 3), stage.meet(1, 3), stage.meet(2, 3)]);
    expect(tasks.map((task) => task.on())).toEqual([0, 0, 0, 1, 1, 1, 2]);
  });

  it('lets no task wait behind another if a connection carries only one', async () => {
    const stage = setUp(3, 8);
    const tasks = start(stage, 5);
    await stage.meet(0, 1);
    expect(stage.opened()).toBe(3);
    expect(tasks.filter((task) => task.on() !== null)).toHaveLength(3);
    expect(new Set(tasks.map((task) => task.on()))).toEqual(new Set([0, 1, 2, null]));
    await tasks[0]?.end();
    expect(tasks.filter((task) => task.on() === 0)).toHaveLength(2);
    expect(stage.opened()).toBe(3);
  });

  it('starts waiting tasks if a connection carries more than was expected', async () => {
    const stage = setUp(1, 1);
    const tasks = start(stage, 3);
    await stage.meet(0, 2);
    expect(tasks.map((task) => task.on())).toEqual([0, 0, null]);
  });

  it('limits the tasks in progress per origin', async () => {
    const stage = setUp(1, 2);
    const tasks = start(stage, 3);
    const other = stage.begin('https://b.example');
    await Promise.all([stage.meet(0, 2), stage.meet(1, 2)]);
    expect(tasks.map((task) => task.on())).toEqual([0, 0, null]);
    expect(other.on()).toBe(1);
    await tasks[1]?.end();
    expect(tasks.map((task) => task.on())).toEqual([0, 0, 0]);
  });

  it('rejects all tasks that wait for a connection that fails, and goes on with another one', async () => {
    const { pool, meet, opened, ended } = setUp(1, 2);
    const use = (answer: string): Promise<string> =>
      pool.use('https://a.example', () => Promise.resolve(answer));
    const [first, second] = [use('its own error'), use('never runs')];
    const told = expect(second).rejects.toThrow('silent');
    await meet(0, new Error('silent'));
    await told;
    await expect(first).resolves.toBe('its own error');
    await expect(use('later')).resolves.toBe('later');
    expect(opened()).toBe(2);
    expect(ended()).toEqual([0]);
  });

  it('frees the slot of a task that fails', async () => {
    const { pool, meet } = setUp(1, 1);
    const failing = pool.use('https://a.example', () => Promise.reject(new RangeError('no')));
    const next = pool.use('https://a.example', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await meet(0, 1);
    await expect(next).resolves.toBe('yes');
  });

  it('closes every connection, and those that are requested later', async () => {
    const stage = setUp(2, 1);
    start(stage, 1);
    await stage.pool.close();
    start(stage, 1);
    await settle();
    expect(stage.ended()).toEqual([0, 1]);
  });
});
