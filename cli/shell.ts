/** What a command can access of the process that it runs in, so that only `main.ts` touches it. */

/** A stream: how wide it is, and whether a person looks at it. */
export interface Stream {
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Resolves when the text is written. */
  readonly write: (text: string) => Promise<void>;
}

/** The process as arguments. `stdout` is for data, `stderr` for progress and errors. */
export interface Shell {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Changes variables of `environment` and of everything that reads it; undefined removes one. */
  readonly setVariables: (values: Readonly<Record<string, string | undefined>>) => void;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Version of Node.js, for example `v22.23.0`. */
  readonly node: string;
  readonly now: () => Date;
  /** Aborted at the first Ctrl-C. The second ends the process. */
  readonly interrupted: AbortSignal;
}
