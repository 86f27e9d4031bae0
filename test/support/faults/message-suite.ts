/** Registers tests about single messages: each begins with an account that no run has audited. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { Fault } from './fault';
import { chainOf, serve, show } from './hosts';
import { runAt } from './run';
import type { Run } from './run';
import { Stage } from './stage';
import { startWorld } from './world';
import type { World } from './world';

const PATIENCE_MS = 120_000;
const HOUR_MS = 3_600_000;

/** The input of such a test. */
export interface MessageScene {
  readonly stage: () => Stage;
  /** `number`: of many runs, six hours apart. It must not fail. */
  readonly run: (number: number) => Promise<Run | undefined>;
}

/** Opens an account for each test of the `describe` that it is called in. */
export function messageScene(): MessageScene {
  jest.setTimeout(PATIENCE_MS);
  let world: World;
  let stage: Stage;

  beforeAll(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    stage = await Stage.open(world, 'off');
    await stage.remember(new Map());
  });
  afterEach(() => stage.close());
  afterAll(() => world.close());

  const run = async (number: number): Promise<Run | undefined> => {
    const [one] = await runAt(stage, new Date(world.begin.getTime() + number * 6 * HOUR_MS));
    expect(one?.error).toBeNull();
    return one;
  };
  return { stage: () => stage, run };
}

/**
 * Of a name that somebody chose with care, in one message with everything else that a run can report. `title` has `%s`
 * for the fault; it is in the test file, where docs/faults.md finds it.
 */
export function tellsHostileNames(
  title: string,
  faults: readonly Fault[],
  { stage, run }: MessageScene,
): void {
  it.each(faults.map((fault) => [fault.name, fault] as const))(title, async (_, { inject }) => {
    const { world } = stage();
    await run(0);
    world.names.set(world.drifting.name, 'nxdomain');
    await run(1);
    await world.two.server.replaceKeys();
    await run(2);
    show(world.two, chainOf(await serve(world.two.name, 'Other', world.root)));
    await inject(stage());
    const all = await run(3);
    expect(all?.messages).toHaveLength(1);
    expect(all?.messages[0]?.text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(all?.messages[0]?.subject).toMatch(
      /^\[critical\] AWS logins fail: .* and 2 more findings \(account acme \d{12}\)$/,
    );
  });
}
