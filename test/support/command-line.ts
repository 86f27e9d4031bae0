/** The built command line in a process of its own, with an environment of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCli } from '../../infra/build/build-cli';

/** How a command ended. `code` is null if a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** The environment of a command beside PATH. */
export type Environment = Readonly<Record<string, string>>;

/** A fresh build, and a home without credentials. */
export interface CommandLine {
  readonly start: (args: readonly string[], environment?: Environment) => Running;
  readonly run: (args: readonly string[], environment?: Environment) => Promise<Finished>;
  /** Writes a file and gives its path. */
  readonly file: (name: string, text: string) => string;
  readonly remove: () => void;
}

/** Builds once for a test file. */
export function commandLine(): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-cli-'));
  const entry = buildCli(join(folder, 'cli'));
  const start = (args: readonly string[], environment: Environment = {}): Running => {
    const child = spawn(process.execPath, [entry, ...args], {
      cwd: folder,
      // No credentials but those that a test names.
      env: { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, finished: ending(child) };
  };
  return {
    start,
    run: (args, environment) => start(args, environment).finished,
    file: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ending(child: ChildProcess): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...said });
    });
  });
}
