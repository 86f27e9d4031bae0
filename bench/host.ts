/** The demo's issuer behind a delayed connection, and what is counted there. */
import { mint } from '../demo/authority';
import type { Identity } from '../demo/authority';
import { startIssuer } from '../demo/issuer';
import type { Chain, Issuer } from '../demo/issuer';
import { openWay } from './delay';
import { orgAt } from './orgs';

type KeyType = 'rsa' | 'ecdsa';

/** What an issuer is to be. */
export interface BenchIssuerOptions {
  readonly root: Identity;
  readonly name: string;
  /** One chain each. */
  readonly keyTypes: readonly KeyType[];
  readonly addresses: readonly string[];
  readonly rtt: () => number;
}

/** Counted since the last request for it. */
export interface Seen {
  readonly handshakes: number;
  readonly connections: number;
  readonly streams: number;
  readonly documents: number;
}

/** An issuer as the bench uses it. */
export interface BenchIssuer {
  readonly url: string;
  readonly name: string;
  readonly addresses: readonly string[];
  /** The issuer of the nth org. */
  readonly issuerOf: (index: number) => string;
  /** Of the last certificates served now. */
  readonly thumbprints: () => readonly string[];
  /** Serves other chains from now on. */
  readonly rotate: () => Promise<void>;
  readonly count: () => Seen;
}

/** Starts the issuer, and a delayed connection to each of its addresses. Rejects if an address is not available. */
export async function openIssuer(options: BenchIssuerOptions): Promise<BenchIssuer> {
  const { name, addresses, rtt } = options;
  let own = 0;
  const way = await openWay({ addresses, target: () => own, rtt });
  let chains = await mintChains(options);
  const issuer = await startIssuer({ chains, name, publicPort: way.port });
  own = issuer.port;
  return {
    url: issuer.url,
    name,
    addresses,
    issuerOf: (index) => issuer.issuerOf(orgAt(index)),
    thumbprints: () => chains.flatMap((chain) => chain.slice(-1).map(({ thumbprint }) => thumbprint)),
    rotate: async () => {
      chains = await mintChains(options);
      issuer.rotate(chains);
    },
    count: counter(issuer),
  };
}

/** A leaf and an intermediate CA for each key type. */
const mintChains = ({ root, name, keyTypes }: BenchIssuerOptions): Promise<readonly Chain[]> =>
  Promise.all(
    keyTypes.map(async (keyType) => {
      const intermediate = await mint({
        commonName: `Bench CA ${keyType}`,
        keyType,
        ca: true,
        signedBy: root,
      });
      return [await mint({ commonName: name, keyType, hosts: [name], signedBy: intermediate }), intermediate];
    }),
  );

/** The client's port identifies a connection, in HTTP/1.1 and h2 alike. */
function counter(issuer: Issuer): () => Seen {
  let running = new Map<number, number>();
  let streams = 0;
  let handshakes = issuer.handshakes();
  let documents = issuer.requests().length;
  issuer.onRequest((request, response) => {
    const port = request.socket.remotePort ?? 0;
    const counted = running;
    const now = (counted.get(port) ?? 0) + 1;
    counted.set(port, now);
    streams = Math.max(streams, now);
    response.once('finish', () => counted.set(port, (counted.get(port) ?? 1) - 1));
    return false;
  });
  return () => {
    const seen = {
      handshakes: issuer.handshakes() - handshakes,
      connections: running.size,
      streams,
      documents: issuer.requests().length - documents,
    };
    running = new Map();
    streams = 0;
    handshakes = issuer.handshakes();
    documents = issuer.requests().length;
    return seen;
  };
}
