/** The Invoke API of AWS Lambda in front of one function. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invocation } from '../../demo/function';
import { portOf } from '../../demo/port';

/** Give `url` to clients as AWS_ENDPOINT_URL. */
export interface LambdaEndpoint {
  readonly url: string;
  /** The region that each call was signed for, oldest first. */
  readonly regions: readonly string[];
  /** How many invocations are under way. */
  readonly waiting: () => number;
  readonly close: () => Promise<void>;
}

/** The error of Lambda itself instead of a run of the function. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** Knows one function by its name; `refuse` may answer instead of it. */
export async function startLambda(
  name: string,
  invoke: (event: unknown) => Promise<Invocation>,
  refuse: () => Refusal | null = () => null,
): Promise<LambdaEndpoint> {
  let waiting = 0;
  const regions: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const event = await bodyOf(request);
    // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/lambda/aws4_request, …
    regions.push(request.headers.authorization?.split('/')[2] ?? '');
    const known = decodeURIComponent(request.url ?? '').includes(`/functions/${name}/invocations`);
    const refusal = refuse() ?? (known ? null : { ...UNKNOWN, message: `Function not found: ${name}` });
    if (refusal !== null) {
      response.writeHead(refusal.status, { 'x-amzn-errortype': refusal.type });
      response.end(JSON.stringify({ Message: refusal.message }));
      return;
    }
    waiting += 1;
    const result = await invoke(JSON.parse(event));
    waiting -= 1;
    response.writeHead(200, result.ok ? {} : { 'x-amz-function-error': 'Unhandled' });
    response.end(JSON.stringify(result.ok ? result.payload : failed(result)));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    regions,
    waiting: () => waiting,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const UNKNOWN = { status: 404, type: 'ResourceNotFoundException' };

const failed = ({ errorType, errorMessage }: Extract<Invocation, { ok: false }>): object => ({
  errorType,
  errorMessage,
  trace: ['somewhere'],
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const stream: AsyncIterable<Buffer> = request;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
