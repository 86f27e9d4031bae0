/** A shell in this process that records what a command prints. */
import type { Shell } from '../../cli/shell';

/** A shell with its output so far. */
export interface RecordedShell extends Shell {
  readonly out: string[];
  readonly err: string[];
}

/** What a test changes. `onError` receives what is written to stderr, which is a terminal here. */
export interface RecordedShellOptions {
  readonly environment?: Record<string, string | undefined>;
  readonly interrupted?: AbortSignal;
  readonly now?: () => Date;
  readonly onError?: (text: string) => void;
}

/** A shell that prints 100 columns. Without `environment` it has no variables. */
export function recordedShell({
  environment = {},
  interrupted = new AbortController().signal,
  now = () => new Date(),
  onError = () => undefined,
}: RecordedShellOptions = {}): RecordedShell {
  const out: string[] = [];
  const err: string[] = [];
  return {
    environment,
    setVariables: (values) => {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) Reflect.deleteProperty(environment, name);
        else environment[name] = value;
      }
    },
    node: 'v22.0.0',
    stdout: {
      isTerminal: false,
      columns: 100,
      write: (text) => {
        out.push(text);
        return Promise.resolve();
      },
    },
    stderr: {
      isTerminal: true,
      columns: 80,
      write: (text) => {
        onError(text);
        err.push(text);
        return Promise.resolve();
      },
    },
    now,
    interrupted,
    out,
    err,
  };
}
