/** Observes a simulation and knows what must be true of it. It reads answers and messages, never the state. */
import { isDeepStrictEqual } from 'node:util';
import type { MonitorConfig } from '../../lambda/config/config';
import { parseConfig } from '../../lambda/config/config';
import { PublishError } from '../../lambda/domain/errors';
import { accountLossesAt } from './account-losses';
import { Ledger } from './ledger';
import { lossesAt, noteSightings } from './losses';
import type { Event, Message } from './message';
import { steadiness } from './steadiness';
import type { Run } from './run';
import { sightOf } from './sight';
import { falsehoodIn } from './truth';
import { repetitionOf } from './words';
import type { World } from './world';
import { wrongsOf } from './writes';

/** Everything that went wrong, in words, and what is only counted. */
export interface Verdict {
  readonly lost: string[];
  readonly untrue: string[];
  readonly wrongWrites: string[];
  readonly broken: string[];
  /** Repeated by a run that knew it had been sent. */
  readonly repeated: string[];
  /** Repeated by a run that could not know. */
  duplicates: number;
  /** Of the words that were repeated most often. */
  mostDuplicates: number;
  messages: number;
  writes: number;
}

/** The ledger of what belongs to no target. */
const ACCOUNT_LEDGER = 'account';

/** One oracle a world. */
export class Oracle {
  readonly verdict: Verdict = {
    lost: [],
    untrue: [],
    wrongWrites: [],
    broken: [],
    repeated: [],
    duplicates: 0,
    mostDuplicates: 0,
    messages: 0,
    writes: 0,
  };
  private readonly ledgers = new Map<string, Ledger>();
  private readonly known = new Map<Run, Map<string, ReadonlySet<string>>>();
  /** `issuer thumbprint` → since when every run has collected it. */
  private readonly firstSeen = new Map<string, number>();
  private config: MonitorConfig = parseConfig({});
  /** The number of recipients, as the monitor last read it. */
  private lastCount = 0;

  constructor(private readonly world: World) {}

  /** A step begins. */
  begin(config: MonitorConfig): void {
    this.config = config;
    this.known.clear();
  }

  /** What the state says had been alerted when a run loaded it. */
  noteLoad = (run: Run): void => {
    this.known.set(
      run,
      new Map([...this.ledgers].map(([id, { recorded }]) => [id, new Set(recorded)] as const)),
    );
  };

  judgeWrite = (run: Run, arn: string, after: readonly string[]): void => {
    const { world, config, firstSeen, verdict } = this;
    verdict.writes += 1;
    const site = world.sites.find((each) => each.arn === arn);
    if (site === undefined) verdict.wrongWrites.push(`update of ${arn}, which is nobody's`);
    else
      verdict.wrongWrites.push(...this.dated(wrongsOf({ run, site, after }, { world, config, firstSeen })));
  };

  noteFailure(run: Run, error: unknown): void {
    if (!(error instanceof PublishError)) this.verdict.broken.push(`${run.name} failed: ${String(error)}`);
  }

  /** A step ends: everything that was sent is checked, then everything that was not. */
  end(runs: readonly Run[]): void {
    for (const run of runs) {
      this.checkResult(run);
      this.follow(run);
      this.lastCount = run.count ?? this.lastCount;
      if (this.isPresumed(run)) for (const message of run.messages) message.isHeard = true;
    }
    const said = runs.flatMap((run) => run.messages.map((message) => ({ run, message })));
    for (const { run, message } of said.sort((a, b) => a.message.sequence - b.message.sequence))
      this.judgeMessage(run, message);
    const written = runs.flatMap((run) =>
      run.isRemembering ? [...this.recordsOf(run)].map(([id, sequence]) => ({ run, id, sequence })) : [],
    );
    for (const { run, id, sequence } of written.sort((a, b) => a.sequence - b.sequence))
      this.record(run, id, sequence);
  }

  /** The targets whose state a run has saved, and the account, with the time. */
  private recordsOf({ savedAt, listing }: Run): ReadonlyMap<string, number> {
    if (savedAt === null) return new Map();
    const sites = this.world.sites.filter(({ arn, isConfigured }) => isConfigured || listing?.includes(arn));
    return new Map([ACCOUNT_LEDGER, ...sites.map(({ issuer }) => issuer)].map((id) => [id, savedAt]));
  }

