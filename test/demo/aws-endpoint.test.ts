import {
  CreateOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';

const THUMBPRINT = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

let aws: EmbeddedAws;
let iam: IAMClient;
let sns: SNSClient;

beforeEach(async () => {
  aws = await startAws();
  const settings = {
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  iam = new IAMClient(settings);
  sns = new SNSClient(settings);
});

afterEach(async () => {
  iam.destroy();
  sns.destroy();
  await aws.close();
});

const refusal = (name: string, message: string, httpStatusCode = 400) => ({
  name,
  message,
  $metadata: { httpStatusCode },
});

describe('the embedded endpoint of AWS', () => {
  it('logs every call with its flat parameters, refused ones too', async () => {
    const request = { Url: 'http://example.com', ThumbprintList: [THUMBPRINT] };
    await expect(iam.send(new CreateOpenIDConnectProviderCommand(request))).rejects.toThrow('Invalid');
    await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    expect(aws.calls()).toEqual([
      {
        service: 'iam',
        action: 'CreateOpenIDConnectProvider',
        parameters: { Url: 'http://example.com', 'ThumbprintList.member.1': THUMBPRINT },
      },
      { service: 'sns', action: 'CreateTopic', parameters: { Name: 'alerts' } },
    ]);
  });

  it('fails on request, as often as requested, that action alone', async () => {
    aws.failNext('ListOpenIDConnectProviders', {
      code: 'Throttling',
      status: 400,
      message: 'Rate exceeded',
      times: 2,
    });
    aws.failNext('ListOpenIDConnectProviders', { code: 'ServiceFailure', status: 500 });
    const list = () => iam.send(new ListOpenIDConnectProvidersCommand({}));
    await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    await expect(list()).rejects.toMatchObject(refusal('Throttling', 'Rate exceeded'));
    await expect(list()).rejects.toMatchObject(refusal('Throttling', 'Rate exceeded'));
    await expect(list()).rejects.toMatchObject(refusal('ServiceFailureException', 'A fault on order.', 500));
    await expect(list()).resolves.toMatchObject({ OpenIDConnectProviderList: [] });
  });

  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sns/aws4_request, SignedHeaders=host, Signature=0';
  const post = async (body: string, headers: Record<string, string> = { authorization }) => {
    const response = await fetch(aws.url, { method: 'POST', body, headers });
    return {
      status: response.status,
      id: response.headers.get('x-amzn-requestid') ?? '',
      text: await response.text(),
    };
  };

  it('writes errors as AWS does, with escaped input', async () => {
    const { status, id, text } = await post('Action=Subscribe&Version=2010-03-31&TopicArn=a');
    expect(status).toBe(400);
    expect(text).toBe(
      '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code>' +
        `<Message>Invalid parameter: TopicArn</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
    );
    const hostile = await post(
      `Version=2010-03-31&Action=${encodeURIComponent('</Message>&"\'\u0000\r\ufffe')}`,
    );
    expect(hostile.text).toContain(
      '<Message>The action &lt;/Message&gt;&amp;&quot;&apos;\uFFFD&#xD;\uFFFD is not valid',
    );
  });

  it.each([
    ['an unknown action', 'Action=DeleteTopic&Version=2010-03-31', 400, 'InvalidAction'],
    ['an unknown service', 'Action=CreateTopic&Version=1999-01-01', 400, 'InvalidAction'],
    ['no form at all', '{"TableName":"x"}', 400, 'InvalidAction'],
    ['a name of Object.prototype', 'Action=constructor&Version=2010-03-31', 400, 'InvalidAction'],
    ['more than a mebibyte', 'x'.repeat(1_048_577), 413, 'RequestEntityTooLarge'],
  ])('refuses %s', async (_, body, status, code) => {
    expect(await post(body)).toMatchObject({ status, text: expect.stringContaining(`<Code>${code}</Code>`) });
  });

  it('refuses an unsigned call', async () => {
    const unsigned = await post('Action=CreateTopic&Version=2010-03-31&Name=alerts', {});
    expect(unsigned).toMatchObject({
      status: 403,
      text: expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    });
  });
});
