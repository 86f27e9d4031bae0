/** The fixed lists of words that the contracts name. */
import { THRESHOLDS } from '../../cli/exit';
import { OUTPUTS } from '../../cli/outputs/render';
import { ACTIONS } from '../../cli/request';
import { FEDERATION_KEYS, MONITOR_KEYS } from '../../infra/configuration/keys';
import { CONFIG_KEYS } from '../../lambda/config/config';
import { DISCOVER } from '../../lambda/config/config-schema';
import { GRAVITY } from '../../lambda/domain/event-types';
import { SEVERITIES } from '../../lambda/domain/severity';
import { CHECK_IDS } from '../../lambda/domain/checks';

/** By name of the list. */
export const contractWords = (): Readonly<Record<string, readonly string[]>> => ({
  actions: ACTIONS,
  checks: CHECK_IDS,
  'configuration keys of the function': CONFIG_KEYS,
  'configuration keys of the app': MONITOR_KEYS,
  'configuration keys of the federation': FEDERATION_KEYS,
  'default of discover': DISCOVER.slice(0, 1),
  'event types': GRAVITY,
  outputs: OUTPUTS,
  severities: SEVERITIES,
  thresholds: THRESHOLDS,
});
