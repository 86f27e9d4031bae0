/**
 * `npm run soak`: simulated years in minutes, each of a new seed. `--seed NAME` repeats one, `--known` those that once
 * failed; `--years N`, `--days N`, `--json`. Fails if anything was lost or untrue.
 */
import { parseArgs } from 'node:util';
import { KNOWN_YEARS } from './known-seeds';
import { newSeed, seedsFrom } from './seed';
import { Foundry } from './setting';
import { liveYear } from './year';
import type { Year } from './year';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    known: { type: 'boolean', default: false },
    years: { type: 'string', default: '1' },
    days: { type: 'string', default: '365' },
    json: { type: 'boolean', default: false },
  },
});

const MEBIBYTE = 1024 * 1024;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const seeds = values.known ? KNOWN_YEARS : seedsFrom(values.seed ?? newSeed(), Number(values.years));

/** What went wrong in a year, each problem with the seed that repeats it. */
const problemsOf = (seed: string, { verdict }: Year): readonly string[] =>
  [...verdict.lost, ...verdict.untrue, ...verdict.wrongWrites, ...verdict.broken, ...verdict.repeated].map(
    (problem) => `--seed ${seed}: ${problem}`,
  );

type Figures = Readonly<Record<string, number>>;

const figuresOf = ({ verdict, runs, failed, killed, changes }: Year): Figures => ({
  'runs begun': runs,
  'runs that failed, by SNS': failed,
  'runs that were killed': killed,
  'changes in the world': changes,
  'messages sent': verdict.messages,
  'alerts lost': verdict.lost.length,
  'false alarms': verdict.untrue.length,
  'said again although known': verdict.repeated.length,
  'duplicates, after failed or killed runs': verdict.duplicates,
  'lists updated': verdict.writes,
  'wrong updates': verdict.wrongWrites.length,
  'broken promises': verdict.broken.length,
});

const sum = (left: Figures, right: Figures): Figures =>
  Object.fromEntries(Object.entries(right).map(([name, value]) => [name, (left[name] ?? 0) + value]));

async function main(): Promise<void> {
  const begin = performance.now();
  const days = Number(values.days);
  const foundry = await Foundry.open();
  let peak = 0;
  let figures: Figures = {};
  const problems: string[] = [];
  for (const seed of seeds) {
    // Before the year, so that a run which is broken off can be repeated, too.
    process.stderr.write(`--seed ${seed} --days ${days}\n`);
    const onStep = (): void => {
      peak = Math.max(peak, process.memoryUsage.rss());
    };
    const year = await liveYear({ seed, days, foundry, onStep });
    figures = sum(figures, figuresOf(year));
    problems.push(...problemsOf(seed, year));
  }
  const shown: Readonly<Record<string, string | number>> = {
    seeds: seeds.join(' '),
    'simulated days': days * seeds.length,
    ...figures,
    'peak memory, MiB': Math.round(peak / MEBIBYTE),
    seconds: Math.round((performance.now() - begin) / 1_000),
  };
  if (values.json) say(JSON.stringify({ figures: shown, problems }, null, 2));
  else for (const [name, value] of Object.entries(shown)) say(`${name.padEnd(42)}${value}`);
  if (!values.json) for (const problem of problems) say(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

void main();
