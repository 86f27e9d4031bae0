import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import type { PublishInput } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';

/** What SNS refuses and emulators accept. */

let aws: EmbeddedAws;
let sns: SNSClient;

beforeEach(async () => {
  aws = await startAws();
  const settings = {
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  sns = new SNSClient(settings);
});

afterEach(async () => {
  sns.destroy();
  await aws.close();
});

const refusal = (name: string, message: string, httpStatusCode = 400) => ({
  name,
  message,
  $metadata: { httpStatusCode },
});

describe('embedded SNS: Publish refuses', () => {
  const invalid = (what: string) => refusal('InvalidParameterException', `Invalid parameter: ${what}`);
  const noDefault = invalid('Message Structure - No default entry in JSON message body');
  const attribute = (name: string, DataType: string, StringValue: string): Partial<PublishInput> => ({
    MessageAttributes: { [name]: { DataType, StringValue } },
  });
  const refusedAttribute = (message: string) => refusal('InvalidParameterValueException', message);
  const cases: [string, Partial<PublishInput>, ReturnType<typeof refusal>][] = [
    ['a subject of 100 characters', { Subject: 's'.repeat(100) }, invalid('Subject')],
    ['an empty subject', { Subject: '' }, invalid('Subject')],
    ['a subject in Greek', { Subject: 'δ' }, invalid('Subject')],
    ['a subject of two lines', { Subject: 'one\ntwo' }, invalid('Subject')],
    ['a subject with an escape', { Subject: 'red \u001b[31m' }, invalid('Subject')],
    ['a subject that begins with a blank', { Subject: ' drift' }, invalid('Subject')],
    ['an empty message', { Message: '' }, invalid('Empty message')],
    ['262,145 bytes', { Message: 'x'.repeat(262_145) }, invalid('Message too long')],
    ['fewer characters, but more bytes', { Message: '\u20ac'.repeat(87_382) }, invalid('Message too long')],
    [
      'attributes beyond the size',
      { Message: 'x'.repeat(262_130), ...attribute('severity', 'String', 'low') },
      invalid('Message too long'),
    ],
    ['an unknown structure', { MessageStructure: 'xml' }, invalid('MessageStructure')],
    [
      'a structure that is no JSON',
      { MessageStructure: 'json', Message: 'default' },
      invalid('Message Structure - JSON message body failed to parse'),
    ],
    [
      'a structure that is an array',
      { MessageStructure: 'json', Message: '["default"]' },
      invalid('Message Structure - JSON message body failed to parse'),
    ],
    ['a structure without default', { MessageStructure: 'json', Message: '{"email":"x"}' }, noDefault],
    ['a default that is no text', { MessageStructure: 'json', Message: '{"default":{"a":1}}' }, noDefault],
    [
      'an attribute name with a blank',
      attribute('a b', 'String', 'x'),
      refusedAttribute("The message attribute name 'a b' is not valid."),
    ],
    [
      'a reserved attribute name',
      attribute('AWS.x', 'String', 'x'),
      refusedAttribute("The message attribute name 'AWS.x' is not valid."),
    ],
    [
      'an unknown attribute type',
      attribute('a', 'Text', 'x'),
      refusedAttribute("The message attribute 'a' has an invalid message attribute type."),
    ],
    [
      'an empty attribute',
      attribute('a', 'String', ''),
      refusedAttribute("The message attribute 'a' must contain a non-empty message attribute value."),
    ],
  ];

  it.each(cases)('%s', async (_, changed, expected) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const publish = sns.send(new PublishCommand({ TopicArn, Message: 'x', ...changed }));
    await expect(publish).rejects.toMatchObject(expected);
    expect(aws.published()).toEqual([]);
  });

  it('nothing within the limits', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const Message = '\u20ac'.repeat(87_381);
    await sns.send(new PublishCommand({ TopicArn, Message, Subject: '~'.repeat(99) }));
    expect(aws.published()).toEqual([
      {
        topicArn: TopicArn,
        subject: '~'.repeat(99),
        messageStructure: undefined,
        message: Message,
        attributes: {},
      },
    ]);
  });
});

describe('embedded SNS: subscriptions', () => {
  it('wait for the recipient of a mail', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const subscribe = { TopicArn, Protocol: 'email', Endpoint: 'you@example.com' };
    const quiet = await sns.send(new SubscribeCommand(subscribe));
    const told = await sns.send(new SubscribeCommand({ ...subscribe, ReturnSubscriptionArn: true }));
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(quiet.SubscriptionArn).toBe('pending confirmation');
    expect(told.SubscriptionArn).toMatch(/^arn:aws:sns:us-east-1:123456789012:alerts:[0-9a-f-]{36}$/);
    expect(Subscriptions).toMatchObject([
      { SubscriptionArn: 'PendingConfirmation', Endpoint: 'you@example.com' },
    ]);
  });

  it.each([
    [
      'an unknown protocol',
      { Protocol: 'pigeon', Endpoint: 'x' },
      'Amazon SNS does not support this protocol string: pigeon',
    ],
    ['no mail address', { Protocol: 'email', Endpoint: 'you' }, 'Email address'],
    ['no endpoint', { Protocol: 'sqs' }, 'Endpoint Reason: no value for required parameter'],
  ])('refuse %s', async (_, request, message) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const subscribe = sns.send(new SubscribeCommand({ TopicArn, Endpoint: undefined, ...request }));
    await expect(subscribe).rejects.toMatchObject(
      refusal('InvalidParameterException', `Invalid parameter: ${message}`),
    );
  });
});
