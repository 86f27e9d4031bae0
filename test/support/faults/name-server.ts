/** A DNS server on UDP that answers questions for IPv4 addresses, aliases and name servers: RFC 1035 section 4. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Alias, Names, NameAnswer } from './names';

/** A running server. */
export interface NameServer {
  readonly port: number;
  /** The questions, oldest first: `A ci.example.com`. */
  readonly asked: () => readonly string[];
  readonly close: () => Promise<void>;
}

const HEADER_BYTES = 12;
const RCODES = { nxdomain: 3, servfail: 2 } as const;
const TYPES = { A: 1, NS: 2, CNAME: 5 } as const;
const TYPE_NAMES = new Map<number, string>(Object.entries(TYPES).map(([name, type]) => [type, name]));

/** Starts on a free port of 127.0.0.1. */
export async function startNameServer(names: Names): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (message, client) => {
    const question = questionIn(message);
    asked.push(`${TYPE_NAMES.get(question.type) ?? question.type} ${question.name}`);
    const reply = replyTo(message, question, answerTo(question, names));
    if (reply !== null) socket.send(reply, client.port, client.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    asked: () => asked,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
}

/** The first question of a message. */
function questionIn(message: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (; message.readUInt8(at) > 0; at += message.readUInt8(at) + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message.readUInt8(at)));
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1) };
}

interface Answer {
  readonly rcode: number;
  readonly records: readonly Buffer[];
}

/** Null: no answer. */
function answerTo({ name, type }: Question, names: Names): Answer | null {
  const aliases: Buffer[] = [];
  let owner = name;
  let given = type === TYPES.A ? names.answer(name) : names.lastAnswer(name);
  // RFC 1034 section 3.6.2: an alias is followed, unless the question is for the alias itself.
  while (isAlias(given) && aliases.length < 16) {
    aliases.push(recordOf(owner, TYPES.CNAME, nameBytes(given.alias)));
    if (type === TYPES.CNAME) return { rcode: 0, records: aliases };
    owner = given.alias;
    given = names.lastAnswer(owner);
  }
  if (given === 'silence') return null;
  if (isAlias(given)) return { rcode: RCODES.servfail, records: [] };
  if (typeof given === 'string') return { rcode: RCODES[given], records: aliases };
  const addresses = given.map((address) =>
    recordOf(owner, TYPES.A, Buffer.from(address.split('.').map(Number))),
  );
  return { rcode: 0, records: [...aliases, ...(type === TYPES.A ? addresses : [])] };
}

const isAlias = (answer: NameAnswer): answer is Alias => typeof answer === 'object' && 'alias' in answer;

/** Null: no answer. */
function replyTo(message: Buffer, { name }: Question, answer: Answer | null): Buffer | null {
  if (answer === null) return null;
  const end = HEADER_BYTES + nameBytes(name).length + 4;
  const header = Buffer.from(message.subarray(0, HEADER_BYTES));
  // A response, recursion desired and available.
  header.writeUInt16BE(0x8180 | answer.rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answer.records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, message.subarray(HEADER_BYTES, end), ...answer.records]);
}

/** Class IN, no time to live. */
function recordOf(owner: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(owner), head, data]);
}

/** Labels with their lengths, then the root. */
const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
