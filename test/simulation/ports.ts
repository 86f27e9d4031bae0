/** The ports of one run: every call waits for its turn, may fail, and is recorded as the run received it. */
import type { HostObservation, Outcome, Provider } from '../../lambda/domain/types';
import { PublishError, failure } from '../../lambda/domain/errors';
import type { Step } from '../../lambda/domain/errors';
import type { Store } from '../../lambda/domain/store';
import type { Ports } from '../../lambda/ports';
import { madeUpTrust, observed } from '../support/observed';
import { narrowRole } from '../support/roles';
import type { Fault, Weather } from './faults';
import { readEvents } from './message';
import type { Run } from './run';
import type { Scheduler } from './scheduler';
import { stateOf } from './state';
import type { World } from './world';

/** The environment of a run. */
export interface Surroundings {
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly store: Store;
  /** Called at every write at once, before anything else happens. */
  readonly onWrite: (run: Run, arn: string, after: readonly string[]) => void;
  readonly onLoad: (run: Run) => void;
}

const refuse = (step: Step, message: string): Outcome<never> => ({
  ok: false,
  failure: failure(step, step === 'iam' ? 'AWS_THROTTLED' : 'AWS_UNAVAILABLE', message),
});

/** Opens the ports of a run. */
export function portsOf(run: Run, surroundings: Surroundings): Ports {
  const { world, scheduler, weather } = surroundings;
  const call = <T>(name: string, perform: (fault: Fault | null) => T | Promise<T>): Promise<T> =>
    scheduler.call(run.name, name, () => perform(weather(name)));
  return {
    ...iamOf(run, surroundings, call),
    fetchDocument: (url, step) =>
      call(`document ${url.href}`, (fault) => {
        const text = fault === null ? world.document(url.href) : null;
        noteDocument(run, world, url.href, text);
        return text === null
          ? { ok: false, failure: failure(step, 'TCP_TIMEOUT', `${url.href} stays silent.`) }
          : { ok: true, value: { text, milliseconds: 1, missed: 0 } };
      }),
    // The roots above the chains that are served as public ones.
    get trust() {
      return madeUpTrust();
    },
    node: 'v22.0.0',
    probeHost: ({ name }) => call(`probe ${name}`, (fault) => probe(run, world, name, fault)),
    publish: (message) =>
      call('publish', (fault) => {
        if (fault === 'fails') throw new PublishError('The topic takes nothing.');
        const isHeard = world.recipients > 0;
        run.isHeard &&= isHeard;
        run.messages.push({ sequence: world.tick(), at: world.now, isHeard, events: readEvents(message) });
        if (fault !== null) throw new PublishError('The topic did not answer.');
      }),
    publishChat: null,
    countRecipients: () =>
      call('count', (fault) => {
        // After its messages it only counts recipients, and decides no more.
        run.isBlind ||= fault !== null && run.messages.length === 0;
        run.isUncounted ||= fault !== null;
        run.count = fault === null ? world.recipients : run.count;
        return fault === null ? { ok: true, value: world.recipients } : refuse('sns', 'It was not counted.');
      }),
    store: stateOf(run, surroundings, call),
    accountAlias: () => Promise.resolve(null),
    record: () => undefined,
    now: () => new Date(world.now),
    wait: (milliseconds) =>
      call('wait', () => {
        world.now += milliseconds;
      }),
    deadline: new AbortController().signal,
  };
}

/** Makes a call in its turn. */
export type Call = <T>(name: string, perform: (fault: Fault | null) => T | Promise<T>) => Promise<T>;

type Iam = Pick<
  Ports,
  'listProviders' | 'readProvider' | 'listRoles' | 'attachedPolicies' | 'updateThumbprints'
>;

function iamOf(run: Run, { world, onWrite }: Surroundings, call: Call): Iam {
  return {
    listProviders: () =>
      call('list', (fault) => {
        const found = fault === null ? [...world.providers.keys()].sort() : null;
        // A run that lists twice uses the second listing.
        run.listing = found;
        run.listedAt = world.tick();
        run.isBlind ||= found === null;
        return found === null ? refuse('iam', 'Listing was throttled.') : { ok: true, value: found };
      }),
    readProvider: (arn) => call(`read ${arn}`, (fault) => read(run, world, arn, fault)),
    listRoles: () =>
      call('roles', (fault) => {
        run.isBlind ||= fault !== null;
        return fault === null
          ? { ok: true, value: [...world.providers.keys()].map(narrowRole) }
          : refuse('iam', 'Roles were throttled.');
      }),
    attachedPolicies: (role) => call(`policies ${role}`, () => ({ ok: true, value: [] })),
    updateThumbprints: (arn, after) =>
      call(`update ${arn}`, (fault) => {
        const conflict = { ok: false, failure: failure('iam', 'AWS_CONFLICT', 'Another writer.') } as const;
        if (fault === 'contested') return conflict;
        if (fault === 'fails') return refuse('iam', 'The write was throttled.');
        onWrite(run, arn, after);
        world.list(arn, after, 'monitor');
        run.wrote += 1;
        return fault === null ? { ok: true, value: null } : refuse('iam', 'The write was not answered.');
      }),
  };
}

function read(run: Run, world: World, arn: string, fault: Fault | null): Outcome<Provider> {
  const found = fault === null ? world.providers.get(arn) : null;
  const dated = { sequence: world.tick(), at: world.now };
  if (!run.lists.has(arn))
    run.lists.set(arn, found ? { ...found, ...dated } : found === null ? null : 'missing');
  if (found === null) return refuse('iam', `Reading ${arn} was throttled.`);
  return found === undefined
    ? { ok: false, failure: failure('iam', 'AWS_NOT_FOUND', `There is no ${arn}.`) }
    : { ok: true, value: { arn, url: '', ...found } };
}

function noteDocument(run: Run, world: World, url: string, text: string | null): void {
  const issuer = world.sites.find((site) => url.startsWith(`${site.issuer}/`))?.issuer ?? '';
  if (!url.endsWith('/keys')) {
    if (!run.documents.has(issuer)) run.documents.set(issuer, text !== null);
  } else if (!run.kids.has(issuer))
    run.kids.set(issuer, text === null ? null : (world.keys.get(issuer) ?? []));
}

function probe(run: Run, world: World, name: string, fault: Fault | null): HostObservation {
  const { edges = [], isPublic = true, offersTls12 = true } = world.hosts.get(name) ?? {};
  const silent = fault === null ? [] : fault === 'partly' ? edges.slice(-1) : edges;
  const answering = edges.filter((edge) => !silent.includes(edge));
  if (!run.probes.has(name)) {
    const ends = answering.map(({ chain }) => chain.notAfter);
    run.probes.set(name, {
      tops: [...new Set(answering.map(({ chain }) => chain.top))].sort(),
      path: answering.flatMap(({ chain }) => chain.identities.map(({ thumbprint }) => thumbprint)),
      expires: ends.length === 0 ? null : Math.min(...ends),
      isWhole: silent.length === 0,
    });
  }
  const serving = answering.map(({ address, keyType, chain }) => ({
    address,
    keyType,
    chain: chain.identities,
    trusted: isPublic,
    anchored: !isPublic,
  }));
  const seen = observed(name, serving, offersTls12);
  const unanswered = silent.map(
    ({ address, keyType }) =>
      ({
        address,
        keyType,
        answer: { kind: 'unanswered', failure: failure('tls', 'TLS_TIMEOUT', `${address} stays silent.`) },
      }) as const,
  );
  return { ...seen, variants: [...seen.variants, ...unanswered] };
}
