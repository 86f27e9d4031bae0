/** What AWS refused, in a sentence with the remedy. */
import { isNativeError } from 'node:util/types';
import { denialRemedy } from '../lambda/adapters/aws-denial';
import { escapeForeign } from '../lambda/text/escape';
import { quote } from '../lambda/text/quote';

/** The call that failed. `action`: as a policy names it; `name`: of the resource. */
interface Call {
  readonly action: string;
  readonly name: string;
}

const LOG_IN = 'Log in (aws sso login, aws configure) or set AWS_PROFILE.';

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

/** The first that matches the error's name or message. */
const PROBLEMS: readonly (readonly [RegExp, (call: Call, reason: string) => string])[] = [
  [
    /^AccessDenied|^Unauthorized|^AuthorizationError/,
    ({ action, name }, reason) => `AWS denied ${action} on ${name}. ${sentence(denialRemedy(reason))}`,
  ],
  [
    /^Region /,
    (_, reason) =>
      `There is no usable AWS region: ${reason}. Set AWS_REGION, or name the function by its ARN.`,
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
      `There is no function ${name} in this account and region. Take the stack output MonitorFunctionName, and set AWS_REGION to the region of the stack.`,
  ],
  ...PROBLEMS,
  [/^Validation|^InvalidParameter/, ({ name }, reason) => `${name} is not a function's name: ${reason}.`],
];

/** The sentence for an error of an AWS call. `resource`: the name of a function, a stack, a topic. */
export function awsProblem(error: unknown, action: string, resource: string): string {
  const { name, message } = isNativeError(error) ? error : { name: '', message: String(error) };
  const reason = escapeForeign(message).replace(/\.$/, '');
  const problems = action.startsWith('lambda:') ? FUNCTION_PROBLEMS : PROBLEMS;
  const words = problems.find(([pattern]) => pattern.test(name) || pattern.test(message))?.[1];
  const call = { action, name: quote(resource) };
  return (
    words?.(call, reason) ??
    `${action} on ${call.name} failed: ${reason === '' ? name : reason}. Check the network, AWS_REGION and AWS_ENDPOINT_URL.`
  );
}
