/** Commands as a CI job runs them, in an environment with nothing but the given variables. */
import { spawn } from 'node:child_process';
import type { Finished } from './command-line';

/** How to run a command. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  /** @default that of the tests */
  readonly folder?: string;
}

/** Runs a command to its end. Rejects if it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  { environment, folder = process.cwd() }: Surroundings,
): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...said });
    });
  });
}
