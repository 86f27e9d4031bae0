/** An address that swallows connections: the kernel's queue is full, and nobody takes from it. Linux alone drops then. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Another address of this machine, which only Linux has without configuration. */
export const BLACK_HOLE = '127.0.0.3';

/** A queue of one entry, in a thread that listens and then sleeps. */
const LISTENER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const sleep = () => {
    parentPort.postMessage('listening');
    Atomics.wait(new Int32Array(workerData.wake), 0, 0);
    process.exit();
  };
  createServer().listen({ ...workerData.place, backlog: 1 }, sleep);
`;
const PLACES = 4;

/** Swallows connections to one port until it is closed. */
export async function startBlackHole(port: number): Promise<() => Promise<void>> {
  const wake = new SharedArrayBuffer(4);
  const workerData = { wake, place: { port, host: BLACK_HOLE } };
  const worker = new Worker(LISTENER, { eval: true, workerData });
  await once(worker, 'message');
  const fillers = Array.from({ length: PLACES }, () => fill(port));
  return async () => {
    for (const socket of fillers) socket.destroy();
    const gone = once(worker, 'exit');
    Atomics.store(new Int32Array(wake), 0, 1);
    Atomics.notify(new Int32Array(wake), 0);
    await gone;
  };
}

const fill = (port: number): Socket => connect(port, BLACK_HOLE).on('error', () => undefined);
