/** What goes wrong in a year: outages that last, single calls that fail, and people who change their minds. */
import type { Fault, Weather } from './faults';
import type { Random } from '../support/random';
import { HOSTS, SITES } from './setting';
import type { World } from './world';

const STEP_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;

interface Outage {
  readonly calls: RegExp;
  readonly fault: Fault;
  readonly until: number;
}

/** What an outage may hit: a host's name or TLS, its documents, IAM, SNS, DynamoDB. */
const OUTAGES: readonly [readonly [RegExp, Fault], ...(readonly [RegExp, Fault])[]] = [
  [/^list$/, 'fails'],
  ...HOSTS.flatMap((host): readonly (readonly [RegExp, Fault])[] => [
    [new RegExp(`^(probe|document).*${host}`), 'fails'],
    [new RegExp(`^probe ${host}`), 'partly'],
    [new RegExp(`^document.*${host}.*/keys`), 'fails'],
  ]),
  [/^(read|roles)/, 'fails'],
  [/^count$/, 'fails'],
  [/^publish$/, 'fails'],
  [/^publish$/, 'unanswered'],
  [/^load/, 'fails'],
  [/^save/, 'fails'],
  [/^save.*org/, 'unanswered'],
  [/^update/, 'unanswered'],
  [/^update/, 'contested'],
  ...SITES.map(({ arn }): readonly [RegExp, Fault] => [new RegExp(`^read ${arn}`), 'fails']),
];

/** A year's climate. */
export class Climate {
  private outages: readonly Outage[] = [];
  private silentUntil = 0;
  /** Acknowledged findings, as the configuration names them. */
  accept: readonly {
    readonly check: string;
    readonly issuer: string;
    readonly reason: string;
    readonly until: string;
  }[] = [];

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  /** The failures of the next step. */
  next(): Weather {
    const { world, random } = this;
    this.outages = this.outages.filter(({ until }) => until > world.now);
    if (random.chance(0.04)) {
      const [calls, fault] = random.pick(OUTAGES);
      this.outages = [...this.outages, { calls, fault, until: world.now + random.between(1, 8) * STEP_MS }];
    }
    if (random.chance(0.004)) this.silentUntil = world.now + random.between(1, 6) * STEP_MS;
    world.recipients = world.now < this.silentUntil ? 0 : 1;
    if (random.chance(0.01)) this.acknowledge();
    return (call) => {
      const outage = this.outages.find(({ calls }) => calls.test(call));
      if (outage !== undefined) return outage.fault;
      const own = random.fork(`${world.now} ${call}`);
      return own.chance(0.001) ? own.pick<Fault>(['fails', 'unanswered']) : null;
    };
  }

  private acknowledge(): void {
    const { world, random } = this;
    const [check, { issuer }] = [random.pick(['THUMB001', 'CERT001']), random.pick(SITES)];
    const until = new Date(world.now + random.between(3, 30) * DAY_MS).toISOString();
    const others = this.accept.filter((each) => each.check !== check || each.issuer !== issuer);
    this.accept = [...others, { check, issuer, reason: 'It is known.', until }];
  }
}
