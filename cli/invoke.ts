/** The command `invoke`: lets the deployed function look, since `aws lambda invoke` exits 0 even where it failed. */
import { isNativeError } from 'node:util/types';
import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import type { Report } from '../lambda/core/domain';
import { escapeForeign } from '../lambda/core/text/escape';
import { quote } from '../lambda/core/text/quote';
import { namedRegion } from './region';
import type { InvokeFlags } from './request';
import { readReport } from './report-schema';
import type { Shell } from './shell';
import { UsageError } from './usage-error';

/** What the function returned. `payload` is the report as it came, with keys that a newer version may have added. */
export interface Invoked {
  readonly report: Report;
  readonly payload: unknown;
}

/** A run may take 5 minutes. */
const TIMEOUT_MS = 330_000;

/** Invokes the function once and waits for it. Throws UsageError for what AWS or the function refuses. */
export async function invokeFunction(
  functionName: string,
  { action, org, issuer }: InvokeFlags,
  shell: Pick<Shell, 'environment' | 'interrupted'>,
): Promise<Invoked> {
  const event = {
    action,
    ...(org.length === 0 ? {} : { orgs: org }),
    ...(issuer.length === 0 ? {} : { issuers: issuer }),
  };
  const answer = await send(functionName, JSON.stringify(event), shell);
  const payload = parsePayload(answer.Payload);
  if (answer.FunctionError !== undefined) throw functionError(payload);
  return { report: readReport(payload), payload };
}

async function send(
  functionName: string,
  event: string,
  shell: Pick<Shell, 'environment' | 'interrupted'>,
): Promise<InvokeCommandOutput> {
  const { InvokeCommand, LambdaClient: Client } = await import('@aws-sdk/client-lambda');
  const client: LambdaClient = new Client({
    ...namedRegion(shell),
    ...regionIn(functionName),
    // A second attempt would be a second run, with a second message.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const abort = new AbortController();
  void shell.interrupted.then(() => {
    abort.abort();
  });
  try {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(event) });
    return await client.send(command, { abortSignal: abort.signal });
  } catch (error) {
    throw new UsageError(sendingProblem(error, functionName), { cause: error });
  } finally {
    client.destroy();
  }
}

/** An ARN names its region, whatever the environment says. */
function regionIn(functionName: string): { readonly region?: string } {
  const [, region] = /^arn:[a-z0-9-]+:lambda:([a-z0-9-]+):/.exec(functionName) ?? [];
  return region === undefined ? {} : { region };
}

const LOG_IN = 'Log in (aws sso login, aws configure) or set AWS_PROFILE.';

/** The first that matches the error's name or message. */
const PROBLEMS: readonly (readonly [RegExp, (name: string, reason: string) => string])[] = [
  [
    /^ResourceNotFound/,
    (name) =>
      `There is no function ${name} in this account and region. Take the stack output MonitorFunctionName, and set AWS_REGION to the region of the stack.`,
  ],
  [
    /^AccessDenied|^Unauthorized/,
    (name) => `AWS denied lambda:InvokeFunction on ${name}. Allow it in the caller's policy.`,
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
  [/^Validation|^InvalidParameter/, (name, reason) => `${name} is not a function's name: ${reason}.`],
  [/Throttl|^TooManyRequests/, (name) => `AWS throttled the invocation of ${name}. Try again later.`],
];

function sendingProblem(error: unknown, functionName: string): string {
  const { name, message } = isNativeError(error) ? error : { name: '', message: String(error) };
  const reason = escapeForeign(message).replace(/\.$/, '');
  const words = PROBLEMS.find(([pattern]) => pattern.test(name) || pattern.test(message))?.[1];
  return (
    words?.(quote(functionName), reason) ??
    `${quote(functionName)} could not be invoked: ${reason === '' ? name : reason}. Check the network, AWS_REGION and AWS_ENDPOINT_URL.`
  );
}

function parsePayload(payload: Uint8Array | undefined): unknown {
  const text = Buffer.from(payload ?? []).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError('The function answered with something that is not JSON. Is it the monitor?', {
      cause,
    });
  }
}

const FUNCTION_ERROR = v.object({
  errorType: v.optional(v.string(), 'unknown error'),
  errorMessage: v.optional(v.string(), 'no message'),
});

/** Its own words: they name the field and the remedy. A message may have several lines. */
function functionError(payload: unknown): UsageError {
  const parsed = v.safeParse(FUNCTION_ERROR, payload);
  const { errorType, errorMessage } = parsed.success
    ? parsed.output
    : { errorType: 'unknown error', errorMessage: 'no message' };
  const message = errorMessage.split('\n').map(escapeForeign).join('\n');
  return new UsageError(`The function failed with ${escapeForeign(errorType)}: ${message}`);
}
