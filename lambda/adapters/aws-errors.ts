/** Converts errors of the SDK to failures. */
import { isNativeError } from 'node:util/types';
import type { Failure } from '../domain/types';
import { failure } from '../domain/errors';
import { abridge } from '../text/quote';
import { denialRemedy } from './aws-denial';
import { detailOf, messageOf } from './error-detail';
import { codeOf } from './network-errors';

type AwsCode =
  | 'AWS_ACCESS_DENIED'
  | 'AWS_CREDENTIALS'
  | 'AWS_NOT_FOUND'
  | 'AWS_CONFLICT'
  | 'AWS_THROTTLED'
  | 'AWS_UNAVAILABLE';

/** `said`: the message of AWS, which is shown as `detail`. */
const WORDS: Readonly<Record<AwsCode, (action: string, resource: string, said: string) => string>> = {
  AWS_ACCESS_DENIED: (action, resource, said) => `AWS denied ${action} on ${resource}: ${denialRemedy(said)}`,
  AWS_CREDENTIALS: (action) => `AWS did not accept the credentials for ${action}: renew them`,
  AWS_NOT_FOUND: (action, resource) => `${action} failed: ${resource} does not exist`,
  AWS_CONFLICT: (action, resource) =>
    `${action} on ${resource} failed: another process changed it at the same time`,
  AWS_THROTTLED: (action) => `AWS throttled ${action} and all retries`,
  AWS_UNAVAILABLE: (action, resource) => `${action} on ${resource} failed: no usable answer from AWS`,
};

/** Error names as IAM, SNS, STS and the SDK's credential providers use them. */
const CODES: readonly (readonly [RegExp, AwsCode])[] = [
  [/^AccessDenied|^AuthorizationError|^UnauthorizedOperation|^Unauthorized$/, 'AWS_ACCESS_DENIED'],
  [/Credentials|Token|^SignatureDoesNotMatch|^InvalidClientTokenId|^IncompleteSignature/, 'AWS_CREDENTIALS'],
  [/^NoSuchEntity|^NotFound|^ResourceNotFound/, 'AWS_NOT_FOUND'],
  [/^ConcurrentModification/, 'AWS_CONFLICT'],
  [
    /Throttl|^ProvisionedThroughputExceeded|^TooManyRequests|^RequestLimitExceeded|^SlowDown/,
    'AWS_THROTTLED',
  ],
];

/**
 * The SDK's own: nothing was sent to AWS. Its message names the profile, or the command that renews a
 * session.
 */
const NO_CREDENTIALS = /^(Credentials|Token)?ProviderError$/;

/** STS refused the credentials for signing the call. Its message names the action, or the reason. */
const isLoginRefusal = (name: string, message: string): boolean =>
  /^(IDP|InvalidIdentityToken)/.test(name) || /\bsts:AssumeRole/.test(message);

/**
 * Errors of connections have a code and no name of their own. Whatever the types say, an answer of AWS can make
 * the name of an SDK error an object.
 */
function errorNameOf(error: unknown): string {
  const given: unknown = isNativeError(error) ? error.name : '';
  const name = abridge(String(given));
  return name === '' || name === 'Error' ? codeOf(error) || name : name;
}

/** Converts an error of an AWS call. `action` and `resource` are what a policy would name. Never throws. */
export function awsFailure(error: unknown, action: string, resource: string): Failure {
  const [name, said, detail] = [errorNameOf(error), messageOf(error), detailOf(error)];
  if (NO_CREDENTIALS.test(name) || isLoginRefusal(name, said)) {
    const reason = (detail || name).replace(/\.$/, '');
    const message = `There are no usable AWS credentials for ${action}: ${reason}.`;
    return failure('iam', 'AWS_CREDENTIALS', message, detail);
  }
  const code = CODES.find(([pattern]) => pattern.test(name))?.[1] ?? 'AWS_UNAVAILABLE';
  const words = WORDS[code](action, resource, said);
  return failure('iam', code, `${words} (${name || 'unknown error'}).`, detail);
}
