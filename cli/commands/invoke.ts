/** The command `invoke`: runs the deployed function, since `aws lambda invoke` exits 0 even if the function failed. */
import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import type { Report } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { awsProblem } from '../aws-problems';
import { regionFor } from '../region';
import type { InvokeFlags } from '../request';
import { readReport } from './report-schema';
import type { Shell } from '../shell';
import { UsageError } from '../usage-error';

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
  const answer = await sendInvocation(functionName, JSON.stringify(event), shell);
  const payload = parsePayload(answer.Payload);
  if (answer.FunctionError !== undefined) throw functionError(payload);
  return { report: readReport(payload), payload };
}

async function sendInvocation(
  functionName: string,
  event: string,
  shell: Pick<Shell, 'environment' | 'interrupted'>,
): Promise<InvokeCommandOutput> {
  const { InvokeCommand, LambdaClient: Client } = await import('@aws-sdk/client-lambda');
  const client: LambdaClient = new Client({
    ...regionFor(functionName, shell),
    // A second attempt would be a second run, with a second message.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  try {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(event) });
    return await client.send(command, { abortSignal: shell.interrupted });
  } catch (error) {
    throw new UsageError(awsProblem(error, 'lambda:InvokeFunction', functionName), { cause: error });
  } finally {
    client.destroy();
  }
}

function parsePayload(payload: Uint8Array | undefined): unknown {
  const text = Buffer.from(payload ?? []).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      'The answer of the function is not JSON, so this function is not the monitor. Use the stack output MonitorFunctionName.',
      {
        cause,
      },
    );
  }
}

const EVENT_KEY = /^(org|issuer)s(?:\[\d+\])?(?=: )/;
const flagOfKey = (_: string, key: string): string => `--${key}`;

const FUNCTION_ERROR = v.object({
  errorType: v.optional(v.string(), 'unknown error'),
  errorMessage: v.optional(v.string(), 'no message'),
});

/** The message of the function, which has the remedy. It may have several lines. Keys of the event are flags here. */
function functionError(payload: unknown): UsageError {
  const parsed = v.safeParse(FUNCTION_ERROR, payload);
  const { errorType, errorMessage } = parsed.success
    ? parsed.output
    : { errorType: 'unknown error', errorMessage: 'no message' };
  const message = errorMessage
    .split('\n')
    .map((line) => escapeForeign(errorType === 'EventError' ? line.replace(EVENT_KEY, flagOfKey) : line))
    .join('\n');
  return new UsageError(`The function failed with ${escapeForeign(errorType)}: ${message}`);
}
