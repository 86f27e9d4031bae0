/** What the embedded AWS does and other emulators do not: it enforces the limits of AWS, logs its calls, and fails on request. */
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { PublishInput } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { settings } from '../support/emulator';

const THUMBPRINT = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

let aws: EmbeddedAws;
let iam: IAMClient;
let sns: SNSClient;

beforeEach(async () => {
  aws = await startAws();
  iam = new IAMClient(settings(aws.url));
  sns = new SNSClient(settings(aws.url));
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

const create = (ThumbprintList: string[], Url = 'https://ci.example.com/org/x') =>
  iam.send(new CreateOpenIDConnectProviderCommand({ Url, ThumbprintList }));

describe('the embedded IAM', () => {
  const TOO_MANY = refusal('InvalidInputException', 'Thumbprint list must contain fewer than 5 entries.');
  const NOT_40 = refusal('ValidationError', 'Each member of thumbprintList must have 40 characters');

  it.each([
    ['six thumbprints', Array<string>(6).fill(THUMBPRINT), TOO_MANY],
    ['39 characters', [THUMBPRINT, THUMBPRINT.slice(1)], NOT_40],
    ['41 characters', [`${THUMBPRINT}0`], NOT_40],
  ])('refuses a list with %s, at creation and at an update, which keeps the list', async (_, list, why) => {
    await expect(create(list)).rejects.toMatchObject(why);
    const { OpenIDConnectProviderArn } = await create([THUMBPRINT]);
    const update = { OpenIDConnectProviderArn, ThumbprintList: list };
    await expect(iam.send(new UpdateOpenIDConnectProviderThumbprintCommand(update))).rejects.toMatchObject(
      why,
    );
    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(got.ThumbprintList).toEqual([THUMBPRINT]);
  });

  it.each(['http://example.com', 'example.com', 'https://', 'https://me@example.com', 'https://a.com?b=c'])(
    'refuses the URL %s',
    async (url) => {
      const why = refusal('ValidationError', 'Invalid Open ID Connect Provider URL');
      await expect(create([THUMBPRINT], url)).rejects.toMatchObject(why);
    },
  );

  it('accepts five thumbprints in any case, and none', async () => {
    const list = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)).concat(THUMBPRINT.toUpperCase());
    const { OpenIDConnectProviderArn } = await create(list);
    expect(aws.providers().get(OpenIDConnectProviderArn ?? '')?.thumbprints).toEqual(list);
    const update = { OpenIDConnectProviderArn, ThumbprintList: [] };
    await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand(update));
    expect(aws.providers().get(OpenIDConnectProviderArn ?? '')?.thumbprints).toEqual([]);
  });

  it('returns trust policies percent-encoded', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'ci', AssumeRolePolicyDocument: '{"Id":"a b+c"}' }));
    const { Roles } = await iam.send(new ListRolesCommand({}));
    expect(Roles).toMatchObject([{ AssumeRolePolicyDocument: '%7B%22Id%22%3A%22a%20b%2Bc%22%7D' }]);
  });
});

describe('the embedded SNS', () => {
  const cases: [string, Partial<PublishInput>, string][] = [
    ['a subject of 100 characters', { Subject: 's'.repeat(100) }, 'Subject'],
    ['an empty subject', { Subject: '' }, 'Subject'],
    ['a subject in Greek', { Subject: 'δ' }, 'Subject'],
    ['a subject of two lines', { Subject: 'one\ntwo' }, 'Subject'],
    ['a subject that begins with a blank', { Subject: ' drift' }, 'Subject'],
    ['fewer characters, but more bytes', { Message: '\u20ac'.repeat(87_382) }, 'Message too long'],
  ];
  const publish = async (changed: Partial<PublishInput>): Promise<void> => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'x', ...changed }));
  };

  it.each(cases)('refuses to publish %s', async (_, changed, what) => {
    const why = refusal('InvalidParameterException', `Invalid parameter: ${what}`);
    await expect(publish(changed)).rejects.toMatchObject(why);
    expect(aws.published()).toEqual([]);
  });

  it('accepts a message and a subject of the greatest length', async () => {
    const longest = { Subject: '~'.repeat(99), Message: '\u20ac'.repeat(87_381) };
    await publish(longest);
    expect(aws.published()).toMatchObject([{ subject: longest.Subject, message: longest.Message }]);
  });
});

describe('the embedded endpoint of AWS', () => {
  it('logs every call with its flat parameters, refused ones too', async () => {
    await expect(create([THUMBPRINT], 'http://example.com')).rejects.toThrow('Invalid');
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
    const action = 'ListOpenIDConnectProviders';
    aws.failNext(action, { code: 'Throttling', status: 400, message: 'Rate exceeded', times: 2 });
    aws.failNext(action, { code: 'ServiceFailure', status: 500 });
    const list = () => iam.send(new ListOpenIDConnectProvidersCommand({}));
    await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    await expect(list()).rejects.toMatchObject(refusal('Throttling', 'Rate exceeded'));
    await expect(list()).rejects.toMatchObject(refusal('Throttling', 'Rate exceeded'));
    await expect(list()).rejects.toMatchObject(refusal('ServiceFailureException', 'A fault on order.', 500));
    await expect(list()).resolves.toMatchObject({ OpenIDConnectProviderList: [] });
  });

  it('refuses an unknown action in the form of AWS, with escaped input', async () => {
    const hostile = encodeURIComponent('</Message>&"\'\u0000\r\ufffe');
    const response = await fetch(aws.url, { method: 'POST', body: `Version=2010-03-31&Action=${hostile}` });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(
      /^<ErrorResponse xmlns="http:\/\/sns.amazonaws.com\/doc\/2010-03-31\/"><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code><Message>The action &lt;\/Message&gt;&amp;&quot;&apos;\uFFFD&#xD;\uFFFD is not valid/,
    );
  });
});
