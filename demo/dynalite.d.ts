/** The package carries no types of its own. Source: its README. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Times in milliseconds: how long a table takes to come and go. */
  interface DynaliteOptions {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
