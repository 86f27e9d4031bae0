/** Observations made up for tests of the pure core, from certificates that were really minted. */
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { HostObservation, KeyType, ServedChain, Variant } from '../../lambda/domain/types';
import { evaluateHost } from '../../lambda/checks/host';
import { openTrustStore } from '../../lambda/x509/trust-store';
import type { TrustStore } from '../../lambda/x509/trust-store';
import type { HostOptions, EvaluatedHost } from '../../lambda/checks/host';

/** The time of every made-up run. */
export const NOW = new Date('2026-11-23T12:00:00Z');
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-12-31T00:00:00Z') };

/** A root, an intermediate CA and a leaf for the host. */
export interface Hierarchy {
  readonly root: Identity;
  readonly middle: Identity;
  readonly leaf: Identity;
  /** What a server sends: leaf and intermediate. */
  readonly chain: readonly Identity[];
}

/** Mints a hierarchy. Names are taken into the subjects. */
export async function hierarchy(host: string, name: string, leafOptions: object = {}): Promise<Hierarchy> {
  const root = await mint({ ...VALIDITY, commonName: `${name} Root`, ca: true });
  const middle = await mint({ ...VALIDITY, commonName: `${name} Intermediate`, ca: true, signedBy: root });
  const leaf = await mint({ ...VALIDITY, commonName: host, hosts: [host], signedBy: middle, ...leafOptions });
  return { root, middle, leaf, chain: [leaf, middle] };
}

/** One served chain of a made-up observation. */
export interface Serving {
  readonly chain: readonly Identity[];
  readonly address?: string;
  readonly keyType?: KeyType;
  readonly trusted?: boolean;
  /** The certificates below the public roots, if it is trusted. @default the chain, whoever signed it */
  readonly below?: readonly Identity[];
  readonly distrust?: string;
  readonly anchored?: boolean;
}

/** The self-signed certificates above a chain, whether they are served or not. */
export const rootsOf = (chain: readonly Identity[]): readonly Identity[] => [
  ...new Set(
    chain.map((each) => (each.signedBy === undefined ? each : (rootsOf([each.signedBy])[0] ?? each))),
  ),
];

const publicRoots = new Set<string>();

function trustPublicly(chain: readonly Identity[]): void {
  for (const { pem } of rootsOf(chain)) publicRoots.add(pem);
}

/** The public roots of the made-up world: above the chains that were marked as trusted until now. */
export const madeUpTrust = (): TrustStore => MADE_UP;

let opened = openTrustStore([]);

const MADE_UP: TrustStore = {
  get publicRoots() {
    if (opened.publicRoots.pems.length < publicRoots.size) opened = openTrustStore([...publicRoots]);
    return opened.publicRoots;
  },
  anchorsIn: (bundle) => opened.anchorsIn(bundle),
};

/** A host that served these chains, in TLS 1.3, with TLS 1.2 offered unless said otherwise. */
export function observed(
  name: string,
  serving: readonly Serving[],
  tls12: boolean | null = true,
): HostObservation {
  for (const { chain, trusted = true, below = chain } of serving) if (trusted) trustPublicly(below);
  return {
    host: { name, port: 443 },
    variants: serving.map(toVariant),
    tls12: [...new Set(serving.map(({ address = '192.0.2.1' }) => address))].map((address) => ({
      address,
      offered: tls12,
    })),
    failure: null,
  };
}

function toVariant({
  chain,
  address = '192.0.2.1',
  keyType = 'ecdsa',
  trusted = true,
  distrust,
  anchored = false,
}: Serving): Variant {
  const served: ServedChain = {
    address,
    keyType,
    tls: 'TLSv1.3',
    certificates: chain.map(({ certificate }) => certificate.raw),
    verified: trusted,
    distrust: trusted ? null : (distrust ?? 'SELF_SIGNED_CERT_IN_CHAIN'),
    verifiedByAnchors: anchored,
  };
  return { address, keyType, answer: { kind: 'served', chain: served } };
}

/** The same, evaluated. */
export const judged = (
  name: string,
  serving: readonly Serving[],
  more: { readonly tls12?: boolean | null } & Partial<HostOptions> = {},
): EvaluatedHost => {
  const { tls12, ...options } = more;
  const anchors = rootsOf(serving.filter(({ anchored }) => anchored === true).flatMap(({ chain }) => chain));
  const seen = observed(name, serving, tls12);
  return evaluateHost(seen, {
    trustAnchors: anchors.length === 0 ? {} : { [`${name}:443`]: anchors.map(({ pem }) => pem).join('') },
    trust: madeUpTrust(),
    expiryDays: 30,
    now: NOW,
    ...options,
  });
};
