/** SNS as the way to people. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AlertMessage } from '../core/alert';
import { PublishError } from '../core/errors';

/** A client for one container: it is kept between invocations. */
export const openSns = (): SNSClient =>
  new SNSClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 } });

/** Publishes to a topic. Throws PublishError, so that the run fails, is retried, and rings the alarm. */
export async function publish(sns: SNSClient, topicArn: string, message: AlertMessage): Promise<void> {
  try {
    await sns.send(new PublishCommand({ TopicArn: topicArn, ...toSns(message) }));
  } catch (error) {
    const reason = String(error);
    throw new PublishError(
      `The alert could not be published to ${topicArn} (${reason}). The function needs sns:Publish on that topic.`,
      { cause: error },
    );
  }
}

/** Message structure `json`: one body for mail, one for everything else. */
function toSns({ subject, email, machine, attributes }: AlertMessage): {
  Subject: string;
  Message: string;
  MessageStructure: 'json';
  MessageAttributes: Record<string, { DataType: string; StringValue: string }>;
} {
  return {
    Subject: subject,
    Message: JSON.stringify({ default: machine, email }),
    MessageStructure: 'json',
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        typeof value === 'string'
          ? { DataType: 'String', StringValue: value }
          : { DataType: 'String.Array', StringValue: JSON.stringify(value) },
      ]),
    ),
  };
}
