import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { Invocation, LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { embedded, moto, settings } from '../support/emulator';
import type { Emulator } from '../support/emulator';
import { motoIsThere } from '../support/moto';
import { allow, narrow, policyOf } from '../support/roles';

/** What the article that this project grew from writes into IAM. */
const ARTICLE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';

/** Everything that differs between two runs of the same state. */
const TIMELESS = v.pipe(
  v.looseObject({ action: v.string(), startedAt: v.string(), finishedAt: v.string() }),
  v.transform(({ action, startedAt, finishedAt, ...rest }) => rest),
);
const EVENTS = v.object({
  events: v.array(v.looseObject({ listed: v.array(v.string()), expected: v.array(v.string()) })),
});

const payloadOf = (invocation: Invocation): unknown => (invocation.ok ? invocation.payload : invocation);

let builder: Build;
let issuer: Issuer;
let root: Identity;
let top: Identity;

beforeAll(async () => {
  builder = build();
  root = await mint({ commonName: 'Public Root', ca: true });
  top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
  issuer = await startIssuer({ chain: [leaf, top] });
});

afterAll(async () => {
  await issuer.close();
  builder.remove();
});

function suite(start: () => Promise<Emulator>): void {
  let emulator: Emulator;
  let topicArn: string;
  let monitor: LocalFunction;
  let received: Awaited<ReturnType<Emulator['watch']>>;

  beforeAll(async () => {
    emulator = await start();
    const iam = new IAMClient(settings(emulator.url));
    const sns = new SNSClient(settings(emulator.url));
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer.issuerOf(ORG),
        ThumbprintList: [ARTICLE],
        ClientIDList: [ORG],
      }),
    );
    const providerArn = `arn:aws:iam::123456789012:oidc-provider/localhost:${issuer.port}/org/${ORG}`;
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'ci',
        AssumeRolePolicyDocument: policyOf(allow(providerArn, narrow(providerArn))),
      }),
    );
    topicArn = (await sns.send(new CreateTopicCommand({ Name: 'alerts' }))).TopicArn ?? '';
    received = await emulator.watch(topicArn);
    const config = { issuers: [issuer.issuerOf(ORG)], allowPrivateNetworks: true, topicArn };
    monitor = await builder.deploy({ endpoint: emulator.url, config, publicRoots: [root] });
  }, 90_000);

  afterAll(async () => {
    await monitor.stop();
    await emulator.stop();
  });

  it('audits without publishing, and monitors the same with one drift message that names both values', async () => {
    const audited = await monitor.invoke({ action: 'audit' });
    expect(payloadOf(audited)).toMatchObject({
      schemaVersion: 1,
      action: 'audit',
      account: '123456789012',
      summary: { inSync: 0, drifted: 1, providerMissing: 0, notAudited: 0, worst: 'low' },
      targets: [
        {
          issuer: issuer.issuerOf(ORG),
          providerArn: `arn:aws:iam::123456789012:oidc-provider/localhost:${issuer.port}/org/${ORG}`,
          status: 'drifted',
          enforced: false,
          enforcedBasis: 'public-ca',
          listed: [ARTICLE],
          expected: [top.thumbprint],
          roles: ['arn:aws:iam::123456789012:role/ci'],
          findings: [{ check: 'THUMB001', severity: 'low' }],
        },
      ],
    });
    expect(await received()).toEqual([]);

    const monitored = await monitor.invoke({ action: 'monitor' });
    expect(v.parse(TIMELESS, payloadOf(monitored))).toEqual(v.parse(TIMELESS, payloadOf(audited)));
    const messages = await received();
    expect(messages).toHaveLength(1);
    const [message] = messages;
    expect(message?.Subject).toMatch(
      /^\[low\] Outdated thumbprints, no login affected: localhost:\d+ \(account (acme )?123456789012\)$/,
    );
    expect(message?.MessageAttributes['eventType']).toEqual({ Type: 'String', Value: 'drift.firing' });
    expect(message?.MessageAttributes['eventTypes']).toEqual({
      Type: 'String.Array',
      Value: '["drift.firing"]',
    });
    const { events } = v.parse(EVENTS, JSON.parse(message?.Message ?? '{}'));
    expect(events).toMatchObject([
      {
        eventType: 'drift.firing',
        listed: [ARTICLE],
        expected: [top.thumbprint],
        roles: ['arn:aws:iam::123456789012:role/ci'],
      },
    ]);
  });

  it('sends a test message on demand', async () => {
    expect(payloadOf(await monitor.invoke({ action: 'test-alert' }))).toMatchObject({
      action: 'test-alert',
      targets: [],
    });
    expect(await received()).toMatchObject([{ MessageAttributes: { eventType: { Value: 'test' } } }]);
  });

  it('treats an empty event as an audit', async () => {
    expect(payloadOf(await monitor.invoke(null))).toMatchObject({ action: 'audit', summary: { drifted: 1 } });
    expect(await received()).toEqual([]);
  });

  it('refuses events beyond its configuration', async () => {
    const beyond = await monitor.invoke({ action: 'audit', issuers: [issuer.issuerOf(OTHER_ORG)] });
    expect(beyond).toMatchObject({
      ok: false,
      errorType: 'EventError',
      errorMessage: expect.stringContaining(OTHER_ORG),
    });
  });

  it('reports a missing provider, and keeps one failing issuer from hiding the other', async () => {
    const config = {
      issuers: [issuer.issuerOf(OTHER_ORG), issuer.issuerOf(ORG), 'https://localhost:1/org/none'],
      allowPrivateNetworks: true,
      topicArn,
    };
    const other = await builder.deploy({ endpoint: emulator.url, config, publicRoots: [root] });
    const report = payloadOf(await other.invoke({ action: 'audit' }));
    await other.stop();
    expect(report).toMatchObject({
      summary: { drifted: 1, providerMissing: 1, notAudited: 1, worst: 'high' },
      targets: [
        {
          issuer: issuer.issuerOf(OTHER_ORG),
          status: 'provider-missing',
          providerArn: null,
          expected: [top.thumbprint],
        },
        { issuer: issuer.issuerOf(ORG), status: 'drifted' },
        { status: 'not-audited', failure: { step: 'discovery', code: 'TCP_REFUSED' } },
      ].sort((a, b) =>
        (a.issuer ?? 'https://localhost:1/') < (b.issuer ?? 'https://localhost:1/') ? -1 : 1,
      ),
    });
  });

  it('fails the invocation if the alert cannot be published', async () => {
    const config = {
      issuers: [issuer.issuerOf(ORG)],
      allowPrivateNetworks: true,
      topicArn: 'arn:aws:sns:eu-west-1:123456789012:gone',
    };
    const mute = await builder.deploy({ endpoint: emulator.url, config, publicRoots: [root] });
    const invocation = await mute.invoke({ action: 'monitor' });
    await mute.stop();
    expect(invocation).toMatchObject({
      ok: false,
      errorType: 'PublishError',
      errorMessage: expect.stringContaining('arn:aws:sns:eu-west-1:123456789012:gone'),
    });
  });

  it('reports what is wrong with its configuration', async () => {
    const broken = await builder.deploy({
      endpoint: emulator.url,
      config: { orgs: ['x'], nope: 1 },
      publicRoots: [],
    });
    const invocation = await broken.invoke({});
    await broken.stop();
    expect(invocation).toMatchObject({
      ok: false,
      errorType: 'ConfigError',
      errorMessage: expect.stringMatching(/^nope: .*\norgs\[0\]: /),
    });
  });
}

describe('the deployed bundle, on the embedded AWS', () => {
  suite(embedded);
});

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('the deployed bundle, on moto_server', () => {
  suite(moto);
});
