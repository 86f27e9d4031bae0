/** A proxy for AWS endpoints that lets calls fail: IAM and SNS by their form, DynamoDB by its header. */
import { once } from 'node:events';
import { Agent, IncomingMessage, createServer, request as ask } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import { portOf } from '../../../demo/port';

/** A call as a fault receives it. `text` is the body as it came, decoded. */
export interface ProxiedCall {
  readonly action: string;
  readonly text: string;
}

/** The result of a call. `pass` forwards it; `silence` never answers; a status and body replace the real ones. */
export type Treatment =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reset' | 'silence' }
  | { readonly kind: 'error'; readonly code: string; readonly status: number }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string };

/** Decides on each call; undefined: no decision. */
export type Interference = (call: ProxiedCall) => Promise<Treatment | undefined> | Treatment | undefined;

/** A running proxy: give `url` to clients. */
export interface AwsProxy {
  readonly url: string;
  readonly calls: () => readonly ProxiedCall[];
  /** Calls whose answer a client waits for. */
  readonly open: () => number;
  /** Each further interference is called after those before it. */
  readonly interfere: (interference: Interference) => void;
  /** The next target of calls; no interference is left, and no call is recorded. */
  readonly reset: (upstreams: Upstreams) => void;
  readonly close: () => Promise<void>;
}

/**
 * `url`: `http://HOST:PORT`. `handle`, if it is of this process, as the embedded endpoints are: then no second
 * connection is needed.
 */
export interface Upstream {
  readonly url: string;
  readonly handle?: RequestListener;
}

/** One of each protocol. */
export interface Upstreams {
  readonly query: Upstream;
  readonly dynamo: Upstream;
}

/** Starts on a free port of 127.0.0.1. */
export async function startAwsProxy(): Promise<AwsProxy> {
  const agent = new Agent({ keepAlive: true });
  const interferences: Interference[] = [];
  const calls: ProxiedCall[] = [];
  const open = new Set<ServerResponse>();
  let upstreams: Upstreams = { query: { url: '' }, dynamo: { url: '' } };
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    open.add(response);
    response.once('close', () => open.delete(response));
    const body = await bodyOf(request);
    const call = callOf(request, body);
    calls.push(call);
    const treatment = await treat(call, interferences);
    if (treatment.kind === 'pass') {
      forward(request, body, response, { agent, to: isDynamo(request) ? upstreams.dynamo : upstreams.query });
    } else refuse(treatment, request, response);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    calls: () => calls,
    open: () => open.size,
    interfere: (interference) => {
      interferences.push(interference);
    },
    reset: (next) => {
      upstreams = next;
      interferences.length = 0;
      calls.length = 0;
      agent.destroy();
    },
    close: async () => {
      agent.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const targetOf = ({ headers }: IncomingMessage): string => String(headers['x-amz-target'] ?? '');
const isDynamo = (request: IncomingMessage): boolean => targetOf(request) !== '';

function callOf(request: IncomingMessage, body: Buffer): ProxiedCall {
  const text = body.toString('utf8');
  if (isDynamo(request)) return { action: targetOf(request).replace(/^.*\./, ''), text };
  const form = new URLSearchParams(text);
  return { action: form.get('Action') ?? '', text: [...form.values()].join('\n') };
}

async function treat(call: ProxiedCall, interferences: readonly Interference[]): Promise<Treatment> {
  for (const interference of interferences) {
    const treatment = await interference(call);
    if (treatment !== undefined) return treatment;
  }
  return { kind: 'pass' };
}

function forward(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  { agent, to: { url, handle } }: { readonly agent: Agent; readonly to: Upstream },
): void {
  if (handle !== undefined) {
    handle(again(request, body), response);
    return;
  }
  const { method, headers } = request;
  const onward = ask(url, { method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

/** The same request, whose body can be read once more. One that is not complete would be taken for aborted. */
function again({ socket, method, url, headers }: IncomingMessage, body: Buffer): IncomingMessage {
  const request = Object.assign(new IncomingMessage(socket), { method, url, headers, complete: true });
  request.push(body);
  request.push(null);
  return request;
}

function refuse(
  treatment: Exclude<Treatment, { kind: 'pass' }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (treatment.kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'silence':
      return;
    case 'error':
      response.writeHead(treatment.status, { 'content-type': typeOf(request) });
      response.end(errorBody(treatment.code, request));
      return;
    case 'answer':
      response.writeHead(treatment.status, { 'content-type': typeOf(request) }).end(treatment.body);
  }
}

const typeOf = (request: IncomingMessage): string =>
  isDynamo(request) ? 'application/x-amz-json-1.0' : 'text/xml';

const errorBody = (code: string, request: IncomingMessage): string =>
  isDynamo(request)
    ? JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'A fault on order.' })
    : `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>A fault on order.</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const stream: AsyncIterable<Buffer> = request;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
