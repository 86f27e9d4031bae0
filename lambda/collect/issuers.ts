/** Collects the facts about targets: each request is made once per run, however many targets share it. */
import { discoveryUrl, readDiscovery } from '../oidc/discovery';
import { slower, timeOf } from '../oidc/response-time';
import type { MonitorConfig } from '../config/config';
import { hostKey } from '../domain/host';
import type { Failure, Host, HostObservation, Outcome, Provider, Target } from '../domain/types';
import { failure } from '../domain/errors';
import { hostOf } from '../oidc/issuer';
import { readJwks } from '../oidc/jwks';
import { privateNetworks } from '../config/private-networks';
import type { Ports } from '../ports';
import { beforeDeadline } from '../deadline';
import type { MayBePrivate } from '../domain/address-policy';
import type { Jwks, TargetFacts } from '../domain/facts';

type CollectorPorts = Pick<Ports, 'readProvider' | 'fetchDocument' | 'probeHost' | 'deadline'>;

/** Which addresses the configuration permits. */
export type CollectOptions = Pick<MonitorConfig, 'allowPrivateNetworks' | 'issuers'>;

/** Collects from issuers for one run. */
export interface IssuerCollector {
  /** Begins to collect from an issuer before it is known whether a provider trusts it. */
  readonly begin: (issuer: string) => void;
  /** Everything about one target. `unlisted`: why the account's providers are not known. */
  readonly collect: (target: Target, unlisted: Failure | null) => Promise<TargetFacts>;
}

/** Creates the collector of one run. */
export function issuerCollector(ports: CollectorPorts, options: CollectOptions): IssuerCollector {
  const probe = oncePerKey(
    ({ host, mayBePrivate }: HostQuestion) => ports.probeHost(host, mayBePrivate),
    ({ host, mayBePrivate }) => `${hostKey(host)} ${mayBePrivate}`,
  );
  const keys = oncePerKey(
    (question: KeysQuestion) => readKeys(question, ports.fetchDocument),
    ({ url, mayBePrivate }) => `${url} ${mayBePrivate}`,
  );
  const asked = { ...ports, probe, keys, mayBePrivate: privateNetworks(options) };
  const issuer = oncePerKey((url: string) => observeIssuer(url, asked), String);
  const look = async (target: Target, unlisted: Failure | null): Promise<TargetFacts> => {
    const [seen, provider] = await Promise.all([
      issuer(target.issuer),
      readProviderOf(target, unlisted, ports),
    ]);
    return { target, ...seen, provider };
  };
  return {
    begin: (url) => void issuer(url),
    collect: async (target, unlisted) => {
      const facts = await beforeDeadline(look(target, unlisted), ports.deadline);
      return facts === 'late' ? notCollected(target) : facts;
    },
  };
}

/** Makes each request once; every caller gets the same answer. */
function oncePerKey<Q, A>(
  ask: (question: Q) => Promise<A>,
  keyOf: (question: Q) => string,
): (question: Q) => Promise<A> {
  const asked = new Map<string, Promise<A>>();
  return (question) => {
    const answer = asked.get(keyOf(question)) ?? ask(question);
    asked.set(keyOf(question), answer);
    return answer;
  };
}

interface HostQuestion {
  readonly host: Host;
  readonly mayBePrivate: boolean;
}

interface KeysQuestion {
  readonly url: string;
  readonly mayBePrivate: boolean;
}

interface IssuerPorts {
  readonly fetchDocument: Ports['fetchDocument'];
  readonly probe: (question: HostQuestion) => Promise<HostObservation>;
  readonly keys: (question: KeysQuestion) => Promise<ReadKeys>;
  readonly mayBePrivate: MayBePrivate;
}

interface ReadKeys {
  readonly jwks: Outcome<Jwks>;
  /** Null: not known. */
  readonly milliseconds: number | null;
}

type ObservedIssuer = Pick<TargetFacts, 'discovery' | 'isUnanchored' | 'jwks' | 'milliseconds' | 'hosts'>;

/** The issuer's own host is probed at once: most often it is the JWKS host, too. */
async function observeIssuer(
  issuer: string,
  { fetchDocument, probe, keys, mayBePrivate }: IssuerPorts,
): Promise<ObservedIssuer> {
  const own = hostOf(issuer);
  const ownMayBePrivate = mayBePrivate(issuer, issuer);
  const ownProbe = probe({ host: own, mayBePrivate: ownMayBePrivate });
  const document = await fetchDocument(discoveryUrl(issuer), 'discovery', ownMayBePrivate);
  const milliseconds = document.ok ? timeOf(document.value) : null;
  const discovery = document.ok ? readDiscovery(document.value.text, issuer, { mayBePrivate }) : document;
  if (!discovery.ok) return { discovery, jwks: null, milliseconds, hosts: [await ownProbe] };
  const isUnanchored = document.ok && document.value.isUnanchored === true;
  const { jwksUri } = discovery.value;
  const jwksHost = hostOf(jwksUri);
  const keysQuestion = { url: jwksUri, mayBePrivate: mayBePrivate(jwksUri, issuer) };
  const jwksProbe = { host: jwksHost, mayBePrivate: keysQuestion.mayBePrivate };
  const probes = hostKey(jwksHost) === hostKey(own) ? [ownProbe] : [probe(jwksProbe), ownProbe];
  const [read, seen] = await Promise.all([keys(keysQuestion), Promise.all(probes)]);
  return {
    discovery,
    isUnanchored,
    ...read,
    milliseconds: slower(milliseconds, read.milliseconds),
    hosts: seen,
  };
}

async function readKeys(
  { url, mayBePrivate }: KeysQuestion,
  fetchDocument: Ports['fetchDocument'],
): Promise<ReadKeys> {
  const fetched = await fetchDocument(new URL(url), 'jwks', mayBePrivate);
  if (!fetched.ok) return { jwks: fetched, milliseconds: 0 };
  return { jwks: readJwks(fetched.value.text, url), milliseconds: timeOf(fetched.value) };
}

/** An account whose providers could not be listed may have this one or not. */
async function readProviderOf(
  { providerArn }: Target,
  unlisted: Failure | null,
  ports: CollectorPorts,
): Promise<Outcome<Provider> | null> {
  if (providerArn !== null) return ports.readProvider(providerArn);
  return unlisted === null ? null : { ok: false, failure: unlisted };
}

function notCollected(target: Target): TargetFacts {
  const late = {
    ok: false,
    failure: failure(
      'deadline',
      'DEADLINE_EXCEEDED',
      `The run ended before ${target.issuer} had been looked at.`,
    ),
  } as const;
  return { target, discovery: late, jwks: null, milliseconds: null, provider: late, hosts: [] };
}
