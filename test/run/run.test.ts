import { beforeAll, describe, expect, it } from '@jest/globals';
import { runOnce } from '../../lambda/run';
import { parseConfig } from '../../lambda/config/config';
import type { Failure, Host, Outcome, Provider, Report } from '../../lambda/domain/types';
import { EventError, PublishError, failure } from '../../lambda/domain/errors';
import { describeNotSelected } from '../../lambda/collect/not-selected';
import { parseEvent } from '../../lambda/config/event';
import type { Ports } from '../../lambda/ports';
import { NOW, hierarchy, madeUpTrust, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { narrowRole } from '../support/roles';
import type { AlertMessage } from '../../lambda/domain/message';

const HOST = 'oidc.circleci.com';
const STRANGE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
/** RFC 7638 section 3.1. */
const KEYS = JSON.stringify({
  keys: [{ kty: 'RSA', kid: '2011-04-29', e: 'AQAB', n: `0v${'x'.repeat(340)}` }],
});
const orgOf = (index: number): string => `${String(index).padStart(8, '0')}-1111-4111-8111-111111111111`;
const issuerOf = (index: number): string => `https://${HOST}/org/${orgOf(index)}`;
const arnOf = (index: number): string =>
  `arn:aws-us-gov:iam::123456789012:oidc-provider/${HOST}/org/${orgOf(index)}`;

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy(HOST, 'Public');
});

interface World extends Ports {
  readonly published: AlertMessage[];
  readonly asked: string[];
}

/** An account with `count` providers that list `thumbprint`, and issuers in order. */
function world(count: number, thumbprint: string, changes: Partial<Ports> = {}): World {
  const published: AlertMessage[] = [];
  const asked: string[] = [];
  const noting =
    <Q, A>(name: string, answer: (question: Q) => Promise<A>) =>
    (question: Q): Promise<A> => {
      asked.push(`${name} ${question instanceof URL ? question.href : JSON.stringify(question)}`);
      return answer(question);
    };
  const ports: Ports = {
    listProviders: () =>
      Promise.resolve({ ok: true, value: Array.from({ length: count }, (_, index) => arnOf(index)) }),
    readProvider: (arn) =>
      Promise.resolve({
        ok: true,
        value: { arn, url: '', thumbprints: [thumbprint], audiences: [arn.slice(-36)] },
      }),
    listRoles: () =>
      Promise.resolve({
        ok: true,
        value: Array.from({ length: count }, (_, index) => narrowRole(arnOf(index))),
      }),
    attachedPolicies: () => Promise.resolve({ ok: true, value: [] }),
    fetchDocument: (url) => {
      const issuer = url.href.replace('/.well-known/openid-configuration', '');
      return Promise.resolve({
        ok: true,
        value: {
          text: issuer === url.href ? KEYS : JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }),
          milliseconds: 1,
          missed: 0,
        },
      });
    },
    get trust() {
      return madeUpTrust();
    },
    node: 'v22.0.0',
    probeHost: () => Promise.resolve(observed(HOST, [{ chain: served.chain }])),
    publish: (message) => {
      published.push(message);
      return Promise.resolve();
    },
    publishChat: null,
    countRecipients: null,
    store: null,
    accountAlias: () => Promise.resolve(null),
    record: () => undefined,
    now: () => NOW,
    updateThumbprints: () => Promise.resolve({ ok: true, value: null }),
    wait: () => Promise.resolve(),
    deadline: new AbortController().signal,
    ...changes,
  };
  return {
    ...ports,
    readProvider: noting('read', ports.readProvider),
    fetchDocument: noting('fetch', (url: URL) => ports.fetchDocument(url, 'discovery', false)),
    probeHost: noting('probe', (host: Host) => ports.probeHost(host, false)),
    published,
    asked,
  };
}

const run = (ports: Ports, event: unknown = { action: 'monitor' }, config: unknown = {}): Promise<Report> =>
  runOnce({ event: parseEvent(event), config: parseConfig(config), account: null }, ports);
