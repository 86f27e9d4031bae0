/** What AWS refused, in a sentence with the remedy. */
import { isNativeError } from 'node:util/types';
import { denialRemedy } from '../lambda/adapters/aws-denial';
import { detailOf } from '../lambda/adapters/error-detail';
import { escapeForeign } from '../lambda/text/escape';
import { quote } from '../lambda/text/quote';

/** The call that failed. `action`: as a policy names it; `name`: of the resource. */
interface Call {
  readonly action: string;
  readonly name: string;
}

const LOG_IN = 'Log in (aws sso login, aws configure), or choose a profile with --profile.';

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

/** The first that matches the error's name or message. */
const PROBLEMS: readonly (readonly [RegExp, (call: Call, reason: string) => string])[] = [
  [
    /^AccessDenied|^Unauthorized|^AuthorizationError/,
    ({ action, name }, reason) =>
      withAwsWords(`AWS denied ${action} on ${name}. ${sentence(denialRemedy(reason))}`, reason),
  ],
  [
    /^Region /,
    (_, reason) =>
      `There is no usable AWS region: ${reason}. Choose one with --region, or use the ARN of the function.`,
  ],
  [
    /^(Credentials|Token)?ProviderError/,
    (_, reason) => `There are no usable AWS credentials: ${reason}. ${LOG_IN}`,
  ],
  [
    /^Expired|Token|^SignatureDoesNotMatch|^IncompleteSignature/,
    (_, reason) => `AWS did not accept the credentials: ${reason}. ${LOG_IN}`,
  ],
  [/Throttl|^TooManyRequests/, ({ action, name }) => `AWS throttled ${action} on ${name}. Try again later.`],
];

/** Problems of calls about a function. */
const FUNCTION_PROBLEMS: typeof PROBLEMS = [
  [
    /^ResourceNotFound/,
    ({ name }) =>
      `There is no function ${name} in this account and region. Use the stack output MonitorFunctionName, and choose the account with --profile and the region of the stack with --region.`,
  ],
  ...PROBLEMS,
  [
    /^Validation|^InvalidParameter/,
    ({ name }, reason) =>
      `${name} is not the name of a function: ${reason}. Use the stack output MonitorFunctionName.`,
  ],
];

/** The sentence for an error of an AWS call. `resource`: the name of a function, a stack, a topic. */
export function awsProblem(error: unknown, action: string, resource: string): string {
  const { name, message } = isNativeError(error) ? error : { name: '', message: String(error) };
  const reason = detailOf(error).replace(/\.$/, '');
  const host = unresolvedHost(message);
  if (host !== null) return hostNotFound(host);
  const problems = action.startsWith('lambda:') ? FUNCTION_PROBLEMS : PROBLEMS;
  const words = problems.find(([pattern]) => pattern.test(name) || pattern.test(message))?.[1];
  const call = { action, name: quote(resource) };
  return (
    words?.(call, reason) ??
    `${action} on ${call.name} failed: ${reason === '' ? escapeForeign(name) : reason}. Check the network, --region and AWS_ENDPOINT_URL.`
  );
}

/** The host in the message of Node about a name that DNS does not have; null: the message is another one. */
export const unresolvedHost = (message: string): string | null =>
  /\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)/.exec(message)?.[1] ?? null;

/** The sentence about an endpoint that does not exist: the region is in its name. `region`: of `--region`. */
export const hostNotFound = (host: string, region?: string): string =>
  `${region === undefined ? '' : `--region ${region}: `}DNS has no address for ${quote(host)}: check --region, AWS_ENDPOINT_URL and the network.`;

/** AWS names the policy that denied a call, so that an administrator finds it. `said`: escaped. */
export const withAwsWords = (words: string, said: string): string =>
  said === '' ? words : `${words} AWS said: "${said}"`;
