/** Publishes messages to SNS. */
import { PublishCommand, SNSClient, paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { isNativeError } from 'node:util/types';
import type { Outcome } from '../domain/types';
import { PublishError } from '../domain/errors';
import { denialOf, denialRemedy } from './aws-denial';
import { awsFailure } from './aws-errors';
import { boundedBy } from './aws-limits';
import type { AwsLimits } from './aws-limits';
import { detailOf, messageOf } from './error-detail';
import type { AlertMessage, ChatMessage } from '../domain/message';

/** The limits of the deployed function. */
export const SNS_LIMITS: AwsLimits = {
  attempts: 5,
  retryMode: 'standard',
  connectMs: 3_000,
  requestMs: 10_000,
};

/** A client for one container: it is reused between invocations. */
export const openSns = (limits: AwsLimits = SNS_LIMITS): SNSClient => new SNSClient(boundedBy(limits));

/** Publishes to a topic. Throws PublishError, so that the run fails, is retried, and triggers the alarm. */
export const publish = (sns: SNSClient, topicArn: string, message: AlertMessage): Promise<void> =>
  sendToTopic(sns, { TopicArn: topicArn, ...toSns(message) });

/**
 * Publishes to the topic of Amazon Q Developer in chat applications, which accepts no attributes. Throws
 * PublishError.
 */
export const publishChat = (sns: SNSClient, topicArn: string, message: ChatMessage): Promise<void> =>
  sendToTopic(sns, { TopicArn: topicArn, Message: JSON.stringify(message) });

async function sendToTopic(sns: SNSClient, input: PublishCommandInput): Promise<void> {
  try {
    await sns.send(new PublishCommand(input));
  } catch (error) {
    // Not the whole message: if AWS does not accept the signature, it repeats the session token.
    const reason = `${isNativeError(error) ? error.name : 'unknown error'}: ${detailOf(error)}`;
    const said = messageOf(error);
    const remedy = denialOf(said) === null ? '' : `: ${denialRemedy(said)}`;
    throw new PublishError(
      `The alert could not be published to ${String(input.TopicArn)} (${reason}). Check that the topic exists, and that the function may call sns:Publish on it${remedy}.`,
      { cause: error },
    );
  }
}

/**
 * The value instead of an ARN until the recipient has confirmed, and after a topic's owner has deleted it.
 */
const NO_ARN = /^(PendingConfirmation|Deleted)$/;

/** How many subscriptions of a topic are confirmed. GetTopicAttributes counts them, too, but lags behind. */
export async function countRecipients(sns: SNSClient, topicArn: string): Promise<Outcome<number>> {
  try {
    let confirmed = 0;
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client: sns },
      { TopicArn: topicArn },
    )) {
      confirmed += Subscriptions.filter(
        ({ SubscriptionArn = 'Deleted' }) => !NO_ARN.test(SubscriptionArn),
      ).length;
    }
    return { ok: true, value: confirmed };
  } catch (error) {
    return {
      ok: false,
      failure: { ...awsFailure(error, 'sns:ListSubscriptionsByTopic', topicArn), step: 'sns' },
    };
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