const denied = (action: string): Outcome<never> => ({
  ok: false,
  failure: failure('iam', 'AWS_ACCESS_DENIED', `AWS denied ${action}.`),
});
const THROTTLED = failure('iam', 'AWS_THROTTLED', 'AWS throttled it.');

describe('runOnce', () => {
  it('audits the providers of the account, whose id it takes from their ARNs', async () => {
    const ports = world(3, served.middle.thumbprint);
    const report = await run(ports);
    expect(report).toMatchObject({
      account: '123456789012',
      summary: { inSync: 3, drifted: 0, worst: null },
    });
    expect(report.targets.map(({ issuer }) => issuer)).toEqual([issuerOf(0), issuerOf(1), issuerOf(2)]);
    expect(ports.published).toEqual([]);
  });

  it('sends each request once, for any number of orgs', async () => {
    const ports = world(100, served.middle.thumbprint);
    const report = await run(ports, {}, { orgs: [orgOf(0), orgOf(1)] });
    expect(report.summary.inSync).toBe(100);
    expect(ports.asked.filter((question) => question.startsWith('probe'))).toHaveLength(1);
    expect(ports.asked.filter((question) => question.startsWith('fetch'))).toHaveLength(200);
    expect(new Set(ports.asked).size).toBe(ports.asked.length);
  });

  it('begins with configured issuers before the account has answered', async () => {
    let answer: (listed: Outcome<readonly string[]>) => void = () => undefined;
    const ports = world(0, STRANGE, { listProviders: () => new Promise((resolve) => (answer = resolve)) });
    const running = run(ports, {}, { orgs: [orgOf(0)] });
    expect(ports.asked).toEqual([
      `probe {"name":"${HOST}","port":443}`,
      `fetch ${issuerOf(0)}/.well-known/openid-configuration`,
    ]);
    answer({ ok: true, value: [] });
    expect((await running).summary.providerMissing).toBe(1);
  });

  it('publishes one message for all drift, and none in an audit', async () => {
    const ports = world(3, STRANGE);
    expect((await run(ports, { action: 'audit' })).summary.drifted).toBe(3);
    expect(ports.published).toEqual([]);
    await run(ports);
    expect(ports.published).toHaveLength(1);
  });

  it('reports suppressed findings and publishes nothing for them', async () => {
    const ports = world(2, STRANGE);
    const accept = [0, 1].map((index) => ({
      check: 'THUMB001',
      issuer: issuerOf(index),
      reason: 'The list is changed next week.',
      until: '2026-11-30',
    }));
    const report = await run(ports, { action: 'monitor' }, { accept });
    expect(report.summary).toMatchObject({ drifted: 2, accepted: 2, worst: null });
    expect(ports.published).toEqual([]);
  });

  it('fails if the message cannot be published', async () => {
    const ports = world(1, STRANGE, { publish: () => Promise.reject(new PublishError('no')) });
    await expect(run(ports)).rejects.toThrow(PublishError);
  });

  it('narrows to what the event names, and audits nothing else', async () => {
    const ports = world(3, STRANGE);
    const report = await run(ports, { orgs: [orgOf(1)] }, { orgs: [orgOf(0)] });
    expect(report.targets.map(({ issuer }) => issuer)).toEqual([issuerOf(1)]);
    expect(ports.asked.filter((question) => question.includes(orgOf(0)))).toEqual([]);
  });

  it('refuses an event that names more than is permitted', async () => {
    await expect(run(world(1, STRANGE), { orgs: [orgOf(5)] })).rejects.toThrow(EventError);
  });

  it.each([
    ['AWS_THROTTLED', /^AWS throttled it\. .*Try again in a few minutes\.$/],
    ['AWS_UNAVAILABLE', /^No answer\. .*Try again in a few minutes\.$/],
    ['AWS_CREDENTIALS', /^Renew them\. .*Correct this, then try again\.$/],
  ] as const)(
    'does not blame the event or the configuration if listing failed with %s',
    async (code, message) => {
      const words = {
        AWS_THROTTLED: 'AWS throttled it.',
        AWS_UNAVAILABLE: 'No answer.',
        AWS_CREDENTIALS: 'Renew them.',
      };
      const unlisted = failure('iam', code, words[code]);
      const ports = world(0, STRANGE, {
        listProviders: () => Promise.resolve({ ok: false, failure: unlisted }),
      });
      await expect(run(ports, { orgs: [orgOf(1)] }, { orgs: [orgOf(0)] })).rejects.toMatchObject({
        name: 'AccessError',
        message: expect.stringMatching(message),
        cause: unlisted,
      });
    },
  );

  it('audits a configured issuer that the event names although listing was throttled', async () => {
    const ports = world(0, STRANGE, {
      listProviders: () => Promise.resolve({ ok: false, failure: THROTTLED }),
    });
    const { targets } = await run(ports, { orgs: [orgOf(0)] }, { orgs: [orgOf(0), orgOf(1)] });
    expect(targets).toMatchObject([{ issuer: issuerOf(0), failure: THROTTLED }]);
  });

  it.each([
    ['none', 0],
    ['circleci', 1],
    ['all', 2],
    [undefined, 2],
  ])('discovers %s', async (discover, found) => {
    const listed = [arnOf(0), 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com'];
    const ports = world(0, STRANGE, { listProviders: () => Promise.resolve({ ok: true, value: listed }) });
    expect((await run(ports, {}, { discover })).targets).toHaveLength(found);
  });

  it('notes which providers the account has if none of them is selected', async () => {
    const github = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
    const ports = world(0, STRANGE, {
      listProviders: () => Promise.resolve({ ok: true, value: [github] }),
    });
    expect((await run(ports, {}, { discover: 'circleci' })).notes).toEqual([
      describeNotSelected(['https://token.actions.githubusercontent.com']),
    ]);
    expect((await run(ports, {})).notes).toBeUndefined();
  });

  it('passes all failures to the log, that of saving included', async () => {
    const recorded: (readonly Failure[])[] = [];
    const notSaved = failure('state', 'AWS_ACCESS_DENIED', 'AWS denied it.', 'User: r is not authorized');
    const ports = world(1, STRANGE, {
      listRoles: () => Promise.resolve({ ok: false, failure: THROTTLED }),
      store: {
        load: () => Promise.resolve({ ok: true, value: null }),
        save: () => Promise.resolve({ ok: false, failure: notSaved }),
        preserve: () => Promise.resolve({ ok: true, value: null }),
      },
      record: ({ failures }) => void recorded.push(failures),
    });
    const { failures } = await run(ports);
    expect(failures).toMatchObject([{ code: 'AWS_THROTTLED' }, notSaved]);
    expect(recorded).toEqual([failures]);
  });

  it('fails without the list of providers', async () => {
    const ports = world(0, STRANGE, {
      listProviders: () => Promise.resolve(denied('iam:ListOpenIDConnectProviders')),
    });
    await expect(run(ports, {}, { orgs: [orgOf(0)] })).rejects.toMatchObject({
      name: 'AccessError',
      message: /ListOpenIDConnectProviders/,
      cause: { code: 'AWS_ACCESS_DENIED' },
    });
  });

  it('preserves what it collected if the list did not arrive, and reports no provider missing', async () => {
    const ports = world(0, STRANGE, {
      listProviders: () => Promise.resolve({ ok: false, failure: THROTTLED }),
    });
    const report = await run(ports, { action: 'monitor' }, { orgs: [orgOf(0)] });
    expect(report.failures).toEqual([THROTTLED]);
    expect(report.targets).toMatchObject([
      {
        status: 'not-audited',
        providerArn: null,
        expected: [served.middle.thumbprint],
        failure: { code: 'AWS_THROTTLED' },
        findings: [],
      },
    ]);
    expect(ports.published[0]?.attributes).toMatchObject({ eventType: 'unknown.firing', severity: 'high' });
  });

  it('preserves other providers if one is denied, and fails if all are denied', async () => {
    const deny =
      (arns: readonly string[]) =>
      (arn: string): Promise<Outcome<Provider>> =>
        Promise.resolve(
          arns.includes(arn)
            ? denied(`iam:GetOpenIDConnectProvider on ${arn}`)
            : { ok: true, value: { arn, url: '', thumbprints: [STRANGE], audiences: [] } },
        );
    const one = await run(world(2, STRANGE, { readProvider: deny([arnOf(0)]) }));
    expect(one.targets.map(({ status }) => status)).toEqual(['not-audited', 'drifted']);
    await expect(run(world(2, STRANGE, { readProvider: deny([arnOf(0), arnOf(1)]) }))).rejects.toMatchObject({
      name: 'AccessError',
    });
  });

  it('reports a provider as missing that is deleted during the run', async () => {
    const gone = failure('iam', 'AWS_NOT_FOUND', 'gone');
    const report = await run(
      world(1, STRANGE, { readProvider: () => Promise.resolve({ ok: false, failure: gone }) }),
    );
    expect(report.targets).toMatchObject([{ status: 'provider-missing', findings: [{ check: 'PROV001' }] }]);
  });

  it('reports as not audited what it had no time for', async () => {
    const never = new Promise<never>(() => undefined);
    const report = await run(world(2, STRANGE, { probeHost: () => never, deadline: AbortSignal.abort() }));
    expect(report.targets).toMatchObject([
      { status: 'not-audited', failure: { step: 'deadline', code: 'DEADLINE_EXCEEDED' } },
      { status: 'not-audited', failure: { step: 'deadline' } },
    ]);
  });

  it('evaluates the served certificates if only verification fails, and never reads the body', async () => {
    const untrusted = failure('discovery', 'TLS_UNTRUSTED', 'does not verify');
    const ports = world(1, STRANGE, {
      listProviders: () =>
        Promise.resolve({ ok: true, value: ['arn:aws:iam::123456789012:oidc-provider/server.corp/org/x'] }),
      fetchDocument: () => Promise.resolve({ ok: false, failure: untrusted }),
      probeHost: () =>
        Promise.resolve({ ...observed('server.corp', [{ chain: served.chain, trusted: false }]) }),
    });
    const report = await run(ports, {}, { discover: 'all' });
    expect(report.targets).toMatchObject([
      {
        status: 'drifted',
        enforced: true,
        enforcedBasis: 'private-ca',
        expected: [served.middle.thumbprint],
      },
    ]);
    expect(report.targets[0]?.findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['THUMB001', 'CERT005']),
    );
  });

  it('probes the JWKS host first and the discovery host beside it', async () => {
    const ports = world(1, STRANGE, {
      fetchDocument: (url) => {
        const issuer = url.href.replace('/.well-known/openid-configuration', '');
        return Promise.resolve({
          ok: true,
          value: {
            text:
              issuer === url.href
                ? KEYS
                : JSON.stringify({ issuer, jwks_uri: 'https://keys.example.com:8443/jwks' }),
            milliseconds: 1,
            missed: 0,
          },
        });
      },
      probeHost: (host) => Promise.resolve({ ...observed(host.name, [{ chain: served.chain }]), host }),
    });
    const report = await run(ports);
    expect(report.targets[0]?.chains.map(({ host }) => host)).toEqual(['keys.example.com:8443', HOST]);
  });

  it('continues if the roles are denied, and is incomplete until they can be read', async () => {
    const ports = world(1, served.middle.thumbprint, {
      listRoles: () => Promise.resolve(denied('iam:ListRoles')),
    });
    const report = await run(ports);
    expect(report.summary).toMatchObject({ inSync: 1, notAudited: 0 });
    expect(report.failures).toMatchObject([
      { message: expect.stringContaining('TRUST001 to TRUST010 were not checked') },
    ]);
    expect(report.text.replaceAll('\n', ' ')).toContain('TRUST001 to TRUST010 were not checked');
  });

  it('reports what the configuration excludes', async () => {
    const report = await run(world(1, served.middle.thumbprint), {}, { auditTrust: false });
    expect(report).toMatchObject({ failures: [], notes: [expect.stringContaining('auditTrust is false')] });
  });

  it('sends a test message and audits nothing', async () => {
    const ports = world(1, STRANGE);
    await run(ports, { action: 'test-alert' });
    expect(ports.published).toMatchObject([{ attributes: { eventType: 'test' } }]);
    expect(ports.asked).toEqual([]);
  });
});
