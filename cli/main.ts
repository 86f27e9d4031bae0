#!/usr/bin/env node
/** The command line's entry: the only reader of arguments, environment, clock and console. */
import { runCommand } from './command';
import type { Shell, Stream } from './shell';

/** The width if nobody looks, or if the terminal does not report one. */
const COLUMNS = 100;

const streamOf = (stream: NodeJS.WriteStream): Stream => ({
  isTerminal: stream.isTTY,
  get columns() {
    return stream.isTTY ? stream.columns : COLUMNS;
  },
  write: (text) =>
    new Promise((resolve) => {
      stream.write(text, () => {
        resolve();
      });
    }),
});

// A reader that has read enough (`| head`) closes the pipe; the exit code still reports the result.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
// The SDK warns users, not developers, which Node it will require next year.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
});

const shell: Shell = {
  environment: process.env,
  setVariables: (values) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  },
  stdout: streamOf(process.stdout),
  stderr: streamOf(process.stderr),
  node: process.version,
  now: () => new Date(),
  interrupted: interruption.signal,
};

void runCommand(process.argv.slice(2), shell).then((code) => {
  // A request that is no longer needed (an interrupted probe) must not hold the process.
  process.exit(code);
});
