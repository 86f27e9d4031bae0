/** Lets the port calls of several runs take turns, one at a time, in an order that a seed decides. No time passes. */
import { setImmediate as quiet } from 'node:timers/promises';
import type { Random } from '../support/random';

/** When a run crashes: at the first call of this name, or at its `nth` call if there is none. */
export interface Death {
  readonly run: string;
  readonly at: RegExp;
  readonly nth: number;
  /** The call is made, but its answer never arrives. */
  readonly made: boolean;
}

/** First all calls of one run whose names match, as long as it waits for one; then the next line. At last, chance. */
export type Script = readonly (readonly [run: string, calls: RegExp])[];

interface Turn {
  readonly run: string;
  readonly name: string;
  /** Makes the call. `isHeard`: its answer arrives. */
  readonly take: (isHeard: boolean) => Promise<void>;
}

/** Some seeds let runs alternate call by call, others let one go far ahead while another waits. */
const SWITCHING = [0.02, 0.1, 0.5] as const;

/** A run that loads a module is busy for so many rounds at most. */
const PATIENCE = 1_000_000;

/** One world's turns. */
export class Scheduler {
  private waiting: Turn[] = [];
  private deaths: readonly Death[] = [];
  private script: (readonly [string, RegExp])[] = [];
  private readonly dead = new Set<string>();
  private readonly calls = new Map<string, number>();
  private favoured = '';

  constructor(private readonly random: Random) {}

  /** A port call waits for its turn. In a run that crashed it never comes, so all that waits for it is dropped. */
  call<T>(run: string, name: string, perform: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.dead.has(run)) return;
      const take = async (isHeard: boolean): Promise<void> => {
        try {
          const answer = await perform();
          if (isHeard) resolve(answer);
        } catch (error) {
          if (isHeard && error instanceof Error) reject(error);
        }
      };
      this.waiting.push({ run, name, take });
    });
  }

  /** Gives turns until every run has ended or crashed. Returns those that crashed. `isOver`: a run has ended. */
  async drive(
    runs: readonly string[],
    isOver: (run: string) => boolean,
    { deaths, script = [] }: { readonly deaths: readonly Death[]; readonly script?: Script },
  ): Promise<ReadonlySet<string>> {
    this.deaths = deaths;
    this.script = [...script];
    this.dead.clear();
    this.calls.clear();
    const switching = this.random.pick(SWITCHING);
    const goesOn = (run: string): boolean => !isOver(run) && !this.dead.has(run);
    for (;;) {
      await this.calm(runs, goesOn);
      if (this.waiting.length === 0) return new Set(this.dead);
      const turn = this.scripted() ?? this.choose(switching);
      this.waiting.splice(this.waiting.indexOf(turn), 1);
      const death = this.deathAt(turn);
      if (death === null || death.made) await turn.take(death === null);
      if (death !== null) this.bury(turn.run);
    }
  }

  /** What a run does between two calls takes no turn. It has done it when it waits again, or has ended. */
  private async calm(runs: readonly string[], goesOn: (run: string) => boolean): Promise<void> {
    const isBusy = (run: string): boolean => goesOn(run) && !this.waiting.some((turn) => turn.run === run);
    for (let patience = PATIENCE; patience > 0; patience -= 1) {
      await quiet();
      if (!runs.some(isBusy)) return;
    }
  }

  private scripted(): Turn | undefined {
    for (; this.script[0] !== undefined; this.script.shift()) {
      const [run, calls] = this.script[0];
      const turn = this.waiting.find((each) => each.run === run && calls.test(each.name));
      if (turn !== undefined) return turn;
    }
    return undefined;
  }

  private choose(switching: number): Turn {
    const runs = [...new Set(this.waiting.map(({ run }) => run))].sort();
    const [first = '', ...others] = runs;
    if (!runs.includes(this.favoured) || this.random.chance(switching))
      this.favoured = this.random.pick([first, ...others]);
    const own = this.waiting.filter(({ run }) => run === this.favoured);
    const turn = own[this.random.between(0, own.length - 1)];
    if (turn === undefined) throw new RangeError('Nobody waits.');
    return turn;
  }

  private deathAt({ run, name }: Turn): Death | null {
    const found = this.deaths.find((death) => death.run === run && death.at.test(name));
    if (found === undefined) return null;
    const count = (this.calls.get(run) ?? 0) + 1;
    this.calls.set(run, count);
    return count === found.nth ? found : null;
  }

  private bury(run: string): void {
    this.dead.add(run);
    this.waiting = this.waiting.filter((turn) => turn.run !== run);
  }
}
