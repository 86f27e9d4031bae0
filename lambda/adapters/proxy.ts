/** Proxies are not supported: a failure of a direct connection says so if the environment names one. */
import type { Outcome } from '../domain/types';
import type { FailureCode } from '../domain/errors';

/** curl and many other programs accept lower case, too. */
const VARIABLES = ['HTTPS_PROXY', 'https_proxy'] as const;

/** Failures that are usual in a network from which only a proxy can connect to the internet. */
const DIRECT: ReadonlySet<FailureCode> = new Set([
  'DNS_NOT_FOUND',
  'DNS_UNAVAILABLE',
  'DNS_DOMAIN_NOT_FOUND',
  'DNS_DANGLING_CNAME',
  'TCP_REFUSED',
  'TCP_TIMEOUT',
  'TCP_UNREACHABLE',
]);

/** Adds to a failed connection that the proxy of the environment was not used. */
export function withProxyHint<T>(
  outcome: Outcome<T>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Outcome<T> {
  if (outcome.ok || !DIRECT.has(outcome.failure.code)) return outcome;
  const variable = VARIABLES.find((name) => (environment[name] ?? '') !== '');
  if (variable === undefined) return outcome;
  const message = `${outcome.failure.message} ${variable} is set, but the monitor does not use it: it connects directly.`;
  return { ok: false, failure: { ...outcome.failure, message } };
}
