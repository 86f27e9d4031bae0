/** Certificates that cross-sign, copy and constrain each other at random, and a TLS server and client that use them. */
import { once } from 'node:events';
import { connect, createSecureContext, createServer } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { mint } from '../../demo/authority';
import type { Identity, Minting } from '../../demo/authority';
import { writeDer } from './der';

const DAY_MS = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

const oids = (...hex: readonly string[]): Buffer =>
  writeDer({ tag: 0x30, content: hex.map((oid) => ({ tag: 0x06, content: Buffer.from(oid, 'hex') })) });
const NOTHING = writeDer({ tag: 0x30, content: [] });
/** NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF { dNSName [2] } } that permit the test's host. */
const PERMITS_LOCALHOST = writeDer({
  tag: 0x30,
  content: [
    { tag: 0xa0, content: [{ tag: 0x30, content: [{ tag: 0x82, content: Buffer.from('localhost') }] }] },
  ],
});
const ZERO = Buffer.from('020100', 'hex');
/** PolicyConstraints with requireExplicitPolicy [0] 0. */
const EXPLICIT_POLICY = Buffer.from('3003800100', 'hex');

/** What may be wrong with a CA certificate, or special about it. */
export const FLAWS: Readonly<Record<string, Partial<Minting>>> = {
  none: {},
  pathLength0: { pathLength: 0 },
  pathLength1: { pathLength: 1 },
  nameConstraints: { extensions: [{ oid: '2.5.29.30', critical: true, value: PERMITS_LOCALHOST }] },
  policyConstraints: { extensions: [{ oid: '2.5.29.36', critical: true, value: EXPLICIT_POLICY }] },
  inhibitAnyPolicy: { extensions: [{ oid: '2.5.29.54', critical: true, value: ZERO }] },
  clientAuthOnly: { extensions: [{ oid: '2.5.29.37', value: oids('2b06010505070302') }] },
  serverAuth: { extensions: [{ oid: '2.5.29.37', value: oids('2b06010505070301') }] },
  anyUsage: { extensions: [{ oid: '2.5.29.37', value: oids('551d2500') }] },
  unknownCritical: { extensions: [{ oid: '1.3.6.1.4.1.99999.1', critical: true, value: NOTHING }] },
  unknown: { extensions: [{ oid: '1.3.6.1.4.1.99999.1', value: NOTHING }] },
  expired: { notBefore: daysFromNow(-90), notAfter: daysFromNow(-1) },
  early: { notBefore: daysFromNow(1), notAfter: daysFromNow(90) },
  sha1: { hash: 'SHA-1' },
  notACa: { ca: false, anyUsage: true },
  withoutKeyIdentifiers: { anonymousKeys: true },
  longLived: { notAfter: daysFromNow(3_650) },
};

/** One world: CA certificates of a few names and keys that sign each other, and leaves below them. */
export interface World {
  readonly authorities: readonly Identity[];
  readonly selfSigned: readonly Identity[];
  readonly leaves: readonly Identity[];
}

/** Mints a world. `pick` gives a whole number below its argument. */
export async function mintWorld(pick: (below: number) => number): Promise<World> {
  const flaws = Object.values(FLAWS);
  const flaw = (): Partial<Minting> => (pick(2) === 0 ? {} : (flaws[pick(flaws.length)] ?? {}));
  const authorities: Identity[] = [];
  const selfSigned: Identity[] = [];
  // Two of the six entities share a name, with different keys.
  for (let entity = 0; entity < 6; entity += 1) {
    const weak = pick(8) === 0 ? ({ keyType: 'rsa', rsaBits: 1_024 } as const) : {};
    const root = await mint({ commonName: `CA ${Math.min(entity, 4)}`, ca: true, ...weak, ...flaw() });
    authorities.push(root);
    selfSigned.push(root);
  }
  const entities = [...authorities];
  // Cross-signed copies, loops included. What is signed by an unknown key has no issuer in this world.
  for (let copy = 0; copy < 14; copy += 1) {
    const entity = pick(entities.length);
    const [own, signer] = [entities[entity], entities[pick(entities.length)]];
    if (own === undefined || signer === undefined) continue;
    const again = own === signer;
    const options = { commonName: `CA ${Math.min(entity, 4)}`, ca: true, keyOf: own, ...flaw() };
    const made = await mint(again ? options : { ...options, signedBy: signer });
    authorities.push(made);
    if (again) selfSigned.push(made);
  }
  const leaves: Identity[] = [];
  for (let leaf = 0; leaf < 4; leaf += 1) {
    const signer = entities[pick(entities.length)];
    if (signer === undefined) continue;
    leaves.push(await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: signer }));
  }
  return { authorities, selfSigned, leaves };
}

/** Asks OpenSSL, by whole handshakes on 127.0.0.1. */
export interface HandshakeOracle {
  /** Whether a client that trusts these anchors alone accepts a server that sends this chain. */
  readonly accepts: (chain: readonly Identity[], anchors: readonly string[]) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Opens one server for all chains: the name that the client asks for selects the chain. */
export async function openOracle(): Promise<HandshakeOracle> {
  const chains = new Map<string, SecureContext>();
  const server = createServer({
    SNICallback: (name, callback) => {
      callback(null, chains.get(name));
    },
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  let asked = 0;
  return {
    accepts: async (chain, anchors) => {
      asked += 1;
      const servername = `case-${asked}.example.com`;
      const [leaf] = chain;
      chains.set(
        servername,
        createSecureContext({
          key: leaf?.keyPem ?? '',
          cert: chain.map(({ pem }) => pem).join('\n'),
          // A server sends whatever it likes; only the client's result counts.
          ciphers: 'DEFAULT@SECLEVEL=0',
        }),
      );
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername,
        ca: [...anchors],
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
      // OpenSSL of Node 24 sends no leaf whose signature the client calls too weak: the handshake fails instead.
      const authorized = await once(socket, 'secureConnect').then(
        () => socket.authorized,
        () => false,
      );
      chains.delete(servername);
      socket.destroy();
      return authorized;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
