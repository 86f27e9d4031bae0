/** `npm run nightly [name…]`: the long versions of tests, which a commit cannot wait for. Exits 1 if one fails. */
import { spawnSync } from 'node:child_process';

/** One command. A stage can be selected by its name. */
interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** For a whole file: with thousands of cases a test takes minutes. */
const TIMEOUT_MS = 6 * 3_600_000;

/** A run of jest. `tests`: what its file names must match. */
const jest = (name: string, tests: string, environment: Stage['environment']): Stage => ({
  name,
  command: ['npx', 'jest', '--ci', `--testTimeout=${TIMEOUT_MS}`, `--testPathPatterns=${tests}`],
  environment,
});

/** A run of a script of package.json. */
const script = (name: string): Stage => ({
  name,
  command: ['npm', 'run', '--silent', name],
  environment: {},
});

const STAGES: readonly Stage[] = [
  script('test:slow'),
  jest('fuzzing', 'test/fuzz/', { FUZZ_CASES: '10000' }),
  // Twenty times the cases of `npm test`, as above.
  jest(
    'properties',
    'test/(domain|text|iam-policy|oidc|config|checks|state|report|alerting|remediation|decide|permissions)',
    { FUZZ_CASES: '10000' },
  ),
  jest('policies', 'test/oracle/agreement', { ORACLE_POLICIES: '10000' }),
  // A tenth of them for each kind of issuer.
  jest('issuers', 'test/oracle/issuers', { ORACLE_POLICIES: '100000' }),
  jest('schedules', 'test/simulation/', { SCHEDULES: '1000', FUZZ_CASES: '10000' }),
  jest('faults', 'test/faults', { FAULT_HOSTS: 'real' }),
  jest('pairs', 'test/nightly/pairs', { FAULT_PAIRS: '500', FAULT_HOSTS: 'real' }),
  { name: 'other-nodes', command: ['.ci/other-nodes', 'all'], environment: {} },
  script('soak'),
  { name: 'known-years', command: ['npm', 'run', '--silent', 'soak', '--', '--known'], environment: {} },
  script('mutation'),
];

function passes({ name, command: [program = '', ...rest], environment }: Stage): boolean {
  process.stdout.write(`\n== ${name}: ${JSON.stringify(environment)}\n`);
  // The caller's value has priority: FUZZ_SEED, ORACLE_SEED or SCHEDULE_SEED repeats a run.
  // FUZZ_CASES or SCHEDULES extends it.
  return spawnSync(program, rest, { stdio: 'inherit', env: { ...environment, ...process.env } }).status === 0;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
const chosen = names.length === 0 ? STAGES : STAGES.filter(({ name }) => names.includes(name));
const results = chosen.map((stage) => {
  const start = Date.now();
  const passed = passes(stage);
  const minutes = ((Date.now() - start) / 60_000).toFixed(1);
  return { passed, line: `${minutes.padStart(6)} min: ${stage.name}${passed ? '' : ', FAILED'}\n` };
});
process.stdout.write(`\n${results.map(({ line }) => line).join('')}`);
if (unknown.length > 0) process.stderr.write(`Not a stage: ${unknown.join(', ')}.\n`);
if (unknown.length > 0 || results.some(({ passed }) => !passed)) process.exitCode = 1;
