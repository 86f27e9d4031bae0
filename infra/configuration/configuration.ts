/** The app's whole configuration: monitor.config.json, overridden by flags (`-c key=value`, or `context` in cdk.json). */
import { ConfigError } from '../../lambda/domain/errors';
import { unknownKeys } from '../../lambda/config/unknown-keys';
import { show } from '../../lambda/text/quote';
import { readMonitorConfig } from './config-file';
import { COMMAND_KEYS, FEDERATION_KEYS, FILES, LISTS, MONITOR_KEYS, RECIPIENTS } from './keys';
import { federationPropsFrom } from './federation-props';
import type { FederationStackProps } from '../federation/federation-stack';
import { monitorPropsFrom } from './monitor-props';
import { readNamedFile } from './named-file';
import type { ThumbprintMonitorProps } from '../monitor/props';
import { removalsBy } from './removals';

/** What the app deploys. */
export interface Configuration {
  readonly monitor: ThumbprintMonitorProps;
  /** Null: no key asks for the stack CircleCiFederation. */
  readonly federation: FederationStackProps | null;
  /** The configuration file, as messages name it. */
  readonly fileName: string;
  /** Whether somebody receives alerts, or `recipients=none` says that nobody needs to. */
  readonly recipientsDecided: boolean;
}

type ContextEntries = Readonly<Record<string, unknown>>;

/** Feature flags, and what the CDK itself writes into the context. */
const isOfCdk = (key: string): boolean =>
  /^(@|aws:|aws-cdk:|cdk-|availability-zones:|hosted-zone:|vpc-provider:|ssm:)/.test(key);

/**
 * Reads file and flags and validates them together. `folder`: the app's folder; paths are relative to it. Throws
 * ConfigError naming every problem of both stacks, one a line.
 */
export function readConfiguration(context: ContextEntries, folder: string): Configuration {
  const given = Object.fromEntries(Object.entries(context).filter(([key]) => !isOfCdk(key)));
  const problems = [
    ...unknownKeys(given, [...MONITOR_KEYS, ...FEDERATION_KEYS, RECIPIENTS, ...COMMAND_KEYS]),
  ];
  const file = readMonitorConfig(given['config'], folder, problems);
  const flags = readFlags(given, folder, problems);
  const mayRemove = readSwitch('forget', given['forget'], problems);
  if (!mayRemove) problems.push(...removalsBy(flags, file));

  const { [RECIPIENTS]: recipients, ...monitor } = { ...file.monitor, ...flags.monitor };
  if (recipients !== undefined && recipients !== 'none') {
    problems.push(`recipients: must be none; it is ${show(recipients)}. Correct it, or remove it.`);
  }
  const validated = collectProblems(problems, () => monitorPropsFrom(monitor));
  const isInFile = (key: string): boolean =>
    Object.keys(file.federation).length > 0 && !Object.hasOwn(flags.federation, key);
  const federation = collectProblems(problems, () =>
    federationPropsFrom({ ...file.federation, ...flags.federation }, (key) =>
      isInFile(key) ? `federation.${key}` : key,
    ),
  );
  if (validated === undefined || problems.length > 0) throw new ConfigError(problems.join('\n'));
  const { emails = [], topicArn, chat } = validated;
  return {
    monitor: validated,
    federation: federation ?? null,
    fileName: file.name,
    recipientsDecided: recipients === 'none' || emails.length > 0 || topicArn !== undefined || chat === true,
  };
}

/** Runs a validation; its problems join those of before. */
function collectProblems<T>(problems: string[], validate: () => T): T | undefined {
  try {
    return validate();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function readFlags(
  given: ContextEntries,
  folder: string,
  problems: string[],
): { readonly monitor: ContextEntries; readonly federation: ContextEntries } {
  const pick = (keys: readonly string[], read: (key: string, value: unknown) => unknown): ContextEntries =>
    Object.fromEntries(
      Object.entries(given)
        .filter(([key]) => keys.includes(key))
        .map(([key, value]) => [key, read(key, value)]),
    );
  return {
    monitor: pick([...MONITOR_KEYS, RECIPIENTS], (key, value) => readFlag(key, value, folder, problems)),
    federation: pick(FEDERATION_KEYS, (key, value) =>
      key === 'ref' && typeof value === 'string' ? separated(value) : value,
    ),
  };
}

/** A value on the command line is a string; in cdk.json it may have its own type. */
function readFlag(key: string, value: unknown, folder: string, problems: string[]): unknown {
  if (FILES.includes(key)) return readNamedFile(key, value, folder, problems);
  if (typeof value !== 'string') return value;
  if (LISTS.includes(key)) return separated(value);
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d+$/.test(value) ? Number(value) : value;
}

const separated = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function readSwitch(key: string, value: unknown, problems: string[]): boolean {
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  problems.push(`${key}: must be true or false; it is ${show(value)}.`);
  return false;
}
