/** Runs of the real monitor in a simulated world: one after another, or several at once. */
import { runOnce } from '../../lambda/run';
import { parseConfig } from '../../lambda/config/config';
import { parseEvent } from '../../lambda/config/event';
import type { Store } from '../../lambda/domain/store';
import type { Weather } from './faults';
import { Oracle } from './oracle';
import { portsOf } from './ports';
import type { Random } from '../support/random';
import { Run } from './run';
import { Scheduler } from './scheduler';
import type { Death, Script } from './scheduler';
import type { World } from './world';

/** What happens in one step of time. */
export interface Step {
  readonly runs: readonly ('monitor' | 'audit')[];
  readonly weather: Weather;
  readonly deaths: readonly Death[];
  readonly script?: Script;
  /** What people do meanwhile: a call of the run `people`. */
  readonly deed?: () => void;
}

/** A world with a monitor in it, and an oracle that watches both. */
export class Simulation {
  readonly oracle: Oracle;
  private readonly scheduler: Scheduler;
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly store: Store,
    private readonly config: () => object,
    random: Random,
  ) {
    this.scheduler = new Scheduler(random.fork('turns'));
    this.oracle = new Oracle(world);
  }

  /** Names the runs of the next step, for deaths that are planned before it. */
  nameOf = (index: number): string => `run ${this.count + index}`;

  /** Lets the runs of one step take turns until each has ended or died. */
  async step({ runs, weather, deaths, script = [], deed }: Step): Promise<readonly Run[]> {
    const begun = runs.map((action, index) => new Run(this.nameOf(index), action, this.world.now));
    this.count += runs.length;
    const config = parseConfig(this.config());
    this.oracle.begin(config);
    if (deed !== undefined) void this.scheduler.call('people', 'deed', deed);
    for (const run of begun) this.launch(run, config, weather);
    const isOver = (name: string): boolean => begun.some((run) => run.name === name && run.end !== 'running');
    const dead = await this.scheduler.drive(
      begun.map(({ name }) => name),
      isOver,
      { deaths, script },
    );
    for (const run of begun) if (dead.has(run.name)) run.end = 'killed';
    this.oracle.end(begun);
    return begun;
  }

  private launch(run: Run, config: ReturnType<typeof parseConfig>, weather: Weather): void {
    const { world, scheduler, store, oracle } = this;
    const ports = portsOf(run, {
      world,
      scheduler,
      weather,
      store,
      onWrite: oracle.judgeWrite,
      onLoad: oracle.noteLoad,
    });
    runOnce({ event: parseEvent({ action: run.action }), config, account: '123456789012' }, ports).then(
      ({ targets }) => {
        run.end = 'completed';
        run.reported = targets.map(({ issuer }) => issuer);
      },
      (error: unknown) => {
        run.end = 'failed';
        oracle.noteFailure(run, error);
      },
    );
  }
}
