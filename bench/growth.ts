/** N orgs on one host, with network delay: the monitor, its requests alone and the alternatives in the same rounds. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkAnswers, checkReport, checkResults } from './answers';
import { knownAccount, runCommand, runFunction } from './measure';
import type { Bench, FunctionSubject, Run } from './measure';
import { inRounds } from './rounds';
import type { Result, Task } from './rounds';
import type { Account, BenchIssuer } from './world';

const ORGS = [1, 10, 100, 700];
const WARM = 3;

interface Contender {
  readonly name: string;
  /** How often it runs with each number of ORGS. */
  readonly times: readonly number[];
  readonly run: (account: Account) => Promise<Run>;
}

/** With `quick` each contender runs a third as often, and not with 700 orgs. */
export async function measureGrowth(bench: Bench, issuer: BenchIssuer): Promise<readonly Result[]> {
  const tasks: Task[] = [];
  const contenders = [...functions(bench), ...alternatives(bench)];
  for (const [index, orgs] of (bench.quick ? ORGS.slice(0, -1) : ORGS).entries()) {
    const account = await knownAccount(bench, issuer, orgs);
    for (const { name, times, run } of contenders) {
      const full = times[index] ?? 0;
      if (full === 0) continue;
      const fewer = Math.ceil(full / 3);
      tasks.push({ contender: name, orgs, times: bench.quick ? fewer : full, run: () => run(account) });
    }
  }
  return inRounds(tasks);
}

function functions(bench: Bench): readonly Contender[] {
  const { monitor, requests } = bench.bundles;
  const often = [7, 7, 7, 3];
  const run =
    (bundle: string, check: typeof checkResults, more: Partial<FunctionSubject> = {}): Contender['run'] =>
    (account) =>
      runFunction(bench, account, { bundle, check: check(account), warm: WARM, ...more });
  // The smallest memory size of Lambda.
  const small = { lambdaMb: 128 };
  return [
    { name: 'monitor', times: often, run: run(monitor, checkReport) },
    { name: 'requests alone', times: often, run: run(requests, checkAnswers) },
    { name: 'monitor, heap of 128 MB', times: [0, 0, 0, 3], run: run(monitor, checkReport, small) },
    { name: 'requests alone, heap of 128 MB', times: [0, 0, 0, 3], run: run(requests, checkAnswers, small) },
  ];
}

/** Those for which this machine has the tools. A naive run with 100 orgs takes 460 round trips. */
function alternatives(bench: Bench): readonly Contender[] {
  const file = (name: string): string => join(__dirname, 'peers', name);
  const run =
    (program: string, args: (account: Account) => readonly string[]): Contender['run'] =>
    (account) =>
      runCommand(bench, account, { program, args: args(account), check: checkResults(account) });
  const naive: Contender = {
    name: 'naive',
    times: [5, 3, 2, 0],
    run: (account) =>
      runFunction(bench, account, { bundle: bench.bundles.naive, check: checkResults(account) }),
  };
  const boto3: Contender = {
    name: 'boto3, 16 threads',
    times: [3, 3, 3, 0],
    run: run('python3', () => [file('threads.py')]),
  };
  const curl: Contender = {
    name: 'curl + openssl + aws',
    times: [2, 2, 0, 0],
    run: run('sh', ({ issuers }) => [file('pipeline.sh'), ...issuers]),
  };
  const hasBoto3 = works('python3', '-c', 'import boto3, sys; assert sys.version_info >= (3, 10)');
  const hasCurl = works('curl', '--version') && works('aws', '--version') && works('openssl', 'version');
  return [naive, ...(hasBoto3 ? [boto3] : []), ...(hasCurl ? [curl] : [])];
}

const works = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;
