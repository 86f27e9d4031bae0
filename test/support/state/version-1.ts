/**
 * A state table as version 1 of the state left it, in `table-v1.json`: written by the code of the last commit with
 * that layout, with the world around it, and with what that code does in the next runs. Here that world is played
 * again for the present code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseConfig } from '../../../lambda/config/config';
import { parseEvent } from '../../../lambda/config/event';
import { failure } from '../../../lambda/domain/errors';
import type { RunFacts } from '../../../lambda/domain/run-facts';
import type { Store } from '../../../lambda/domain/store';
import type { HostObservation, Outcome, Report, Role } from '../../../lambda/domain/types';
import type { Ports } from '../../../lambda/ports';
import { runOnce } from '../../../lambda/run';
import { loadState, stateIds } from '../../../lambda/state/load';
import type { LoadedState } from '../../../lambda/state/load';
import { openTrustStore } from '../../../lambda/x509/trust-store';
import { keyDocument } from '../../simulation/documents';
import { readEvents } from '../../simulation/message';
import type { Event } from '../../simulation/message';
import { MemoryTable } from '../../simulation/table';

const texts = v.array(v.string());
/** An attribute in the form of DynamoDB. */
const attribute = v.union([v.strictObject({ S: v.string() }), v.strictObject({ N: v.string() })]);
const item = v.objectWithRest({ id: v.strictObject({ S: v.string() }) }, attribute);
const memory = v.looseObject({ memoryVersion: v.literal(2) });

const changes = v.object({
  /** By ARN. */
  providers: v.record(v.string(), v.object({ thumbprints: texts, audiences: texts })),
  /** By name. `public`: a public root verifies it. `anchors`: `trustAnchors` verify it. `expired`: nothing does. */
  hosts: v.record(
    v.string(),
    v.object({
      trust: v.picklist(['public', 'anchors', 'expired']),
      offersTls12: v.boolean(),
      /** The variants of a probe. The chain: thumbprints, in the served order. */
      edges: v.array(v.object({ address: v.string(), keyType: v.picklist(['rsa', 'ecdsa']), chain: texts })),
      isSilent: v.boolean(),
    }),
  ),
  /** By URL. `milliseconds`: how long a document takes. */
  issuers: v.record(v.string(), v.object({ jwksUri: v.string(), kids: texts, milliseconds: v.number() })),
});
const world = v.object({
  recipients: v.number(),
  ...changes.entries,
  roles: v.array(v.object({ arn: v.string(), name: v.string(), provider: v.string(), policy: v.string() })),
  /** PATH stands for the issuer without https://, ORG for its last 36 characters. */
  policies: v.record(v.string(), v.string()),
});

const notification = v.object({
  eventType: v.string(),
  severity: v.string(),
  issuer: v.nullable(v.string()),
  checks: texts,
});
const ran = v.object({
  at: v.string(),
  told: v.array(notification),
  writes: v.array(v.object({ arn: v.string(), list: texts })),
});
const story = v.object({ changes, runs: v.array(ran) });

const fixture = v.object({
  account: v.string(),
  intervalMinutes: v.number(),
  /** Issuers by what is special about them. */
  roles: v.object({
    pending: v.string(),
    healthy: v.string(),
    gone: v.string(),
    updated: v.string(),
    full: v.string(),
    expired: v.string(),
    keys: v.string(),
    intent: v.string(),
    moved: v.string(),
    silent: v.string(),
  }),
  items: v.array(item),
  /** What the code that wrote the items loads from them. */
  expect: v.object({ account: memory, targets: v.record(v.string(), memory) }),
  config: v.unknown(),
  world,
  publicRoots: texts,
  /** DER in base64, by thumbprint. */
  certificates: v.record(v.string(), v.string()),
  /** What the code that wrote the items does in the runs after that. */
  next: v.object({ sameWorld: story, applied: story, repaired: story }),
});

/** The content of `table-v1.json`. */
export const VERSION_1 = v.parse(fixture, JSON.parse(readFileSync(join(__dirname, 'table-v1.json'), 'utf8')));

/** What happens after the table was written. */
export type Story = keyof typeof VERSION_1.next;
export const STORIES = ['sameWorld', 'applied', 'repaired'] as const satisfies readonly Story[];
/** An event of a message, as the fixture has it. */
export type Told = v.InferOutput<typeof notification>;
/** An item as DynamoDB stores it. */
export type Item = v.InferOutput<typeof item>;
type World = v.InferOutput<typeof world>;

