/** The keys of the app's configuration: in `monitor.config.json`, and as flags (`-c key=value`). */
import { CONFIG_KEYS } from '../../lambda/config/config';

/** Keys of the function's configuration that the stack sets by itself. `topicArn` means an existing topic, here. */
const SET_BY_STACK = ['chatTopicArn', 'stateTable', 'topicArn'];

/** What the monitor watches: keys that the function shares. */
export const WATCH_KEYS: readonly string[] = CONFIG_KEYS.filter((key) => !SET_BY_STACK.includes(key));

/** What concerns the deployment alone. */
export const DEPLOYMENT_KEYS: readonly string[] = [
  'email',
  'schedule',
  'topicArn',
  'alarmTopicArn',
  'topicKey',
  'chat',
  'dashboard',
];

/** All keys of the monitor. */
export const MONITOR_KEYS: readonly string[] = [...WATCH_KEYS, ...DEPLOYMENT_KEYS];

/** Keys of the stack CircleCiFederation; in the file they are inside `federation`. */
export const FEDERATION_KEYS = [
  'org',
  'project',
  'issuer',
  'provider',
  'origin',
  'ref',
  'repository',
] as const;

/** Lists: JSON arrays in the file, separated by commas in a flag. */
export const LISTS: readonly string[] = ['orgs', 'issuers', 'updateIssuers', 'email'];

/** Values that may be the path of a file. */
export const FILES: readonly string[] = ['trustAnchors', 'accept'];

/** Permits a deployment from which nobody receives alerts: `recipients=none`. In the file, too. */
export const RECIPIENTS = 'recipients';

/** Flags for one command, never in the file: which file, and whether flags may remove what it names. */
export const COMMAND_KEYS: readonly string[] = ['config', 'forget'];
