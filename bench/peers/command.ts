/** Peers that are no Node functions: they run if the machine has the tools that they need. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { naiveFinds } from '../judges';
import { WrongAnswer, environmentOf } from '../measure';
import type { Place } from '../measure';
import type { BenchAccount } from '../world';

/** A script with its tools. */
export interface Command {
  readonly name: string;
  /** Why it cannot run here; null if it can. */
  readonly missing: string | null;
  /** From start to end, in milliseconds. Throws WrongAnswer. */
  readonly run: (place: Place, account: BenchAccount) => Promise<number>;
}

const isThere = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** boto3 with 16 threads. */
export const threads: Command = {
  name: 'boto3, 16 threads',
  missing: isThere('python3', '-c', 'import boto3, sys; assert sys.version_info >= (3, 10)')
    ? null
    : 'needs python3 (3.10 or newer) and boto3',
  run: (place, account) => time(place, account, ['python3', join(__dirname, 'threads.py')]),
};

/** curl, openssl and aws, one org after the other. */
export const pipeline: Command = {
  name: 'curl + openssl + aws',
  missing:
    ['curl', 'aws'].every((program) => isThere(program, '--version')) && isThere('openssl', 'version')
      ? null
      : 'needs curl, openssl and aws',
  run: (place, account) => time(place, account, ['sh', join(__dirname, 'pipeline.sh'), ...account.issuers]),
};

async function time(place: Place, account: BenchAccount, [program = '', ...args]: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...environmentOf(place, account) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answer = await text(child.stdout);
  const took = performance.now() - began;
  const wrong = naiveFinds(account)(answer === '' ? [] : JSON.parse(answer), await place.world.count());
  if (wrong !== null) throw new WrongAnswer(`${program}: ${wrong}`);
  return took;
}