/** The items of the present layout. */
export const IDS = stateIds(VERSION_1.account);

/**
 * What goes wrong. `not read`: one item of version 1 does not arrive. `unsaved`: the large item cannot be written.
 * Or the function ends: before it writes the large item, or before or after IAM has written a list.
 */
export type Trouble =
  'not read' | 'unsaved' | 'ends before the save' | 'ends before the update' | 'ends after the update';

/** What a run did. */
export interface Ran extends v.InferOutput<typeof ran> {
  readonly events: readonly Event[];
  /** Ids of the items that it read, in order. */
  readonly loads: readonly string[];
  readonly saves: readonly string[];
  /** Null: the function ended before. */
  readonly report: Report | null;
  readonly facts: RunFacts | null;
}

class Ended extends Error {}

const TRUST = openTrustStore(VERSION_1.publicRoots);
const CONFIG = parseConfig(VERSION_1.config);
const CERTIFICATES = new Map(
  Object.entries(VERSION_1.certificates).map(([name, der]) => [name, Buffer.from(der, 'base64')]),
);

/** The account after an upgrade: the present code runs in it, and finds the table of version 1. */
export class Upgraded {
  readonly table = new MemoryTable();
  private readonly world: World;

  constructor(name: Story, items: readonly Item[] = VERSION_1.items) {
    for (const { id, ...attributes } of items) this.table.put(id.S, attributes);
    const { providers, hosts, issuers } = VERSION_1.next[name].changes;
    const before = structuredClone(VERSION_1.world);
    this.world = {
      ...before,
      providers: { ...before.providers, ...providers },
      hosts: { ...before.hosts, ...hosts },
      issuers: { ...before.issuers, ...issuers },
    };
  }

  /** The items of version 1 as they are now. */
  earlierItems(): readonly unknown[] {
    return [...this.table.items].filter(([id]) => !id.startsWith('state/')).map(([, found]) => found);
  }

  /** The state as the next run loads it. */
  async state(): Promise<LoadedState> {
    return (await loadState(this.table.store, VERSION_1.account)).loaded;
  }

  async run(at: string, trouble: Trouble | null = null): Promise<Ran> {
    const effects: Effects = { events: [], writes: [], loads: [], saves: [], facts: null };
    const assignment = {
      event: parseEvent({ action: 'monitor' }),
      config: CONFIG,
      account: VERSION_1.account,
      intervalMinutes: VERSION_1.intervalMinutes,
    };
    const report = await runOnce(assignment, this.ports(at, effects, trouble)).catch((error: unknown) => {
      if (error instanceof Ended) return null;
      throw error;
    });
    const told = effects.events.map(({ eventType, severity, issuer, findings }) => ({
      eventType,
      severity,
      issuer,
      checks: findings.map(({ check }) => check),
    }));
    return { ...effects, at, told, report };
  }

  private ports(at: string, effects: Effects, trouble: Trouble | null): Ports {
    const { world } = this;
    let now = Date.parse(at);
    return {
      listProviders: () => Promise.resolve({ ok: true, value: Object.keys(world.providers).sort() }),
      readProvider: (arn) => {
        const found = world.providers[arn];
        return Promise.resolve(
          found === undefined
            ? { ok: false, failure: failure('iam', 'AWS_NOT_FOUND', `There is no ${arn}.`) }
            : { ok: true, value: { arn, url: '', ...found } },
        );
      },
      listRoles: () => Promise.resolve({ ok: true, value: rolesIn(world) }),
      attachedPolicies: () => Promise.resolve({ ok: true, value: [] }),
      updateThumbprints: (arn, list) => {
        if (trouble === 'ends before the update') return Promise.reject(new Ended());
        const thumbprints = [...list];
        effects.writes.push({ arn, list: thumbprints });
        world.providers[arn] = { audiences: [], ...world.providers[arn], thumbprints };
        return trouble === 'ends after the update'
          ? Promise.reject(new Ended())
          : Promise.resolve({ ok: true, value: null });
      },
      fetchDocument: (url, step) => {
        const found = documentAt(url, world);
        return Promise.resolve(
          found.ok
            ? { ok: true, value: { ...found.value, missed: 0 } }
            : { ok: false, failure: { ...found.failure, step } },
        );
      },
      probeHost: ({ name }) => Promise.resolve(probe(name, world)),
      publish: (message) => {
        effects.events.push(...readEvents(message));
        return Promise.resolve();
      },
      publishChat: null,
      countRecipients: () => Promise.resolve({ ok: true, value: world.recipients }),
      store: this.store(effects, trouble),
      accountAlias: () => Promise.resolve(null),
      record: (facts) => {
        effects.facts = facts;
      },
      trust: TRUST,
      node: 'v22.0.0',
      // A run takes time, and its times differ.
      now: () => new Date((now += 250) - 250),
      wait: (milliseconds) => {
        now += milliseconds;
        return Promise.resolve();
      },
      deadline: new AbortController().signal,
    };
  }

