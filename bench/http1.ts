/** An issuer that speaks HTTP/1.1 alone, as gateways in front of CircleCI Server do. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { mint } from '../demo/authority';
import type { Identity } from '../demo/authority';
import { makeSigningKey } from '../demo/signing-key';
import { discoveryDocument } from '../demo/issuer';
import { portOf } from '../demo/port';
import { openWay } from './delay';
import type { BenchIssuer, Seen } from './host';
import { orgAt } from './orgs';

/** Starts it on 127.0.0.1, with one chain, behind a delayed connection. */
export async function openHttp1Issuer(root: Identity, rtt: () => number): Promise<BenchIssuer> {
  const top = await mint({ commonName: 'Bench CA HTTP/1.1', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
  const { jwk } = await makeSigningKey();
  const seen = counter();
  let url = '';
  const server = createServer(
    { key: leaf.keyPem, cert: `${leaf.pem}\n${top.pem}`, ALPNProtocols: ['http/1.1'] },
    (request, response) => {
      const [path = ''] = (request.url ?? '').split('/.well-known/');
      const issuer = `${url}${path}`;
      const isDiscovery = request.url?.endsWith('/openid-configuration') === true;
      const document = isDiscovery ? discoveryDocument(issuer) : { keys: [jwk] };
      seen.begin(request.socket.remotePort ?? 0);
      response.once('finish', () => {
        seen.end(request.socket.remotePort ?? 0);
      });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    },
  );
  server.on('keylog', (line: Buffer) => {
    if (/^CLIENT_(HANDSHAKE_TRAFFIC_SECRET|RANDOM) /.test(line.toString())) seen.handshake();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = portOf(server);
  url = `https://localhost:${(await openWay({ target: () => own, rtt })).port}`;
  return {
    url,
    name: 'localhost',
    addresses: ['127.0.0.1'],
    issuerOf: (index) => `${url}/org/${orgAt(index)}`,
    thumbprints: () => [top.thumbprint],
    rotate: () => Promise.resolve(),
    count: seen.count,
  };
}

/** What is counted, by the client's port. */
function counter(): {
  readonly begin: (port: number) => void;
  readonly end: (port: number) => void;
  readonly handshake: () => void;
  readonly count: () => Seen;
} {
  const none: Seen = { handshakes: 0, connections: 0, streams: 0, documents: 0 };
  let seen = none;
  let running = new Map<number, number>();
  return {
    begin: (port) => {
      const now = (running.get(port) ?? 0) + 1;
      running.set(port, now);
      seen = { ...seen, documents: seen.documents + 1, streams: Math.max(seen.streams, now) };
    },
    end: (port) => void running.set(port, (running.get(port) ?? 1) - 1),
    handshake: () => {
      seen = { ...seen, handshakes: seen.handshakes + 1 };
    },
    count: () => {
      const counted = { ...seen, connections: running.size };
      seen = none;
      running = new Map();
      return counted;
    },
  };
}
