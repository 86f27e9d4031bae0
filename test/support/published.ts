/** Reads back what SNS delivered, by an SQS subscription, as any subscriber would receive it. */
import { SubscribeCommand } from '@aws-sdk/client-sns';
import type { SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';

/** SNS's envelope: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
const ENVELOPE = v.object({
  TopicArn: v.string(),
  Subject: v.optional(v.string()),
  Message: v.string(),
  MessageAttributes: v.optional(v.record(v.string(), v.object({ Type: v.string(), Value: v.string() })), {}),
});

/** A delivered message. Of message structure `json`, SQS gets the `default` body. */
export type Delivered = v.InferOutput<typeof ENVELOPE>;

/** Subscribes a new queue to a topic. It receives nothing that was published before. */
export async function subscribeQueue(
  sns: SNSClient,
  sqs: SQSClient,
  topicArn: string,
  name: string,
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
  );
  return QueueUrl;
}

/** Takes every message that waits in a queue, oldest first; none is an empty list, without waiting. */
export async function takeMessages(sqs: SQSClient, queueUrl: string): Promise<Delivered[]> {
  const request = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 0,
  });
  const delivered: Delivered[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(request);
    if (Messages.length === 0) return delivered;
    for (const { Body = '', ReceiptHandle } of Messages) {
      delivered.push(v.parse(ENVELOPE, JSON.parse(Body)));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
}
