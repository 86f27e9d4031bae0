/** `npm run soak`: a simulated year in minutes. `--seed`, `--days`, `--json`. Fails if anything was lost or untrue. */
import { parseArgs } from 'node:util';
import { Foundry } from './setting';
import { liveYear } from './year';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: 'year' },
    days: { type: 'string', default: '365' },
    json: { type: 'boolean', default: false },
  },
});

const MEBIBYTE = 1024 * 1024;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const begin = performance.now();
  let peak = 0;
  const { verdict, runs, failed, killed, changes } = await liveYear({
    seed: values.seed,
    days: Number(values.days),
    foundry: await Foundry.open(),
    onStep: () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    },
  });
  const problems = { ...verdict, wrong: verdict.wrongWrites };
  const bad = [
    ...problems.lost,
    ...problems.untrue,
    ...problems.wrong,
    ...problems.broken,
    ...problems.repeated,
  ];
  const figures: Readonly<Record<string, string | number>> = {
    seed: values.seed,
    'simulated days': Number(values.days),
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
    'peak memory, MiB': Math.round(peak / MEBIBYTE),
    seconds: Math.round((performance.now() - begin) / 1_000),
  };
  if (values.json) say(JSON.stringify({ figures, problems: bad }, null, 2));
  else for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(42)}${value}`);
  if (!values.json) for (const problem of bad) say(problem);
  process.exitCode = bad.length === 0 ? 0 : 1;
}

void main();
