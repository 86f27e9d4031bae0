/** A proxy in front of a host: it forwards connections, or does to them what a fault wants. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { portOf } from '../../../demo/port';

/** Replaces the host for one connection. */
export type Behaviour = (socket: Socket) => void;

/** A port of 127.0.0.1, or a server of this process, which takes a connection as its own. */
export type Destination = number | Behaviour;

/** The public side of a host. */
export interface Front {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Bytes sent to clients so far. */
  readonly sent: () => number;
  /** Whether connections go there, and nothing is done to them. */
  readonly leadsTo: (destination: Destination) => boolean;
  /** The next target of connections. */
  readonly leadTo: (destination: Destination) => void;
  /** Null: connections are forwarded again. */
  readonly behave: (behaviour: Behaviour | null) => void;
  readonly close: () => Promise<void>;
}

interface Journal {
  sent: number;
  readonly sockets: Set<Socket>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startFront(): Promise<Front> {
  const journal: Journal = { sent: 0, sockets: new Set() };
  let destination: Destination = 0;
  let behaviour: Behaviour | null = null;
  // Otherwise small packets wait for one another, up to 40 ms.
  const server = createServer({ noDelay: true }, (socket) => {
    note(socket, journal);
    if (behaviour !== null) behaviour(socket.resume());
    else if (typeof destination === 'number') pass(socket, destination);
    else destination(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    open: () => journal.sockets.size,
    sent: () => journal.sent,
    leadsTo: (other) => behaviour === null && destination === other,
    leadTo: (next) => {
      destination = next;
    },
    behave: (next) => {
      behaviour = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of journal.sockets) socket.destroy();
      await closed;
    },
  };
}

function note(socket: Socket, journal: Journal): void {
  journal.sockets.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    journal.sent += socket.bytesWritten;
    journal.sockets.delete(socket);
  });
}

/** Forwards one connection; `first` is what was read of it already. */
export function pass(socket: Socket, port: number, first: Buffer = Buffer.alloc(0)): void {
  const inner = connect({ port, host: '127.0.0.1', noDelay: true });
  inner.write(first);
  socket.pipe(inner).pipe(socket);
  inner.on('error', () => socket.destroy());
  inner.once('close', () => socket.destroy());
  socket.once('close', () => inner.destroy());
}
