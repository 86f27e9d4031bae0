/** What a run is asked. */
import type { MonitorConfig } from './config';
import type { MonitorEvent } from './event';

/** What a run is asked, and in whose account. */
export interface Assignment {
  readonly event: MonitorEvent;
  readonly config: MonitorConfig;
  /** Null where only the providers' ARNs can tell. */
  readonly account: string | null;
  /** Between two scheduled runs. @default 360 */
  readonly intervalMinutes?: number;
}
