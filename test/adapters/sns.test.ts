import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { composeTest } from '../../lambda/alerting/message/message';
import { PublishError } from '../../lambda/domain/errors';
import { countRecipients, publish } from '../../lambda/adapters/sns';
import { settings } from '../support/emulator';
import { reportOf } from '../support/reports';

let aws: EmbeddedAws;
let sns: SNSClient;

beforeAll(async () => {
  aws = await startAws();
  sns = new SNSClient(settings(aws.url));
});

afterAll(async () => {
  sns.destroy();
  await aws.close();
});

const topic = async (name: string): Promise<string> =>
  (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '';

async function subscribe(TopicArn: string, Protocol: string, Endpoint: string): Promise<void> {
  await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
}

describe('countRecipients', () => {
  it('counts nobody on a topic without a confirmed subscription', async () => {
    const arn = await topic('nobody');
    expect(await countRecipients(sns, arn)).toEqual({ ok: true, value: 0 });
    await subscribe(arn, 'email', 'you@example.com');
    expect(await countRecipients(sns, arn)).toEqual({ ok: true, value: 0 });
    aws.confirm(arn, 'you@example.com');
    expect(await countRecipients(sns, arn)).toEqual({ ok: true, value: 1 });
  });

  it('counts confirmed subscriptions only, over every page', async () => {
    const arn = await topic('many');
    for (let index = 0; index < 205; index += 1) {
      const queue = `arn:aws:sqs:eu-west-1:123456789012:queue-${index}`;
      if (index % 5 === 0) await subscribe(arn, 'email', `reader-${index}@example.com`);
      else await subscribe(arn, 'sqs', queue);
    }
    expect(await countRecipients(sns, arn)).toEqual({ ok: true, value: 164 });
  });

  it('names the missing permission if the call is denied, as a failure of step sns', async () => {
    const arn = await topic('denied');
    aws.failNext('ListSubscriptionsByTopic', { code: 'AuthorizationError', status: 403 });
    expect(await countRecipients(sns, arn)).toMatchObject({
      ok: false,
      failure: {
        step: 'sns',
        code: 'AWS_ACCESS_DENIED',
        message: expect.stringContaining('sns:ListSubscriptionsByTopic'),
      },
    });
  });
});

describe('publish', () => {
  it('sends a message that SNS accepts', async () => {
    const arn = await topic('alerts');
    await publish(sns, arn, composeTest(reportOf([]), null));
    expect(aws.published().at(-1)).toMatchObject({
      topicArn: arn,
      messageStructure: 'json',
      attributes: { eventType: { dataType: 'String', value: 'test' } },
    });
  });

  it('throws PublishError that names topic and action, whatever the reason', async () => {
    const gone = 'arn:aws:sns:eu-west-1:123456789012:gone';
    const refused = publish(sns, gone, composeTest(reportOf([]), null));
    await expect(refused).rejects.toThrow(PublishError);
    await expect(refused).rejects.toThrow(/:gone .*sns:Publish/s);
  });

  it('says which policy must allow it, and repeats no credentials', async () => {
    const arn = await topic('refused');
    const publishing = (): Promise<void> => publish(sns, arn, composeTest(reportOf([]), null));
    const message =
      'User: r is not authorized to perform: SNS:Publish on resource: t because no permissions boundary allows the SNS:Publish action';
    aws.failNext('Publish', { code: 'AuthorizationError', status: 403, message });
    await expect(publishing()).rejects.toThrow(
      `(AuthorizationErrorException: ${message}). Check that the topic exists, and that the function may call sns:Publish on it: extend the caller's permissions boundary, which does not allow it.`,
    );
    const signed =
      "It does not match.\n\nThe Canonical String for this request should have been\n'x-amz-security-token:SECRET'";
    aws.failNext('Publish', { code: 'SignatureDoesNotMatch', status: 403, message: signed });
    await expect(publishing()).rejects.toThrow(
      /\(SignatureDoesNotMatch: It does not match\.\)\. Check that the topic exists, and that the function may call sns:Publish on it\.$/,
    );
  });
});
