/** Contacts issuers: each request is made once per run, however many accounts and targets share it. */
import { discoveryUrl, readDiscovery } from '../oidc/discovery';
import { slower, timeOf } from '../oidc/response-time';
import type { MonitorConfig } from '../config/config';
import { hostKey } from '../domain/host';
import type { Host, HostObservation, Outcome, Target } from '../domain/types';
import { failure } from '../domain/errors';
import { hostOf } from '../oidc/issuer';
import { readJwks } from '../oidc/jwks';
import { privateNetworks } from '../config/private-networks';
import type { Ports } from '../ports';
import { beforeDeadline } from '../deadline';
import type { MayBePrivate } from '../domain/address-policy';
import type { IssuerFacts, Jwks } from '../domain/facts';

type ContactPorts = Pick<Ports, 'fetchDocument' | 'probeHost' | 'deadline'>;

/** Which addresses the configuration permits. */
export type ContactOptions = Pick<MonitorConfig, 'allowPrivateNetworks' | 'issuers'>;

/** The issuers that one run contacts, with what they have served so far. */
export class IssuerContacts {
  private readonly mayBePrivate: MayBePrivate;
  private readonly contacted = new Map<string, Promise<IssuerFacts>>();
  private readonly keys = new Map<string, Promise<ReadKeys>>();
  private readonly probes = new Map<string, Promise<HostObservation>>();

  constructor(
    private readonly ports: ContactPorts,
    options: ContactOptions,
  ) {
    this.mayBePrivate = privateNetworks(options);
  }

  /** Contacts an issuer, the first time; later calls get the same facts. */
  contact(issuer: string): Promise<IssuerFacts> {
    return once(this.contacted, issuer, async () => {
      const facts = await beforeDeadline(this.read(issuer), this.ports.deadline);
      return facts === 'late' ? notRead(issuer) : facts;
    });
  }

  /** The issuer's own host is probed at once: most often it is the JWKS host, too. */
  private async read(issuer: string): Promise<IssuerFacts> {
    const { mayBePrivate } = this;
    const own = hostOf(issuer);
    const ownMayBePrivate = mayBePrivate(issuer, issuer);
    const ownProbe = this.probe(own, ownMayBePrivate);
    const document = await this.ports.fetchDocument(discoveryUrl(issuer), 'discovery', ownMayBePrivate);
    const milliseconds = document.ok ? timeOf(document.value) : null;
    const discovery = document.ok ? readDiscovery(document.value.text, issuer, { mayBePrivate }) : document;
    if (!discovery.ok) return { discovery, jwks: null, milliseconds, hosts: [await ownProbe] };
    const isUnanchored = document.ok && document.value.isUnanchored === true;
    const { jwksUri } = discovery.value;
    const jwksHost = hostOf(jwksUri);
    const jwksMayBePrivate = mayBePrivate(jwksUri, issuer);
    const isSameHost = hostKey(jwksHost) === hostKey(own);
    const probes = isSameHost ? [ownProbe] : [this.probe(jwksHost, jwksMayBePrivate), ownProbe];
    const [read, hosts] = await Promise.all([this.readKeys(jwksUri, jwksMayBePrivate), Promise.all(probes)]);
    return {
      discovery,
      isUnanchored,
      ...read,
      milliseconds: slower(milliseconds, read.milliseconds),
      hosts,
    };
  }

  private probe(host: Host, mayBePrivate: boolean): Promise<HostObservation> {
    return once(this.probes, `${hostKey(host)} ${mayBePrivate}`, () =>
      this.ports.probeHost(host, mayBePrivate),
    );
  }

  private readKeys(url: string, mayBePrivate: boolean): Promise<ReadKeys> {
    return once(this.keys, `${url} ${mayBePrivate}`, async () => {
      const fetched = await this.ports.fetchDocument(new URL(url), 'jwks', mayBePrivate);
      if (!fetched.ok) return { jwks: fetched, milliseconds: 0 };
      return { jwks: readJwks(fetched.value.text, url), milliseconds: timeOf(fetched.value) };
    });
  }
}

/** The issuers of the targets of one account or of several, by their URL. Those not contacted yet are now. */
export async function contactIssuers(
  targets: readonly Target[],
  contacts: IssuerContacts,
): Promise<ReadonlyMap<string, IssuerFacts>> {
  const issuers = [...new Set(targets.map(({ issuer }) => issuer))];
  return new Map(
    await Promise.all(issuers.map(async (issuer) => [issuer, await contacts.contact(issuer)] as const)),
  );
}

interface ReadKeys {
  readonly jwks: Outcome<Jwks>;
  /** Null: not known. */
  readonly milliseconds: number | null;
}

/** Makes each request once; every caller gets the same answer. */
function once<A>(made: Map<string, Promise<A>>, key: string, request: () => Promise<A>): Promise<A> {
  const answer = made.get(key) ?? request();
  made.set(key, answer);
  return answer;
}

/** Nothing is known of an issuer that was not read in time. */
export function notRead(issuer: string): IssuerFacts & { readonly discovery: { readonly ok: false } } {
  const message = `${issuer} was not checked before the deadline of the run.`;
  const discovery = { ok: false, failure: failure('deadline', 'DEADLINE_EXCEEDED', message) } as const;
  return { discovery, jwks: null, milliseconds: null, hosts: [] };
}
