import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { mint } from '../../../demo/authority';
import { addressBook } from '../../../lambda/adapters/dns';
import { documentReader } from '../../../lambda/adapters/http/http';

const isAddressInfo = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

let server: Server;
let origin: string;
let anchors: Record<string, string>;
const sockets = new Set<Socket>();
const held: ServerResponse[] = [];

beforeAll(async () => {
  const root = await mint({ commonName: 'Root', ca: true });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  server = createServer({ key: leaf.keyPem, cert: leaf.pem }, (request, response) => {
    sockets.add(request.socket);
    if (request.url === '/announced') response.writeEarlyHints({ link: '</styles.css>; rel=preload' });
    if (request.url === '/slow') held.push(response);
    else response.end(`{"path":"${request.url ?? ''}"}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = isAddressInfo(address) ? address.port : 0;
  origin = `https://localhost:${port}`;
  anchors = { [`localhost:${port}`]: root.pem };
});

afterAll(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

describe('documentReader with a server of HTTP/1.1 only', () => {
  it('reads documents over at most eight connections, and none waits for a slow one', async () => {
    const reader = documentReader({
      resolve: addressBook(),
      trust: openTrustStore([]),
      trustAnchors: anchors,
    });
    const read = (path: string): ReturnType<typeof reader.fetchDocument> =>
      reader.fetchDocument(new URL(path, origin), 'discovery', true);
    const slow = read('/slow');
    const paths = ['/announced', ...Array.from({ length: 30 }, (_, index) => `/${index}`)];
    expect(await Promise.all(paths.map(read))).toMatchObject(
      paths.map((path) => ({ ok: true, value: { text: `{"path":"${path}"}` } })),
    );
    expect(held).toHaveLength(1);
    expect(sockets.size).toBeLessThanOrEqual(8);
    held[0]?.end('{}');
    expect(await slow).toMatchObject({ ok: true, value: { text: '{}' } });
    await reader.close();
  });
});
