/** Network delay without root: TCP proxies on 127.0.0.1 that hold each chunk for half a round trip. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '../demo/port';
import { median } from './statistics';

/** All delayed connections of the bench have the same round trip. */
export interface Network {
  /** Opens a delayed connection to a port of 127.0.0.1, and returns its own port. `target` is asked when a client connects. */
  readonly open: (target: () => number, addresses?: readonly string[]) => Promise<number>;
  /** Sets the delay. Returns what a round trip then takes, measured, in milliseconds. */
  readonly setRoundTrip: (milliseconds: number) => Promise<number>;
}

/** Starts without a delay. */
export async function startNetwork(): Promise<Network> {
  let roundTrip = 0;
  const open: Network['open'] = async (target, addresses = ['127.0.0.1']) => {
    let port = 0;
    for (const address of addresses) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        const origin = connect({ host: '127.0.0.1', port: target(), allowHalfOpen: true, noDelay: true });
        // The client's kernel has connected at once. Over a real network it would have waited for a round trip.
        forward(client, origin, { notBefore: performance.now() + roundTrip, delay: () => roundTrip / 2 });
        forward(origin, client, { notBefore: 0, delay: () => roundTrip / 2 });
      });
      server.listen(port, address);
      await once(server, 'listening');
      port = portOf(server);
    }
    return port;
  };
  const echoPort = await startEcho();
  const delayedEcho = await open(() => echoPort);
  return {
    open,
    setRoundTrip: (milliseconds) => {
      roundTrip = milliseconds;
      return measureRoundTrip(delayedEcho);
    },
  };
}

/** When a chunk may arrive: `delay` after it came, and not before a point in time. Milliseconds. */
interface Timing {
  readonly notBefore: number;
  readonly delay: () => number;
}

function forward(from: Socket, to: Socket, { notBefore, delay }: Timing): void {
  let last = Promise.resolve();
  const pass = (deliver: () => void): void => {
    const due = Math.max(performance.now(), notBefore) + delay();
    last = last.then(async () => {
      // Timers are early by up to a millisecond.
      while (performance.now() < due) await sleep(due - performance.now());
      if (!to.destroyed) deliver();
    });
  };
  from.on('data', (chunk) => {
    pass(() => to.write(chunk));
  });
  from.on('end', () => {
    pass(() => to.end());
  });
  from.on('error', () => to.destroy());
}

/** A server that sends back what it receives. */
async function startEcho(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

async function measureRoundTrip(port: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const trips: number[] = [];
  for (let trip = 0; trip < 12; trip += 1) {
    const began = performance.now();
    socket.write('?');
    await once(socket, 'data');
    trips.push(performance.now() - began);
  }
  socket.destroy();
  // The first one includes the handshake of TCP.
  return median(trips.slice(1));
}
