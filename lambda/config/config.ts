/** The one configuration schema, read by the CDK app at synth and by the function at each invocation. */
import { safeParse } from 'valibot';
import { unknownAcceptKeys } from './accept';
import { CONFIG_KEYS, configSchema } from './config-schema';
import type { DISCOVER, UPDATE_MODES } from './config-schema';
import { ConfigError } from '../domain/errors';
import { escapeForeign } from '../text/escape';
import { EXAMPLE_ORG, problemsOf } from './schema';
import { unknownKeys } from './unknown-keys';
import { foldTrustAnchors, validateTrustAnchors } from './trust-anchors';
import type { CheckId } from '../domain/checks';

export { CONFIG_KEYS };
export type { ConfigInput } from './config-schema';

/** Which providers of the account's own list are read in addition to the configured targets. */
export type Discover = (typeof DISCOVER)[number];

/** Whether the monitor may repair a list; see `docs/threat-model.md`. */
export type UpdateMode = (typeof UPDATE_MODES)[number];

/**
 * A suppression of findings: counted, not alerted, until the date. Without an issuer: findings that belong to
 * the account and to no provider. Without a subject: what existed when the entry was first applied.
 */
export interface AcceptedFinding {
  readonly check: CheckId;
  readonly issuer?: string;
  /** 12 digits. */
  readonly account?: string;
  /** The name or ARN of a role, a thumbprint, a host, the ARN of a provider: depending on the check. */
  readonly subject?: string;
  readonly reason: string;
  /** ISO 8601 date or date and time. */
  readonly until: string;
}

/** The configuration with every default filled in. Issuers are normalised URLs; a slash at the end stays. */
export interface MonitorConfig {
  readonly orgs: readonly string[];
  readonly issuers: readonly string[];
  /** Absent: all are read. `scope.ts` says what it means for updates. */
  readonly discover?: Discover | undefined;
  readonly update: UpdateMode;
  /** Further issuers whose lists may be updated. They need not have a provider. */
  readonly updateIssuers: readonly string[];
  readonly holdDownHours: number;
  readonly expiryDays: number;
  /**
   * `host:port` → PEM bundle, port 443 included. One bundle for all configured issuers is assigned to each of
   * their hosts.
   */
  readonly trustAnchors: Readonly<Record<string, string>>;
  readonly accept: readonly AcceptedFinding[];
  readonly allowPrivateNetworks: boolean;
  readonly auditTrust: boolean;
  /** Shown beside the account number. Null: the alias of the account, if it has one. */
  readonly accountName: string | null;
  /** Where the documentation is: messages link to its pages. Null: they name the check. */
  readonly docsUrl: string | null;
  readonly topicArn: string | null;
  readonly chatTopicArn: string | null;
  readonly stateTable: string | null;
}

/**
 * Validates a configuration and fills in the defaults. Throws ConfigError naming every problem, one a line.
 * Repeated orgs and issuers are folded. `now` null: whether trust anchors are valid now is not checked.
 */
export function parseConfig(value: unknown, now: Date | null = null): MonitorConfig {
  const parsed = safeParse(configSchema, value);
  const given = parsed.success ? parsed.output : null;
  const anchors = validateTrustAnchors(
    valueAt(value, 'trustAnchors'),
    given === null ? null : { issuers: given.issuers, discoversAll: given.discover === 'all' },
    now,
  );
  const problems = [
    ...unknownKeys(value, CONFIG_KEYS),
    ...unknownAcceptKeys(valueAt(value, 'accept')),
    ...problemsOf(parsed.issues ?? [], 'configuration'),
    ...(anchors.ok ? [] : anchors.problems),
  ];
  if (given === null || !anchors.ok || problems.length > 0) throw new ConfigError(problems.join('\n'));
  return { ...given, trustAnchors: anchors.value };
}

/** The value of a key; undefined if the input is no object. */
const valueAt = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;

/**
 * Validates the environment variable MONITOR_CONFIG. The stack always sets it, so an unset one is a changed
 * deployment: a run with defaults would omit the configured orgs without an error. Throws ConfigError.
 */
export function parseConfigText(json: string | undefined, now: Date | null = null): MonitorConfig {
  if (json === undefined || json.trim() === '') {
    throw new ConfigError(
      `MONITOR_CONFIG: is not set. Deploy the stack again, or set it to JSON such as {"orgs": ["${EXAMPLE_ORG}"]}; {} means all defaults.`,
    );
  }
  return parseConfig(parseJson(json), now);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const where = error instanceof Error ? escapeForeign(error.message) : 'no reason given';
    throw new ConfigError(`MONITOR_CONFIG: is not JSON: ${where}. Deploy the stack again, or correct it.`, {
      cause: error,
    });
  }
}

/** The keys in which a configuration differs from the defaults, written as `parseConfig` reads them. */
export function configDifference(config: MonitorConfig): Readonly<Record<string, unknown>> {
  const defaults = new Map<string, unknown>(Object.entries(parseConfig({})));
  const written = { ...config, trustAnchors: foldTrustAnchors(config.trustAnchors, config.issuers) };
  return Object.fromEntries(
    Object.entries(written).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(key)),
    ),
  );
}
