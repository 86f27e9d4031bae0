/** A DNS server on UDP that answers questions for IPv4 addresses: RFC 1035 section 4. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Names, NameAnswer } from './names';

/** A running server. */
export interface NameServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const HEADER_BYTES = 12;
const RCODES = { nxdomain: 3, servfail: 2 } as const;

/** Starts on a free port of 127.0.0.1. */
export async function startNameServer(names: Names): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, client) => {
    const reply = replyTo(question, names.answer(nameIn(question)));
    if (reply !== null) socket.send(reply, client.port, client.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** The labels of the first question. */
function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER_BYTES; question.readUInt8(at) > 0; at += question.readUInt8(at) + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question.readUInt8(at)));
  }
  return labels.join('.').toLowerCase();
}

/** Null: no answer. */
function replyTo(question: Buffer, answer: NameAnswer): Buffer | null {
  if (answer === 'silence') return null;
  const addresses = typeof answer === 'string' ? [] : answer;
  const end = question.indexOf(0, HEADER_BYTES) + 5;
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  // A response, recursion desired and available.
  header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? RCODES[answer] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(HEADER_BYTES, end), ...addresses.map(recordOf)]);
}

/** Name as a pointer to the question, type A, class IN, no time to live. */
const recordOf = (address: string): Buffer =>
  Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
