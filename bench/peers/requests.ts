/**
 * The lower bound: the requests of the monitor alone, as fast as its libraries can send them. One probe, and two documents
 * and a Get for each org; nothing is evaluated or saved.
 */
import {
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
} from '@aws-sdk/client-iam';
import { once } from 'node:events';
import { connect } from 'node:tls';
import * as v from 'valibot';
import { Client, buildConnector } from '../../lambda/adapters/http/undici';

const CONNECTIONS = 8;
const STREAMS = 8;
const SOCKETS = 16;

const Document = v.object({ issuer: v.string(), jwks_uri: v.string() });
const Keys = v.object({ keys: v.array(v.unknown()) });
const Config = v.object({ issuers: v.array(v.string()) });

/** The answers about one org. */
export interface Answers {
  readonly issuer: string;
  readonly keys: number;
  readonly listed: readonly string[];
}

/** Like the monitor's: reused between invocations, with retries when IAM throttles. */
const iam = new IAMClient({
  maxAttempts: 10,
  retryMode: 'adaptive',
  requestHandler: { httpAgent: { keepAlive: true, maxSockets: SOCKETS } },
});

/** Reads the monitor's configuration: issuers of one host. */
export async function handler(): Promise<readonly Answers[]> {
  const { issuers } = v.parse(Config, JSON.parse(process.env['MONITOR_CONFIG'] ?? '{}'));
  const url = new URL(issuers[0] ?? '');
  const seats = Math.min(CONNECTIONS, Math.ceil(issuers.length / STREAMS));
  const connector = buildConnector({ allowH2: true, maxCachedSessions: 0 });
  const clients = Array.from(
    { length: seats },
    () => new Client(url.origin, { pipelining: STREAMS, allowH2: true, connect: connector }),
  );
  const [documents, lists] = await Promise.all([
    each(issuers, seats * STREAMS, (issuer, worker) => readDocuments(clients[worker % seats], issuer)),
    each(issuers, SOCKETS, readList),
    iam.send(new ListOpenIDConnectProvidersCommand({})),
    probe(url),
  ]);
  await Promise.all(clients.map((client) => client.destroy()));
  return documents.map((document, index) => ({ ...document, listed: lists[index] ?? [] }));
}

/** So many at a time. */
async function each<A, B>(
  all: readonly A[],
  workers: number,
  task: (one: A, worker: number) => Promise<B>,
): Promise<readonly B[]> {
  const done: B[] = [];
  const left = all.entries();
  const work = async (worker: number): Promise<void> => {
    for (const [index, one] of left) done[index] = await task(one, worker);
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return done;
}

async function readDocuments(client: Client | undefined, issuer: string): Promise<Omit<Answers, 'listed'>> {
  const url = new URL(issuer);
  const found = v.parse(
    Document,
    JSON.parse(await read(client, `${url.pathname}/.well-known/openid-configuration`)),
  );
  const { keys } = v.parse(Keys, JSON.parse(await read(client, new URL(found.jwks_uri).pathname)));
  return { issuer: found.issuer, keys: keys.length };
}

const read = (client: Client | undefined, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    client?.dispatch(
      { path, method: 'GET' },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_, chunk) => chunks.push(chunk),
        onResponseEnd: () => {
          resolve(Buffer.concat(chunks).toString());
        },
        onResponseError: (_, error) => {
          reject(error);
        },
      },
    );
  });

async function readList(issuer: string): Promise<readonly string[]> {
  const arn = `arn:aws:iam::123456789012:oidc-provider/${issuer.slice('https://'.length)}`;
  const provider = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
  return provider.ThumbprintList ?? [];
}

async function probe({ hostname, port }: URL): Promise<void> {
  const socket = connect({ host: hostname, port: Number(port) || 443, servername: hostname });
  await once(socket, 'secureConnect');
  socket.getPeerX509Certificate();
  socket.destroy();
}
