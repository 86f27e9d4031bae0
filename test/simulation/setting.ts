/** The world of simulations: two orgs at CircleCI, a CircleCI Server with a private CA, and one that wants TLS 1.3. */
import { found, issue } from './certificates';
import type { Authority, Chain } from './certificates';
import { START, World } from './world';
import type { Edge, Site } from './world';

const siteOf = (host: HostName, org: string, isConfigured: boolean): Site & { readonly host: HostName } => ({
  issuer: `https://${host}/org/${org}`,
  arn: `arn:aws:iam::123456789012:oidc-provider/${host}/org/${org}`,
  host,
  isConfigured,
});

const PUBLIC = 'oidc.circleci.com';
const PRIVATE = 'ci.corp.example';
const NEWEST = 'ci.modern.example';

/** Hosts of the sites. */
export const HOSTS = [PUBLIC, PRIVATE, NEWEST] as const;
type HostName = (typeof HOSTS)[number];

/** Issuers and their providers. */
export const SITES = [
  siteOf(PUBLIC, 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', true),
  siteOf(PUBLIC, '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608', false),
  siteOf(PRIVATE, '5f0c2b1d-3e4a-4d6b-9c8e-7a1b2c3d4e5f', true),
  siteOf(NEWEST, '8e7d6c5b-4a39-4281-9706-15f4e3d2c1b0', true),
] as const;

/** Audience of a site: its org. */
export const audienceOf = ({ issuer }: Site): string => issuer.slice(-36);

/** Authorities for the hosts. Minting takes time, so simulations share them. */
export class Foundry {
  private constructor(
    private readonly authorities: ReadonlyMap<string, readonly [Authority, ...Authority[]]>,
  ) {}

  /** Three authorities a host, the last one below another root. */
  static async open(): Promise<Foundry> {
    const of = async (host: string): Promise<readonly [string, readonly [Authority, ...Authority[]]]> => {
      const first = await found(`${host} 1`);
      return [host, [first, await found(`${host} 2`, first.root), await found(`${host} 3`)]];
    };
    return new Foundry(new Map(await Promise.all(HOSTS.map(of))));
  }

  /** `number` counts from 0 and begins anew at the end. */
  authority(host: HostName, number: number): Authority {
    const all = this.authorities.get(host);
    const [first] = all ?? [];
    const found = all?.[number % all.length] ?? first;
    if (found === undefined) throw new RangeError(host);
    return found;
  }

  /** The private roots, as a configuration names them. */
  get anchors(): Readonly<Record<string, string>> {
    const roots = new Set((this.authorities.get(PRIVATE) ?? []).map(({ root }) => root.pem));
    return { [PRIVATE]: [...roots].join('\n') };
  }

  issue = (host: HostName, number: number, at: number, days: number): Promise<Chain> =>
    issue(this.authority(host, number), host, at, days);
}

/** Two addresses, one for each key type, that serve one chain. */
export const everywhere = (chain: Chain): readonly Edge[] => edges(chain, chain);

/** Each address serves a chain of its own. */
export const edges = (one: Chain, other: Chain): readonly Edge[] => [
  { address: '192.0.2.1', keyType: 'rsa', chain: one },
  { address: '192.0.2.2', keyType: 'ecdsa', chain: other },
];

/** A world without problems. `days`: how long the first leaves last. */
export async function newWorld(foundry: Foundry, days: number): Promise<World> {
  const world = new World(SITES);
  for (const host of HOSTS) {
    const chain = await foundry.issue(host, 0, START, days);
    world.serve(host, { edges: everywhere(chain), isPublic: host !== PRIVATE, offersTls12: host !== NEWEST });
  }
  for (const site of SITES) {
    world.create(site.arn, { thumbprints: world.tops(site.host), audiences: [audienceOf(site)] });
    world.sign(site.issuer, [`key-${audienceOf(site).slice(0, 4)}-1`]);
  }
  return world;
}

/** The configuration of the monitor. */
export const configOf = (
  foundry: Foundry,
  update: 'off' | 'guarded',
  accept: readonly object[] = [],
): object => ({
  accept,
  issuers: SITES.filter(({ isConfigured }) => isConfigured).map(({ issuer }) => issuer),
  trustAnchors: foundry.anchors,
  update,
  auditTrust: false,
});
