/** What is true: served chains, IAM's lists, signing keys, recipients. And everything that was ever done. */
import { keyDocument } from './documents';
import type { Chain } from './certificates';
import type { KeyType } from '../../lambda/domain/types';

/** One variant of a probe of a host. */
export interface Edge {
  readonly address: string;
  readonly keyType: KeyType;
  readonly chain: Chain;
}

/** A host that serves the documents of issuers. */
export interface HostState {
  readonly edges: readonly Edge[];
  /** Public: AWS trusts it by itself, and its list is not enforced unless it requires TLS 1.3. */
  readonly isPublic: boolean;
  readonly offersTls12: boolean;
}

/** An OIDC provider in IAM. */
export interface ProviderState {
  readonly thumbprints: readonly string[];
  readonly audiences: readonly string[];
}

/** What somebody did. `sequence` orders everything that happens in a world. */
export type Deed =
  | {
      readonly kind: 'list';
      readonly by: 'people' | 'monitor';
      readonly arn: string;
      readonly before: readonly string[];
      readonly after: readonly string[];
    }
  | { readonly kind: 'audiences' | 'created' | 'deleted'; readonly arn: string }
  | { readonly kind: 'keys'; readonly issuer: string };
export type Dated<T> = T & { readonly sequence: number; readonly at: number };

/** An issuer and the provider that trusts it, if there is one. */
export interface Site {
  readonly issuer: string;
  readonly arn: string;
  readonly host: string;
  /** Named in the configuration: a missing provider is a finding. */
  readonly isConfigured: boolean;
}

/** The beginning of a simulated year. */
export const START = Date.parse('2026-12-01T00:00:00Z');

/** One world. */
export class World {
  now = START;
  sequence = 0;
  changes = 0;
  recipients = 1;
  readonly hosts = new Map<string, HostState>();
  readonly providers = new Map<string, ProviderState>();
  readonly keys = new Map<string, readonly string[]>();
  /** Every key that ever signed. */
  readonly signed = new Set<string>();
  readonly deeds: Dated<Deed>[] = [];

  constructor(readonly sites: readonly Site[]) {}

  /** The next moment. */
  tick = (): number => (this.sequence += 1);

  note = (deed: Deed): void => {
    this.changes += 1;
    this.deeds.push({ ...deed, sequence: this.tick(), at: this.now });
  };

  serve(host: string, change: Partial<HostState>): void {
    this.changes += 1;
    const before = this.hosts.get(host) ?? { edges: [], isPublic: true, offersTls12: true };
    this.hosts.set(host, { ...before, ...change });
  }

  /** UpdateOpenIDConnectProviderThumbprint. */
  list(arn: string, after: readonly string[], by: 'people' | 'monitor'): void {
    const provider = this.providers.get(arn);
    if (provider === undefined) return;
    this.providers.set(arn, { ...provider, thumbprints: after });
    this.note({ kind: 'list', by, arn, before: provider.thumbprints, after });
  }

  admit(arn: string, audiences: readonly string[]): void {
    const provider = this.providers.get(arn);
    if (provider === undefined) return;
    this.providers.set(arn, { ...provider, audiences });
    this.note({ kind: 'audiences', arn });
  }

  create(arn: string, provider: ProviderState): void {
    this.providers.set(arn, provider);
    this.note({ kind: 'created', arn });
  }

  remove(arn: string): void {
    this.providers.delete(arn);
    this.note({ kind: 'deleted', arn });
  }

  sign(issuer: string, kids: readonly string[]): void {
    for (const kid of kids) this.signed.add(kid);
    this.keys.set(issuer, kids);
    this.note({ kind: 'keys', issuer });
  }

  /** Every thumbprint that AWS might take at a host. */
  tops = (host: string): readonly string[] => [
    ...new Set((this.hosts.get(host)?.edges ?? []).map(({ chain }) => chain.top)),
  ];

  /** The text at a URL, or null. */
  document(url: string): string | null {
    const suffix = '/.well-known/openid-configuration';
    const site = this.sites.find(({ issuer }) => url === `${issuer}${suffix}` || url === `${issuer}/keys`);
    if (site === undefined) return null;
    const { issuer } = site;
    return url.endsWith(suffix)
      ? JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })
      : keyDocument(this.keys.get(issuer) ?? []);
  }
}
