/** The servers as the bench commands them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { orgAt } from './orgs';
import { AccountMade, Counted, Described, Reply } from './protocol';
import type { Order } from './protocol';
import { median } from './statistics';

/** An account with what a client must know to use it. */
export interface BenchAccount {
  readonly url: string;
  readonly topicArn: string;
  readonly table: { readonly url: string; readonly name: string };
  readonly orgs: number;
  /** The issuers of its orgs, all on one host. */
  readonly issuers: readonly string[];
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** What is served when the account was made. */
  readonly thumbprints: readonly string[];
}

/** Servers and network. */
export interface World {
  readonly root: string;
  readonly has: (issuer: string) => boolean;
  readonly account: (issuer: string, orgs: number, listed?: 'served' | 'stale') => Promise<BenchAccount>;
  /** Sets the delay. Returns what a round trip then takes, measured, in milliseconds. */
  readonly setRtt: (milliseconds: number) => Promise<number>;
  readonly count: () => Promise<Counted>;
  readonly throttle: (bucket: { perSecond: number; burst: number } | null) => Promise<unknown>;
  readonly rotate: (issuer: string) => Promise<unknown>;
  readonly close: () => void;
}

/** Starts the servers in a process of their own. */
export async function startWorld(): Promise<World> {
  const child = fork(join(__dirname, 'servers.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const ask = asker(child);
  const { root, echoPort, issuers } = v.parse(Described, await ask({ command: 'describe' }));
  return {
    root,
    has: (issuer) => issuer in issuers,
    account: async (issuer, orgs, listed = 'served') => {
      const made = v.parse(AccountMade, await ask({ command: 'account', issuer, orgs, listed }));
      const described = v.parse(Described, await ask({ command: 'describe' })).issuers[issuer];
      const { url = '', name = '', addresses = [], thumbprints = [] } = described ?? {};
      const of = (index: number): string => `${url}/org/${orgAt(index)}`;
      return {
        ...made,
        orgs,
        issuers: Array.from({ length: orgs }, (_, index) => of(index)),
        hosts: name === 'localhost' ? {} : { [name]: addresses },
        thumbprints,
      };
    },
    setRtt: async (rtt) => {
      await ask({ command: 'delay', rtt });
      return measureRtt(echoPort);
    },
    count: async () => v.parse(Counted, await ask({ command: 'count' })),
    throttle: (bucket) => ask({ command: 'throttle', bucket }),
    rotate: (issuer) => ask({ command: 'rotate', issuer }),
    close: () => child.disconnect(),
  };
}

/** The servers ended before the bench did. */
class ServersGone extends Error {
  override readonly name = 'ServersGone';
}

function asker(child: ReturnType<typeof fork>): (order: Order) => Promise<unknown> {
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  child.on('message', (message) => {
    const { id, result } = v.parse(Reply, message);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new ServersGone(`The servers ended with ${code ?? 'a signal'}.`)));
  });
  gone.catch(() => undefined);
  return (order) => {
    const id = (last += 1);
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve));
    child.send({ id, order });
    return Promise.race([answer, gone]);
  };
}

async function measureRtt(port: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const trips: number[] = [];
  for (let trip = 0; trip < 12; trip += 1) {
    const began = performance.now();
    socket.write('?');
    await once(socket, 'data');
    trips.push(performance.now() - began);
  }
  socket.destroy();
  // The first one holds the connection's own.
  return median(trips.slice(1));
}
