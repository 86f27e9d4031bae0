/**
 * One catalogue of what can go wrong. One code = one cause = one remedy = one heading in `docs/runbook.md`.
 */

/** Why something could not be collected. The prefix names the layer that failed. */
export const FAILURE_CODES = [
  'DNS_NOT_FOUND',
  'DNS_UNAVAILABLE',
  'DNS_DOMAIN_NOT_FOUND',
  'DNS_DANGLING_CNAME',
  'SSRF_ADDRESS_REFUSED',
  'TCP_REFUSED',
  'TCP_RESET',
  'TCP_TIMEOUT',
  'TCP_UNREACHABLE',
  'TLS_TIMEOUT',
  'TLS_RESET',
  'TLS_HANDSHAKE',
  'TLS_NO_CERTIFICATE',
  'TLS_MALFORMED',
  'TLS_TOO_LARGE',
  'TLS_UNTRUSTED',
  'HTTP_TIMEOUT',
  'HTTP_REDIRECT',
  'HTTP_STATUS',
  'HTTP_NO_SUCH_BUCKET',
  'HTTP_ENCODING',
  'HTTP_TOO_LARGE',
  'HTTP_BROKEN',
  'OIDC_NOT_JSON',
  'OIDC_TOO_DEEP',
  'OIDC_NOT_AN_OBJECT',
  'OIDC_DUPLICATE_KEY',
  'OIDC_ISSUER_MISSING',
  'OIDC_ISSUER_DIFFERS',
  'OIDC_JWKS_URI_MISSING',
  'OIDC_JWKS_URI_REFUSED',
  'OIDC_JWKS_URI_ADDRESS',
  'OIDC_JWKS_INVALID',
  'AWS_ACCESS_DENIED',
  'AWS_CREDENTIALS',
  'AWS_NOT_FOUND',
  'AWS_CONFLICT',
  'AWS_THROTTLED',
  'AWS_UNAVAILABLE',
  'AWS_SKIPPED',
  'DEADLINE_EXCEEDED',
] as const;

/** One of them. */
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Causes by which somebody else may take over the host: a name or a bucket that others can create is missing. */
const TAKEOVER_CODES = ['DNS_DOMAIN_NOT_FOUND', 'DNS_DANGLING_CNAME', 'HTTP_NO_SUCH_BUCKET'] as const;

/** One of them. */
export type TakeoverCode = (typeof TAKEOVER_CODES)[number];

/** Whether a code is one of them. DISC005 reports it. */
export const isTakeoverCode = (code: FailureCode): code is TakeoverCode =>
  TAKEOVER_CODES.some((each) => each === code);

/** The parts of a run that can fail. `assume`: the role of another account could not be assumed. */
export const STEPS = ['discovery', 'jwks', 'tls', 'iam', 'deadline', 'state', 'sns', 'assume'] as const;

/** One of them. */
export type Step = (typeof STEPS)[number];

/** An expected failure outside this product: what could not be collected, and why, in words. */
export interface Failure {
  readonly step: Step;
  readonly code: FailureCode;
  readonly message: string;
  /**
   * The original words of AWS, of the network or of a library: escaped, bounded, without credentials. For the
   * log and for scripts; what people read is `message`. Absent if there was no exception.
   */
  readonly detail?: string;
}

/** Builds a failure; `message` is one sentence or more for a person. An empty `detail` is left out. */
export const failure = (step: Step, code: FailureCode, message: string, detail = ''): Failure => ({
  step,
  code,
  message,
  ...(detail === '' ? {} : { detail }),
});

/** What a Lambda client receives as `errorType`. Anything else is an internal error. */
export const MONITOR_ERROR_TYPES = ['ConfigError', 'EventError', 'AccessError', 'PublishError'] as const;

/** One of them. */
export type MonitorErrorType = (typeof MONITOR_ERROR_TYPES)[number];

/** An invocation that cannot continue, with a message for a person. */
abstract class MonitorError extends Error {
  abstract override readonly name: MonitorErrorType;
}

/** The configuration is wrong. The message names every problem, one a line. */
export class ConfigError extends MonitorError {
  override readonly name = 'ConfigError';
}

/** The event is wrong, or requests more than the configuration permits. */
export class EventError extends MonitorError {
  override readonly name = 'EventError';
}

/** AWS denied an action that the run needs, or did not answer it. The message names the action. */
export class AccessError extends MonitorError {
  override readonly name = 'AccessError';
}

/** The alert could not be published. The run fails, so that Lambda retries it and the alarm fires. */
export class PublishError extends MonitorError {
  override readonly name = 'PublishError';
}
