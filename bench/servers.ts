/** The process of everything that is not measured: issuers, AWS accounts and the delayed connections to them. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import * as v from 'valibot';
import { mint } from '../demo/authority';
import type { Identity } from '../demo/authority';
import { portOf } from '../demo/port';
import { openAccount } from './account';
import type { Account } from './account';
import { openWay } from './delay';
import { openIssuer } from './host';
import type { BenchIssuer } from './host';
import { openHttp1Issuer } from './http1';
import { Request } from './protocol';
import type { Counted, Described, Order } from './protocol';
import { tokenBucket } from './bucket';

/** Linux has all of 127/8; on other systems the run with several addresses is left out. */
const EDGES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];

/** All that is on stage. */
interface Stage {
  rtt: number;
  readonly root: Identity;
  readonly echoPort: number;
  readonly issuers: ReadonlyMap<string, BenchIssuer>;
  readonly accounts: Account[];
}

async function setUp(): Promise<Stage> {
  const root = await mint({ commonName: 'Bench Root CA', ca: true });
  const stage = { rtt: 0, accounts: [] };
  const rtt = (): number => stage.rtt;
  const open = (name: string, keyTypes: readonly ('rsa' | 'ecdsa')[], addresses: readonly string[]) =>
    openIssuer({ root, name, keyTypes, addresses, rtt });
  const issuers = new Map([
    ['plain', await open('localhost', ['rsa', 'ecdsa'], ['127.0.0.1'])],
    ['one-key', await open('localhost', ['ecdsa'], ['127.0.0.1'])],
    ['http1', await openHttp1Issuer(root, rtt)],
  ]);
  const edges = await open('edges.example.com', ['rsa', 'ecdsa'], EDGES).catch(() => null);
  if (edges !== null) issuers.set('edges', edges);
  return Object.assign(stage, { root, issuers, echoPort: await openEcho(rtt) });
}

/** What comes in goes out: by it the delay is measured. */
async function openEcho(rtt: () => number): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = portOf(server);
  return (await openWay({ target: () => own, rtt })).port;
}

async function obey(stage: Stage, order: Order): Promise<unknown> {
  switch (order.command) {
    case 'account':
      return makeAccount(stage, order);
    case 'delay':
      stage.rtt = order.rtt;
      return null;
    case 'count':
      return count(stage);
    case 'throttle': {
      const admission = order.bucket === null ? undefined : tokenBucket(order.bucket);
      for (const { aws } of stage.accounts) aws.onCall(admission);
      return null;
    }
    case 'rotate':
      await issuerNamed(stage, order.issuer).rotate();
      return null;
    case 'describe':
      return describe(stage);
  }
}

function issuerNamed({ issuers }: Stage, name: string): BenchIssuer {
  const issuer = issuers.get(name);
  if (issuer === undefined) throw new RangeError(`There is no issuer ${name} here.`);
  return issuer;
}

async function makeAccount(
  stage: Stage,
  { issuer, orgs, listed }: Extract<Order, { command: 'account' }>,
): Promise<unknown> {
  const { issuerOf, thumbprints } = issuerNamed(stage, issuer);
  const account = await openAccount({
    issuers: Array.from({ length: orgs }, (_, index) => issuerOf(index)),
    thumbprints: listed === 'served' ? thumbprints() : ['0123456789abcdef0123456789abcdef01234567'],
    rtt: () => stage.rtt,
  });
  stage.accounts.push(account);
  return { url: account.url, topicArn: account.topicArn, table: account.table };
}

function count({ issuers, accounts }: Stage): Counted {
  const seen = [...issuers.values()].map((issuer) => issuer.count());
  const asked = accounts.map((account) => account.count());
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    handshakes: sum(seen.map(({ handshakes }) => handshakes)),
    documentConnections: sum(seen.map(({ connections }) => connections)),
    streams: Math.max(0, ...seen.map(({ streams }) => streams)),
    documents: sum(seen.map(({ documents }) => documents)),
    gets: sum(asked.map(({ gets }) => gets)),
    calls: sum(asked.map(({ calls }) => calls)),
    published: sum(asked.map(({ published }) => published)),
  };
}

const describe = ({ root, echoPort, issuers }: Stage): Described => ({
  root: root.pem,
  echoPort,
  issuers: Object.fromEntries(
    [...issuers].map(([key, { url, name, addresses, thumbprints }]) => [
      key,
      { url, name, addresses: [...addresses], thumbprints: [...thumbprints()] },
    ]),
  ),
});

const stage = setUp();
process.on('message', (message) => {
  const { id, order } = v.parse(Request, message);
  void stage.then((ready) => obey(ready, order)).then((result) => process.send?.({ id, result }));
});
process.on('disconnect', () => process.exit());
