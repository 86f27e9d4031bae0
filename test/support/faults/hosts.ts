/** The hosts of a world: real issuers, each behind a front, under one private authority. */
import { randomUUID } from 'node:crypto';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import { startIssuer } from '../../../demo/issuer';
import type { Issuer } from '../../../demo/issuer';
import type { SigningKey } from '../../../demo/signing-key';
import { startFront } from './front';
import type { Front } from './front';

/** Leaf, intermediate and the authority above it, as a server sends them, without the root. */
export interface Served {
  readonly leaf: Identity;
  readonly middle: Identity;
  readonly top: Identity;
}

/** One host with one issuer, and the provider that trusts it. */
export interface WatchedHost {
  readonly name: string;
  readonly org: string;
  /** The issuer URL. */
  readonly issuer: string;
  readonly arn: string;
  readonly front: Front;
  readonly server: Issuer;
  /** What it serves when nothing is wrong. */
  readonly usual: Served;
  /** The thumbprints that a client receives there now. The results of a run are compared with them. */
  truth: readonly string[];
  /** Requests that it had served before this scene. */
  asked: number;
  /** A word for what clients receive there now; null: something is done to it. */
  readonly face: () => string | null;
}

/** Certificates as a server is to send them. */
export const chainOf = ({ leaf, middle, top }: Served): readonly Identity[] => [leaf, middle, top];

/** A new hierarchy below a root. */
export async function serve(host: string, name: string, root: Identity): Promise<Served> {
  const top = await mint({ commonName: `${name} Top CA`, ca: true, signedBy: root });
  const middle = await mint({ commonName: `${name} CA`, ca: true, signedBy: top });
  return { top, middle, leaf: await mint({ commonName: host, hosts: [host], signedBy: middle }) };
}

/** What hosts may have in common. */
export interface HostOptions {
  readonly root: Identity;
  readonly signingKey: SigningKey;
  /** What it may serve after a rotation that is no fault. */
  readonly next?: Served;
}

/** Starts a host of this name. */
export async function startHost(name: string, { root, signingKey, next }: HostOptions): Promise<WatchedHost> {
  const usual = await serve(name, name, root);
  const front = await startFront();
  const { server, face } = withFace(
    await startIssuer({ chain: chainOf(usual), name, publicPort: front.port, signingKey }),
    [usual, ...(next === undefined ? [] : [next])],
  );
  front.leadTo(server.accept);
  const org = randomUUID();
  const arn = `arn:aws:iam::123456789012:oidc-provider/${name}:${front.port}/org/${org}`;
  const truth = [usual.top.thumbprint];
  return {
    ...{ name, org, issuer: server.issuerOf(org), arn, front, server, usual, truth, asked: 0 },
    face: () => (front.leadsTo(server.accept) ? face() : null),
  };
}

/** The same issuer, and whether it answers by itself, with one of these chains. */
function withFace(
  server: Issuer,
  ordinary: readonly Served[],
): { readonly server: Issuer; readonly face: () => string | null } {
  const known = ordinary.map((served) => nameOf(chainOf(served)));
  let [shown, keys, isOverridden] = [known[0], 0, false];
  const watched: Issuer = {
    ...server,
    rotate: (chains, address) => {
      const next = chains.map(nameOf).join(' or ');
      // To read keys and certificates takes longer than a handshake.
      if (next !== shown) server.rotate(chains, address);
      shown = next;
    },
    replaceKeys: async () => {
      await server.replaceKeys();
      keys += 1;
    },
    onRequest: (override) => {
      server.onRequest(override);
      isOverridden = override !== undefined;
    },
  };
  const isOrdinary = (): boolean => !isOverridden && known.some((chain) => chain === shown);
  return { server: watched, face: () => (isOrdinary() ? `${shown} ${keys}` : null) };
}

const nameOf = (chain: readonly Identity[]): string => chain.map(({ thumbprint }) => thumbprint).join(', ');

/** From now on a host serves this; `truth`: what a client then receives, by default the usual authority. */
export function show(
  host: WatchedHost,
  chain: readonly Identity[],
  truth = [host.usual.top.thumbprint],
): void {
  host.server.rotate([chain]);
  host.front.leadTo(host.server.accept);
  host.truth = truth;
}

/** From now on another server on this port replaces a host, with the usual certificates. */
export function replace(host: WatchedHost, port: number): void {
  host.front.leadTo(port);
  host.truth = [host.usual.top.thumbprint];
}

/** Reverts all that was done to a host. `served`: what it is to serve then. */
export function healHost(host: WatchedHost, served = host.usual): void {
  host.front.behave(null);
  host.server.onRequest(undefined);
  host.asked = host.server.requests().length;
  show(host, chainOf(served), [served.top.thumbprint]);
}
