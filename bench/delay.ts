/** A network that is far away, without root: a TCP proxy on loopback that holds every chunk for half a round trip. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { portOf } from '../demo/port';

/** A delayed connection to one server. */
export interface Way {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The two ends of a delayed connection. */
export interface WayOptions {
  /** The addresses that accept clients, all on one port. @default 127.0.0.1 */
  readonly addresses?: readonly string[];
  /** Asked for each connection: the port of the server on 127.0.0.1. */
  readonly target: () => number;
  /** Asked for each chunk, in milliseconds. */
  readonly rtt: () => number;
}

/** Opens a delayed connection on a free port. */
export async function openWay({ addresses = ['127.0.0.1'], target, rtt }: WayOptions): Promise<Way> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let port = 0;
  for (const address of addresses) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const origin = connect({ host: '127.0.0.1', port: target(), allowHalfOpen: true, noDelay: true });
      // The client's kernel believes to be connected at once. Far away it would have waited for a round trip.
      forward(client, origin, { rtt, notBefore: performance.now() + rtt() });
      forward(origin, client, { rtt, notBefore: 0 });
      for (const socket of [client, origin]) sockets.add(socket.once('close', () => sockets.delete(socket)));
    });
    server.listen(port, address);
    await once(server, 'listening');
    port = portOf(server);
    servers.push(server);
  }
  return { port, close: () => closeAll(servers, sockets) };
}

/** `null` marks the end of the stream. */
interface Held {
  readonly due: number;
  readonly chunk: Buffer | null;
}

function forward(
  from: Socket,
  to: Socket,
  { rtt, notBefore }: { rtt: () => number; notBefore: number },
): void {
  const held: Held[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    timer = undefined;
    for (let next = held[0]; next !== undefined && next.due <= performance.now(); next = held[0]) {
      held.shift();
      if (to.destroyed) continue;
      if (next.chunk === null) to.end();
      else to.write(next.chunk);
    }
    schedule();
  };
  const schedule = (): void => {
    const [next] = held;
    if (next !== undefined) timer ??= setTimeout(release, Math.max(0, next.due - performance.now()));
  };
  const hold = (chunk: Buffer | null): void => {
    const due = Math.max(performance.now(), notBefore) + rtt() / 2;
    if (rtt() === 0 && held.length === 0 && chunk !== null) to.write(chunk);
    else held.push({ due, chunk });
    schedule();
  };
  from.on('data', hold);
  from.on('end', () => {
    hold(null);
  });
  from.on('error', () => to.destroy());
}

async function closeAll(servers: readonly Server[], sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = servers.map((server) => once(server, 'close'));
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}
