/** An account, its store and its topic, for whole runs without a network: it records everything done to them. */
import { runOnce } from '../../lambda/run';
import { parseConfig } from '../../lambda/config/config';
import type { Host, HostObservation, Outcome, Report, Role } from '../../lambda/domain/types';
import { PublishError, failure } from '../../lambda/domain/errors';
import { parseEvent } from '../../lambda/config/event';
import type { Store } from '../../lambda/domain/store';
import type { Ports } from '../../lambda/ports';
import { loadState, stateIds } from '../../lambda/state/load';
import type { LoadedState } from '../../lambda/state/load';
import { NOW, madeUpTrust, observed } from './observed';
import type { Hierarchy } from './observed';
import { narrowRole } from './roles';
import { Items } from './state/items';
import type { AlertMessage, ChatMessage } from '../../lambda/domain/message';

/** The host of every org. */
export const HOST = 'oidc.circleci.com';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** The account's id. */
export const ACCOUNT_ID = '123456789012';
/** The items of its state. */
export const ITEMS = stateIds(ACCOUNT_ID);
/** The org's issuer. */
export const ISSUER = `https://${HOST}/org/${ORG}`;
/** Its provider. */
export const ARN = `arn:aws:iam::123456789012:oidc-provider/${HOST}/org/${ORG}`;
const STEP_MINUTES = 360;
const KEYS = JSON.stringify({ keys: [{ kty: 'RSA', kid: 'one', e: 'AQAB', n: `0v${'x'.repeat(340)}` }] });

/** The answers of the world in a run, and its effects on the run. */
export interface Scene {
  readonly config?: object;
  readonly event?: unknown;
  readonly probe?: (host: Host) => HostObservation;
  readonly document?: (issuer: string) => Outcome<string>;
  /** Replaces `probe` and `document`. */
  readonly network?: Pick<Ports, 'fetchDocument' | 'probeHost'>;
  /** `down`: it cannot be read. `full`: it cannot be written. */
  readonly store?: 'down' | 'full';
  /** Ids of items that cannot be written. */
  readonly refused?: readonly string[];
  /** Minutes after the run before. @default 360 */
  readonly after?: number;
  /** What IAM lists, call by call; the last one from then on. @default the account's lists */
  readonly listings?: readonly (readonly string[])[];
  /** @default one for each provider, which admits one project */
  readonly roles?: readonly Role[];
  readonly publish?: 'fails';
  readonly chat?: 'fails';
  /** Confirmed subscriptions. @default 1 */
  readonly recipients?: number;
  /** Called when the roles are listed; what it returns ends the run. @default never */
  readonly deadline?: () => Promise<void>;
  /** How long IAM takes to answer an update, and a read after it. @default no time */
  readonly silent?: 'write' | 'read after the write';
}

/** An account, its store, and everything that was done to them. */
export class Account {
  readonly lists = new Map<string, readonly string[]>();
  /** Of each provider; @default the org's id alone. */
  readonly audiences = new Map<string, readonly string[]>();
  readonly writes: (readonly string[])[] = [];
  readonly messages: AlertMessage[] = [];
  readonly chats: ChatMessage[] = [];
  private readonly table = new Items();
  readonly items = this.table.items;
  /** The ids of the items that were written, in order. */
  readonly saves = this.table.written;
  conflicts = 0;
  /** Between two scheduled runs. */
  intervalMinutes = STEP_MINUTES;
  /** Runs before the next write arrives. */
  beforeWrite: () => void = () => undefined;
  private time = NOW.getTime() - STEP_MINUTES * 60_000;

  /** `probe`: what the hosts serve if a scene does not say. */
  constructor(
    list: readonly string[],
    private readonly probe: (host: Host) => HostObservation,
    private readonly config: object = {},
  ) {
    this.lists.set(ARN, list);
  }

  async run(scene: Scene = {}): Promise<Report> {
    const now = new Date(this.time + (scene.after ?? STEP_MINUTES) * 60_000);
    this.time = now.getTime();
    const config = parseConfig({ ...this.config, ...scene.config });
    const event = parseEvent(scene.event ?? { action: 'monitor' });
    return runOnce(
      { event, config, account: ACCOUNT_ID, intervalMinutes: this.intervalMinutes },
      this.ports(scene, now),
    );
  }