  private judgeMessage(run: Run, message: Message): void {
    this.verdict.messages += 1;
    const { world, config } = this;
    for (const event of message.events) {
      const id = event.issuer ?? ACCOUNT_LEDGER;
      const ledger = this.ledger(id);
      const site = world.sites.find(({ issuer }) => issuer === event.issuer) ?? null;
      const since = (site === null ? ledger.listing?.sequence : ledger.read?.sequence) ?? 0;
      const untrue = falsehoodIn(event, { run, world, config, site, since });
      if (untrue !== null) this.verdict.untrue.push(...this.dated([untrue]));
      this.judgeRepetition(run, event, ledger, id);
      ledger.hear(message, event, run.savedAt !== null && message.sequence < run.savedAt);
    }
  }

  private judgeRepetition(run: Run, event: Event, ledger: Ledger, id: string): void {
    const words = repetitionOf(event);
    if (words === null) return;
    if (run.isRemembering && this.known.get(run)?.get(id)?.has(words) === true)
      this.verdict.repeated.push(...this.dated([words]));
    const times = ledger.said.get(words) ?? 0;
    if (times > 0) this.verdict.duplicates += 1;
    this.verdict.mostDuplicates = Math.max(this.verdict.mostDuplicates, times);
    ledger.said.set(words, times + 1);
  }

  /** What a run has saved after its messages is known to every run that loads it. */
  private record(run: Run, id: string, sequence: number): void {
    const { world, config, verdict } = this;
    const ledger = this.ledger(id);
    const site = world.sites.find(({ issuer }) => issuer === id) ?? null;
    ledger.settle(steadiness(run, site, world));
    if (site !== null) noteSightings(run, site, ledger);
    const isRead = run.isHeard && world.recipients > 0 && !(run.isUncounted && this.lastCount === 0);
    if (!isRead && !this.isPresumed(run)) return;
    // What it sent after that, because another item could not be written, is known to nobody.
    run.messages
      .filter((message) => message.sequence < sequence)
      .flatMap(({ events }) => events)
      .filter(({ issuer }) => (issuer ?? ACCOUNT_LEDGER) === id)
      .forEach(ledger.write);
    const lost =
      site === null ? accountLossesAt(run, ledger) : lossesAt({ run, site, world, config, ledger });
    verdict.lost.push(...this.dated(lost));
  }

  /** SNS did not say how many recipients there are, so the monitor presumes those of the last count. */
  private isPresumed = ({ isUncounted }: Run): boolean => isUncounted && this.lastCount > 0;

  private checkResult(run: Run): void {
    const expected = this.world.sites
      .filter((site) => sightOf(run, site) !== null)
      .map(({ issuer }) => issuer);
    if (run.end === 'completed' && !isDeepStrictEqual([...run.reported].sort(), [...expected].sort()))
      this.verdict.broken.push(
        `${run.name} reported ${run.reported.join(', ')} instead of ${expected.join(', ')}`,
      );
    if (run.end === 'running') this.verdict.broken.push(`${run.name} waits for ever`);
    if (run.action === 'audit' && run.messages.length + run.saves + run.wrote > 0)
      this.verdict.broken.push(`${run.name} is an audit and did something`);
  }

  /** A miss, or a run that could not collect, begins anew; but one that could not be saved is known to nobody. */
  private follow(run: Run): void {
    const recorded = this.recordsOf(run);
    for (const { issuer, host } of this.world.sites) {
      const tops = run.probes.get(host)?.tops;
      if (tops === undefined) continue;
      const isMissed = (key: string): boolean =>
        key.startsWith(`${issuer} `) && !tops.includes(key.slice(issuer.length + 1));
      if (recorded.has(issuer)) {
        for (const key of [...this.firstSeen.keys()].filter(isMissed)) this.firstSeen.delete(key);
      }
      for (const top of tops)
        this.firstSeen.set(`${issuer} ${top}`, this.firstSeen.get(`${issuer} ${top}`) ?? run.startedAt);
    }
  }

  private ledger(id: string): Ledger {
    const ledger = this.ledgers.get(id) ?? new Ledger();
    this.ledgers.set(id, ledger);
    return ledger;
  }

  private dated = (problems: readonly string[]): readonly string[] =>
    problems.map((problem) => `${new Date(this.world.now).toISOString()} ${problem}`);
}
