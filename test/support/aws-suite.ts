/** What AWS does with the calls of this project, of any emulator. */
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { settings } from './emulator';
import type { Emulator } from './emulator';

const OLD = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const NEW = '06b25927c42a721631c1efd9431e648fa62e1e39';
const ISSUER = 'oidc.circleci.com/org/11111111-2222-4333-8444-555555555555';
const ARN = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;

const EMPTY_POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [] });

/** The tests, on an emulator of their own. */
export function awsSuite(start: () => Promise<Emulator>): void {
  let emulator: Emulator;
  let iam: IAMClient;
  let sns: SNSClient;

  beforeAll(async () => {
    emulator = await start();
    iam = new IAMClient(settings(emulator.url));
    sns = new SNSClient(settings(emulator.url));
  }, 90_000);

  afterAll(async () => {
    iam.destroy();
    sns.destroy();
    await emulator.stop();
  });

  it('stores a provider from creation to deletion', async () => {
    const made = await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${ISSUER}`,
        ThumbprintList: [OLD],
        ClientIDList: ['11111111-2222-4333-8444-555555555555', 'a&b <"c">'],
      }),
    );
    expect(made.OpenIDConnectProviderArn).toBe(ARN);

    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN }));
    expect(got).toMatchObject({
      Url: ISSUER,
      ThumbprintList: [OLD],
      ClientIDList: ['11111111-2222-4333-8444-555555555555', 'a&b <"c">'],
    });
    expect(got.CreateDate).toBeInstanceOf(Date);

    const listed = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(listed.OpenIDConnectProviderList).toEqual([{ Arn: ARN }]);

    const update = { OpenIDConnectProviderArn: ARN, ThumbprintList: [NEW, OLD] };
    await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand(update));
    const updated = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN }));
    expect(updated).toMatchObject({ ThumbprintList: [NEW, OLD], Url: ISSUER, CreateDate: got.CreateDate });

    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ARN }));
    const left = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(left.OpenIDConnectProviderList).toEqual([]);
  });

  it('stores an empty thumbprint list and no audience', async () => {
    const { OpenIDConnectProviderArn } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: 'https://empty.example.com', ThumbprintList: [] }),
    );
    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(got).toMatchObject({ ThumbprintList: [], ClientIDList: [] });
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  });

  it('returns NoSuchEntity for a missing provider, but deletes it without an error', async () => {
    const OpenIDConnectProviderArn = `${ARN}-gone`;
    const get = iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    await expect(get).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    });
    const update = new UpdateOpenIDConnectProviderThumbprintCommand({
      OpenIDConnectProviderArn,
      ThumbprintList: [OLD],
    });
    await expect(iam.send(update)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(
      iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    ).resolves.toBeDefined();
  });

  it('refuses a second provider for the same URL', async () => {
    const twice = new CreateOpenIDConnectProviderCommand({
      Url: 'https://twice.example.com',
      ThumbprintList: [OLD],
    });
    const { OpenIDConnectProviderArn } = await iam.send(twice);
    await expect(iam.send(twice)).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      $metadata: { httpStatusCode: 409 },
    });
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  });

  it('stores a role with its trust policy', async () => {
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [], Id: 'a b+c/\u00e9' });
    const made = await iam.send(
      new CreateRoleCommand({ RoleName: 'ci-deploy', Path: '/ci/', AssumeRolePolicyDocument: document }),
    );
    expect(made.Role).toMatchObject({ Arn: 'arn:aws:iam::123456789012:role/ci/ci-deploy', Path: '/ci/' });
    const { Roles } = await iam.send(new ListRolesCommand({}));
    const stored = Roles?.find(({ RoleName }) => RoleName === 'ci-deploy')?.AssumeRolePolicyDocument ?? '';
    expect(decodeURIComponent(stored)).toBe(document);
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'ci-deploy' }));
    expect(attached).toMatchObject({ AttachedPolicies: [], IsTruncated: false });
    const again = new CreateRoleCommand({ RoleName: 'ci-deploy', AssumeRolePolicyDocument: document });
    await expect(iam.send(again)).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
  });

  it('pages through roles', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: EMPTY_POLICY }));
    }
    const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }));
    expect(first.Roles).toHaveLength(2);
    expect(first).toMatchObject({ IsTruncated: true });
    const rest = await iam.send(new ListRolesCommand({ MaxItems: 1_000, Marker: first.Marker }));
    expect(rest).toMatchObject({ IsTruncated: false });
    const names = [...(first.Roles ?? []), ...(rest.Roles ?? [])].map(({ RoleName }) => RoleName);
    expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('returns NoSuchEntity for a missing role', async () => {
    const refusal = { name: 'NoSuchEntityException', $metadata: { httpStatusCode: 404 } };
    await expect(iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'nobody' }))).rejects.toMatchObject(
      refusal,
    );
  });

  it('creates a topic once, in the region that was called', async () => {
    const first = await sns.send(new CreateTopicCommand({ Name: 'once' }));
    const again = await sns.send(new CreateTopicCommand({ Name: 'once' }));
    expect(first.TopicArn).toBe('arn:aws:sns:eu-west-1:123456789012:once');
    expect(again.TopicArn).toBe(first.TopicArn);
  });

  it('lists subscriptions, more than a page of them', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'crowd' }));
    const endpoints = Array.from({ length: 101 }, (_, index) => `https://subscriber-${index}.example.com/`);
    for (const Endpoint of [...endpoints, endpoints[0]]) {
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'https', Endpoint }));
    }
    const first = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const second = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn, NextToken: first.NextToken }),
    );
    const listed = [...(first.Subscriptions ?? []), ...(second.Subscriptions ?? [])];
    expect(first.Subscriptions).toHaveLength(100);
    expect(second.NextToken).toBeUndefined();
    expect(listed.map(({ Endpoint }) => Endpoint).sort()).toEqual([...endpoints].sort());
    expect(listed[0]).toMatchObject({ Protocol: 'https', Owner: '123456789012', TopicArn });
  });

  it('delivers subject, default body and attributes of what is published', async () => {
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const received = await emulator.watch(TopicArn);
    const text = 'line one\r\nline "two" & <three> \u00e9\u{1F511}';
    const published = await sns.send(
      new PublishCommand({
        TopicArn,
        Subject: 'Drift: 1 provider',
        MessageStructure: 'json',
        Message: JSON.stringify({ default: text, email: 'for people' }),
        MessageAttributes: {
          severity: { DataType: 'String', StringValue: 'low' },
          eventTypes: { DataType: 'String.Array', StringValue: '["drift.firing"]' },
        },
      }),
    );
    expect(published.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await received()).toEqual([
      {
        TopicArn,
        Subject: 'Drift: 1 provider',
        Message: text,
        MessageAttributes: {
          severity: { Type: 'String', Value: 'low' },
          eventTypes: { Type: 'String.Array', Value: '["drift.firing"]' },
        },
      },
    ]);
  });

  it('delivers a plain message unchanged', async () => {
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'plain' }));
    const received = await emulator.watch(TopicArn);
    await sns.send(new PublishCommand({ TopicArn, Message: '{"default": 1}' }));
    expect(await received()).toMatchObject([{ Message: '{"default": 1}', MessageAttributes: {} }]);
  });

  it('returns NotFound for a missing topic', async () => {
    const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:nobody';
    const refusal = { name: 'NotFoundException', $metadata: { httpStatusCode: 404 } };
    await expect(sns.send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toMatchObject(refusal);
    await expect(sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).rejects.toMatchObject(refusal);
  });
}