  private store({ loads, saves }: Effects, trouble: Trouble | null): Store {
    const { store } = this.table;
    return {
      ...store,
      load: (id) => {
        loads.push(id);
        const isLost = trouble === 'not read' && id === VERSION_1.roles.gone;
        return isLost ? Promise.resolve(LOST) : store.load(id);
      },
      save: (each) => {
        if (each.id === IDS.main && trouble === 'ends before the save') return Promise.reject(new Ended());
        if (each.id === IDS.main && trouble === 'unsaved') return Promise.resolve(LOST);
        saves.push(each.id);
        return store.save(each);
      },
    };
  }
}

interface Effects {
  readonly events: Event[];
  readonly writes: Ran['writes'];
  readonly loads: string[];
  readonly saves: string[];
  facts: RunFacts | null;
}

const LOST: Outcome<never> = {
  ok: false,
  failure: failure('state', 'AWS_UNAVAILABLE', 'The table does not answer.'),
};

const pathOf = (arn: string): string => arn.replace(/^.*:oidc-provider\//, '');

const rolesIn = ({ roles, policies }: World): readonly Role[] =>
  roles.map(({ arn, name, provider, policy }) => ({
    arn,
    name,
    trustPolicy: encodeURIComponent(
      (policies[policy] ?? '').replaceAll('PATH', pathOf(provider)).replaceAll('ORG', provider.slice(-36)),
    ),
  }));

function documentAt(
  { href, hostname }: URL,
  { hosts, issuers }: World,
): Outcome<{ readonly text: string; readonly milliseconds: number }> {
  const host = hosts[hostname];
  if (host === undefined || host.isSilent)
    return { ok: false, failure: failure('discovery', 'TCP_TIMEOUT', `${hostname} stays silent.`) };
  if (host.trust === 'expired')
    return { ok: false, failure: failure('discovery', 'TLS_UNTRUSTED', `${hostname} is not verified.`) };
  for (const [issuer, { jwksUri, kids, milliseconds }] of Object.entries(issuers)) {
    if (href === jwksUri) return { ok: true, value: { text: keyDocument(kids), milliseconds } };
    if (href === `${issuer}/.well-known/openid-configuration`)
      return { ok: true, value: { text: JSON.stringify({ issuer, jwks_uri: jwksUri }), milliseconds } };
  }
  return { ok: false, failure: failure('discovery', 'HTTP_STATUS', `${href}: 404.`) };
}

function probe(name: string, { hosts }: World): HostObservation {
  const { trust = 'public', offersTls12 = true, edges = [], isSilent = true } = hosts[name] ?? {};
  return {
    host: { name, port: 443 },
    variants: edges.map(({ address, keyType, chain }) => ({
      address,
      keyType,
      answer: isSilent
        ? { kind: 'unanswered', failure: failure('tls', 'TLS_TIMEOUT', `${address} stays silent.`) }
        : {
            kind: 'served',
            chain: {
              address,
              keyType,
              tls: 'TLSv1.3',
              certificates: chain.map((each) => CERTIFICATES.get(each) ?? new Uint8Array()),
              verified: trust === 'public',
              distrust: DISTRUST[trust],
              verifiedByAnchors: trust === 'anchors',
            },
          },
    })),
    tls12: edges.map(({ address }) => ({ address, offered: isSilent ? null : offersTls12 })),
    failure: null,
  };
}

const DISTRUST = { public: null, anchors: 'SELF_SIGNED_CERT_IN_CHAIN', expired: 'CERT_HAS_EXPIRED' } as const;
