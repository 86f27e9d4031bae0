/** The embedded AWS on HTTP. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Endpoint, failure } from './endpoint';
import type { Admission, Answer, Call, OrderedFault } from './endpoint';
import { AwsFault } from './fault';
import type { Published, State } from './store';
import type { Outside } from './sts/issuer-documents';
import { portOf } from '../port';

/** Three times SNS's largest message, as a form may write each byte as `%XX`, and room for the rest. */
const MAX_BODY = 1_048_576;

/** A running endpoint. Give `url` to clients as AWS_ENDPOINT_URL, with any credentials. */
export interface EmbeddedAws {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Answers a request that another server has accepted. */
  readonly handle: RequestListener;
  /** Every call that arrived, oldest first, refused ones too. */
  readonly calls: () => readonly Call[];
  /** The OIDC providers as they are now, by their ARNs. */
  readonly providers: () => State['providers'];
  /** Every message that a topic accepted, oldest first. */
  readonly published: () => readonly Published[];
  /** The account as it is now: the answer brings it back. What was published stays published. */
  readonly checkpoint: () => () => void;
  /** Lets the next call or calls of an action fail. The SDK retries throttling and 5xx: order enough of them. */
  readonly failNext: (action: string, fault: OrderedFault) => void;
  /** Somebody opens the mail that SNS sent to an address, and confirms the subscription. */
  readonly confirm: (topicArn: string, endpoint: string) => void;
  /** Decides at each call whether it fails: for throttling. Undefined removes it. */
  readonly onCall: (admission: Admission | undefined) => void;
  readonly close: () => Promise<void>;
}

/** The names and certificates by which the account resolves issuers, and its clock. */
export interface AwsOptions extends Outside {
  /** @default that of this machine */
  readonly clock?: () => Date;
}

/** Starts an empty AWS account in this process, on a free port of 127.0.0.1. It forgets everything on `close`. */
export async function startAws({
  clock = () => new Date(),
  ...outside
}: AwsOptions = {}): Promise<EmbeddedAws> {
  const endpoint = new Endpoint(outside);
  const handle: RequestListener = (request, response) => {
    void respond(endpoint, clock(), request, response);
  };
  const server = createServer(handle);
  server.requestTimeout = 30_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    handle,
    calls: () => endpoint.calls,
    providers: () => endpoint.providers,
    published: () => endpoint.published,
    checkpoint: () => endpoint.checkpoint(),
    failNext: (action, fault) => {
      endpoint.failNext(action, fault);
    },
    confirm: (topicArn, address) => {
      endpoint.confirm(topicArn, address);
    },
    onCall: (admission) => {
      endpoint.admission = admission;
    },
    close: () => closeServer(server),
  };
}

async function respond(
  endpoint: Endpoint,
  at: Date,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(request);
    if (body === undefined) {
      send(response, tooLarge());
      return;
    }
    const { authorization = '', 'x-amz-security-token': token } = request.headers;
    const sessionToken = [token].flat()[0];
    send(response, await endpoint.answer({ body, authorization, sessionToken, now: at.toISOString() }));
  } catch (error) {
    // A bug of this endpoint, or a client that closed its connection and receives nothing of it.
    send(response, refusal('InternalFailure', 500, String(error)));
  }
}

/** Undefined: larger than AWS would take. The rest is read and dropped, so that the client receives the refusal. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const stream: AsyncIterable<Buffer> = request;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
}

const tooLarge = (): Answer => refusal('RequestEntityTooLarge', 413, 'Request entity too large');

function refusal(code: string, status: number, message: string): Answer {
  const requestId = randomUUID();
  return { status, requestId, body: failure(undefined, new AwsFault(code, status, message), requestId) };
}

function send(response: ServerResponse, { status, requestId, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }).end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
