import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../lambda/config/config';
import { parseEvent } from '../lambda/config/event';
import type { Outcome } from '../lambda/domain/types';
import type { StoredItem } from '../lambda/domain/store';
import { collectAgain, collectInputs } from '../lambda/inputs';
import { stateIds } from '../lambda/state/load';
import { narrowRole } from './support/roles';

const HOST = 'ci.example.com';
const ISSUER = `https://${HOST}/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34`;
const arnOf = (issuer: string): string =>
  issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');
const ARN = arnOf(ISSUER);
const DISCOVERED = 'https://gitlab.example.com';

const LOADS = Object.values(stateIds('123456789012')).map((id) => `load ${id}`);

type InputPorts = Parameters<typeof collectInputs>[1];
type Loaded = Outcome<StoredItem | null>;

/** An account with two providers, whose state is loaded when the test says so, and a record of all requests. */
function world(): InputPorts & { readonly asked: string[]; readonly finishLoading: () => void } {
  const asked: string[] = [];
  let finishLoading: () => void = () => undefined;
  const loaded = new Promise<Loaded>((resolve) => {
    finishLoading = () => {
      resolve({ ok: true, value: null });
    };
  });
  const answer = <T>(request: string, value: T): Promise<Outcome<T>> => {
    asked.push(request);
    return Promise.resolve({ ok: true, value });
  };
  return {
    asked,
    finishLoading,
    listProviders: () => answer('list', [ARN, arnOf(DISCOVERED)]),
    readProvider: (arn) => answer(`read ${arn}`, { arn, url: '', thumbprints: [], audiences: [] }),
    listRoles: () => answer('roles', [narrowRole(ARN)]),
    fetchDocument: (url, step) => {
      const issuer = url.href.replace('/.well-known/openid-configuration', '');
      const document = JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` });
      const text = step === 'jwks' ? '{"keys":[]}' : document;
      return answer(`${step} ${url.host}`, { text, milliseconds: 1, missed: 0 });
    },
    probeHost: (host) => {
      asked.push(`probe ${host.name}`);
      return Promise.resolve({ host, variants: [], tls12: [], failure: null });
    },
    store: {
      load: (id) => {
        asked.push(`load ${id}`);
        return loaded;
      },
      save: () => Promise.resolve({ ok: true, value: 'saved' }),
      preserve: () => Promise.resolve({ ok: true, value: null }),
    },
    deadline: new AbortController().signal,
  };
}

const assignment = {
  event: parseEvent({}),
  config: parseConfig({ issuers: [ISSUER], discover: 'all' }),
  account: '123456789012',
};

describe('collectInputs', () => {
  it('begins with configured issuers, state, roles and providers at the same time', async () => {
    const ports = world();
    const collecting = collectInputs(assignment, ports);
    expect(ports.asked).toEqual([`probe ${HOST}`, `discovery ${HOST}`, ...LOADS, 'roles', 'list']);
    ports.finishLoading();
    await collecting;
  });

  it('reads no provider before the state is loaded', async () => {
    const ports = world();
    const collecting = collectInputs(assignment, ports);
    await turn();
    const isRead = (request: string): boolean => request.startsWith('read');
    expect(ports.asked.some(isRead)).toBe(false);
    ports.finishLoading();
    const { account, targets } = await collecting;
    expect(ports.asked.filter(isRead)).toEqual([`read ${ARN}`, `read ${arnOf(DISCOVERED)}`]);
    expect(account).toMatchObject({ id: '123456789012', roles: { value: [narrowRole(ARN)] } });
    expect(targets.map(({ target }) => target.issuer)).toEqual([ISSUER, DISCOVERED]);
  });
});

describe('collectAgain', () => {
  it('requests documents, hosts and lists of the targets again, and nothing else of the account', async () => {
    const ports = world();
    ports.finishLoading();
    const { account, targets } = await collectInputs(assignment, ports);
    const [first] = targets.map(({ target }) => target);
    const before = ports.asked.length;
    const again = await collectAgain(first === undefined ? [] : [first], account, assignment, ports);
    expect(ports.asked.slice(before).sort()).toEqual(
      [`probe ${HOST}`, `discovery ${HOST}`, `jwks ${HOST}`, `read ${ARN}`].sort(),
    );
    expect(again).toEqual(targets.slice(0, 1));
  });
});
