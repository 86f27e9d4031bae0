/** The embedded AWS on HTTP. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Endpoint, failure } from './endpoint';
import type { Admission, Answer, Call, OrderedFault } from './endpoint';
import { AwsFault } from './fault';
import type { Network, Published, State } from './store';
import { portOf } from '../port';

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

/**
 * Starts an empty AWS account in this process, on a free port of 127.0.0.1. It forgets everything on `close`. `hosts` and
 * `ports`: where issuers are that only this account knows.
 */
export async function startAws({ hosts = {}, ports = {} }: Partial<Network> = {}): Promise<EmbeddedAws> {
  const endpoint = new Endpoint({ hosts, ports });
  const handle: RequestListener = (request, response) => {
    void respond(endpoint, request, response);
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
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { authorization = '' } = request.headers;
    const body = await text(request);
    const sourceIp = request.socket.remoteAddress ?? '';
    const now = new Date().toISOString();
    send(response, await endpoint.answer({ body, authorization, now, sourceIp }));
  } catch (error) {
    // A bug of this endpoint, or a client that closed its connection and receives nothing of it.
    const requestId = randomUUID();
    const body = failure(undefined, new AwsFault('InternalFailure', 500, String(error)), requestId);
    send(response, { status: 500, requestId, body });
  }
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
