/** Reads what an issuer publishes, over TLS, as STS does at every login. */
import { request } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import * as v from 'valibot';
import { AwsFault } from '../fault';
import { isTrusted } from './certificates';
import { noAnswer, noKey, unknownCertificate } from './faults';
import { JWKS } from './jwt';
import type { Jwks } from './jwt';

/** The names and trusted authorities that the account uses to reach issuers. */
export interface Outside {
  /** Names that only this account knows, with their addresses, as a hosts file would have them. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** PEM certificates in the role of AWS's library of trusted authorities. @default those of this process */
  readonly publicRoots?: string;
}

/** The request, its server, and what makes the answer credible. */
export interface Inquired {
  readonly issuer: string;
  readonly thumbprints: readonly string[];
  readonly now: Date;
}

const DEADLINE_MS = 5_000;
const MAX_BYTES = 262_144;

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const DISCOVERY = v.looseObject({
  issuer: v.string(),
  jwks_uri: v.pipe(v.string(), v.url(), v.startsWith('https://')),
});

/** Throws InvalidIdentityToken, IDPCommunicationError. */
export async function readSigningKeys(outside: Outside, inquired: Inquired): Promise<Jwks> {
  const { issuer } = inquired;
  const discovery = await read(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    outside,
    inquired,
  );
  const document = v.safeParse(DISCOVERY, discovery);
  if (!document.success || document.output.issuer !== issuer) throw noKey();
  const jwks = v.safeParse(JWKS, await read(document.output.jwks_uri, outside, inquired));
  if (!jwks.success) throw noKey();
  return jwks.output;
}

async function read(url: string, outside: Outside, inquired: Inquired): Promise<unknown> {
  const { status, body } = await get(new URL(url), outside, inquired).catch((error: unknown) => {
    throw error instanceof AwsFault ? error : noAnswer();
  });
  if (status >= 500) throw noAnswer();
  if (status !== 200) throw noKey();
  try {
    return JSON.parse(body);
  } catch {
    throw noKey();
  }
}

interface Got {
  readonly status: number;
  readonly body: string;
}

/** Each document over a connection of its own: a resumed one shows no chain. */
function get(url: URL, { hosts = {}, publicRoots }: Outside, inquired: Inquired): Promise<Got> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = hosts[host];
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      agent: false,
      // Checked below: the provider's list may have what the library lacks.
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(publicRoots === undefined ? {} : { ca: publicRoots }),
      ...(addresses === undefined ? {} : { lookup: lookupIn(addresses) }),
    });
    asking.once('socket', (socket) => {
      socket.once('secureConnect', () => {
        const trusted =
          socket instanceof TLSSocket && isTrusted(socket, host, inquired.thumbprints, inquired.now);
        if (!trusted) asking.destroy(unknownCertificate());
      });
    });
    asking.once('response', (response) => {
      readBody(response).then(resolve, reject);
    });
    asking.once('error', reject);
    asking.end();
  });
}

async function readBody(response: IncomingMessage): Promise<Got> {
  const stream: AsyncIterable<Buffer> = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_BYTES) throw noKey();
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

const lookupIn =
  (addresses: readonly string[]): LookupFunction =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
  };
