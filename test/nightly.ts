/** `npm run nightly [name…]`: the long versions of tests, which a commit cannot wait for. Exits 1 where one fails. */
import { spawnSync } from 'node:child_process';

/** One run of jest. `tests`: what its file names must match. A stage can be asked for by its name. */
interface Stage {
  readonly name: string;
  readonly tests: string;
  readonly environment: Readonly<Record<string, string>>;
}

const STAGES: readonly Stage[] = [
  { name: 'fuzzing', tests: 'test/fuzz/', environment: { FUZZ_CASES: '10000' } },
  { name: 'schedules', tests: 'test/simulation/', environment: { SCHEDULES: '1000' } },
];

/** For a whole file: with thousands of cases a test takes minutes. */
const TIMEOUT_MS = 6 * 3_600_000;

function passes({ name, tests, environment }: Stage): boolean {
  process.stdout.write(`\n== ${name}: ${JSON.stringify(environment)}\n`);
  const jest = ['jest', '--ci', `--testTimeout=${TIMEOUT_MS}`, `--testPathPatterns=${tests}`];
  // What the caller has set counts: FUZZ_SEED or SCHEDULE_SEED to repeat a run, FUZZ_CASES or SCHEDULES for more.
  const env = { ...environment, ...process.env };
  return spawnSync('npx', jest, { stdio: 'inherit', env }).status === 0;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
const chosen = names.length === 0 ? STAGES : STAGES.filter(({ name }) => names.includes(name));
const failed = chosen.filter((stage) => !passes(stage)).map(({ name }) => name);
if (failed.length + unknown.length > 0) {
  process.stderr.write(
    `Failed: ${failed.join(', ') || 'none'}. Not known: ${unknown.join(', ') || 'none'}.\n`,
  );
  process.exitCode = 1;
}
