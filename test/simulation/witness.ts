/** What a claim of a message is compared with. */
import type { MonitorConfig } from '../../lambda/config/config';
import type { Run } from './run';
import type { Site, World } from './world';

/** `since`: what people did before is no change any more. */
export interface Witness {
  readonly run: Run;
  readonly world: World;
  readonly config: MonitorConfig;
  readonly site: Site | null;
  readonly since: number;
}

/** Why a claim is untrue: nothing if it is true. */
export const unless = (truth: boolean, otherwise: string): readonly string[] => (truth ? [] : [otherwise]);