  private ports(scene: Scene, now: Date): Ports {
    const { document = documentOf, recipients = 1 } = scene;
    const probe = scene.probe ?? this.probe;
    let listings = scene.listings ?? [];
    const deadline = new AbortController();
    const writesBefore = this.writes.length;
    return {
      listProviders: () => {
        const [first = [...this.lists.keys()], ...others] = listings;
        if (others.length > 0) listings = others;
        return Promise.resolve({ ok: true, value: first });
      },
      readProvider: (arn) => {
        if (scene.silent === 'read after the write' && this.writes.length > writesBefore) return NEVER;
        const thumbprints = this.lists.get(arn) ?? [];
        return Promise.resolve({
          ok: true,
          value: { arn, url: '', thumbprints, audiences: this.audiences.get(arn) ?? [arn.slice(-36)] },
        });
      },
      listRoles: () => {
        void scene.deadline?.().then(() => {
          deadline.abort();
        });
        return Promise.resolve({ ok: true, value: scene.roles ?? [...this.lists.keys()].map(narrowRole) });
      },
      attachedPolicies: () => Promise.resolve({ ok: true, value: [] }),
      updateThumbprints: (arn, list) => {
        const written = this.write(arn, list);
        return scene.silent === 'write' ? NEVER : Promise.resolve(written);
      },
      fetchDocument: (url) => {
        const issuer = url.href.replace('/.well-known/openid-configuration', '');
        const found = issuer === url.href ? ({ ok: true, value: KEYS } as const) : document(issuer);
        return Promise.resolve(
          found.ok ? { ok: true, value: { text: found.value, milliseconds: 1, missed: 0 } } : found,
        );
      },
      probeHost: (host) => Promise.resolve(probe(host)),
      publish: (message) => {
        if (scene.publish === 'fails') return Promise.reject(new PublishError('The topic takes nothing.'));
        this.messages.push(message);
        return Promise.resolve();
      },
      publishChat: (message) => {
        if (scene.chat === 'fails') return Promise.reject(new PublishError('The chat takes nothing.'));
        this.chats.push(message);
        return Promise.resolve();
      },
      countRecipients: () => Promise.resolve({ ok: true, value: recipients }),
      store:
        scene.store === 'down' ? DOWN : this.store(scene.store === 'full' ? 'all' : (scene.refused ?? [])),
      accountAlias: () => Promise.resolve(null),
      record: () => undefined,
      trust: madeUpTrust(),
      node: 'v22.0.0',
      now: () => now,
      wait: () => Promise.resolve(),
      deadline: deadline.signal,
      ...scene.network,
    };
  }

  private write(arn: string, list: readonly string[]): Outcome<null> {
    this.beforeWrite();
    this.beforeWrite = () => undefined;
    if (this.conflicts > 0) {
      this.conflicts -= 1;
      return { ok: false, failure: failure('iam', 'AWS_CONFLICT', 'Another writer.') };
    }
    this.writes.push(list);
    this.lists.set(arn, list);
    return { ok: true, value: null };
  }

  private store(refused: 'all' | readonly string[]): Store {
    const lost = failure('state', 'AWS_UNAVAILABLE', 'It cannot be written.');
    return {
      load: this.table.load,
      preserve: this.table.preserve,
      save: (item) =>
        refused === 'all' || refused.includes(item.id)
          ? Promise.resolve({ ok: false, failure: lost })
          : this.table.save(item),
    };
  }

  /** The state as the next run loads it. */
  async state(): Promise<LoadedState> {
    return (await loadState(this.store([]), ACCOUNT_ID)).loaded;
  }

  /** The event types of all messages. */
  told = (): readonly string[] => this.messages.map(({ attributes }) => String(attributes['eventType']));
}

const NEVER = new Promise<never>(() => undefined);

/** The run ends after so many turns of the event loop: what needs none is done before. */
export const afterTurns = (turns: number) => async (): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
};

const DOWN: Store = {
  load: () =>
    Promise.resolve({ ok: false, failure: failure('state', 'AWS_UNAVAILABLE', 'The store is down.') }),
  save: () => Promise.resolve({ ok: true, value: 'saved' }),
  preserve: () => Promise.resolve({ ok: true, value: null }),
};

type Serving = Parameters<typeof observed>[1][number];

/** Every host serves this chain at one address. */
export const serving =
  (hierarchyServed: Hierarchy, more: Partial<Serving> = {}) =>
  (host: Host): HostObservation => ({
    ...observed(host.name, [{ chain: hierarchyServed.chain, ...more }]),
    host,
  });

const documentOf = (issuer: string): Outcome<string> => ({
  ok: true,
  value: JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }),
});
