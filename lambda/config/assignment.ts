/** The task of a run. */
import type { MonitorConfig } from './config';
import type { MonitorEvent } from './event';

/** The event and the configuration of a run, and its account. */
export interface Assignment {
  readonly event: MonitorEvent;
  readonly config: MonitorConfig;
  /** Null if only the providers' ARNs contain it. */
  readonly account: string | null;
  /** Minutes between two scheduled runs. @default 360 */
  readonly intervalMinutes?: number;
  /**
   * How to select more providers, as a clause after "To monitor them,": the command line names its flags.
   * @default keys of the configuration
   */
  readonly selectBy?: string;
}
