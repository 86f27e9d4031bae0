/** The two AWS accounts that tests run against: the embedded one, and moto_server if it is on the machine. */
import { GetOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import { startAws } from '../../demo/aws';
import type { Published } from '../../demo/aws';
import { startMoto } from './moto';
import { subscribeQueue, takeMessages } from './published';
import type { Delivered } from './published';

/** One suite for both, so that the embedded endpoint stays as good as a complete emulator. */
export interface Emulator {
  readonly url: string;
  /** Answers a request that another server has accepted. Only the embedded one can. */
  readonly handle?: RequestListener;
  readonly stop: () => Promise<void>;
  /** Starts to watch a topic; each call of the answer returns the messages since the last one. */
  readonly watch: (topicArn: string) => Promise<() => Promise<Delivered[]>>;
  /** The account as it is now: the answer brings it back. Only the embedded one can. */
  readonly checkpoint?: () => () => void;
  /** The list of a provider; one that is gone has none. */
  readonly thumbprints: (providerArn: string) => Promise<readonly string[]>;
}

interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

const BODIES = v.object({ default: v.string() });

/** Settings for any SDK client of an emulator. */
export const settings = (endpoint: string): ClientSettings => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});

/** The embedded account. */
export async function embedded(): Promise<Emulator> {
  const aws = await startAws();
  const sns = new SNSClient(settings(aws.url));
  const watch: Emulator['watch'] = async (topicArn) => {
    const queue = 'arn:aws:sqs:eu-west-1:123456789012:read-back';
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue }));
    let seen = aws.published().length;
    return () => {
      const fresh = aws.published().slice(seen);
      seen += fresh.length;
      return Promise.resolve(fresh.filter((each) => each.topicArn === topicArn).map(deliver));
    };
  };
  const thumbprints: Emulator['thumbprints'] = (arn) =>
    Promise.resolve(aws.providers().get(arn)?.thumbprints ?? []);
  const stop = async (): Promise<void> => {
    sns.destroy();
    await aws.close();
  };
  return { url: aws.url, handle: aws.handle, stop, watch, thumbprints, checkpoint: aws.checkpoint };
}

/** What an SQS subscriber would receive of it. */
function deliver({ topicArn, subject, message, messageStructure, attributes }: Published): Delivered {
  const named = Object.entries(attributes);
  return {
    TopicArn: topicArn,
    Subject: subject,
    Message: messageStructure === 'json' ? v.parse(BODIES, JSON.parse(message)).default : message,
    MessageAttributes: Object.fromEntries(
      named.map(([name, { dataType, value }]) => [name, { Type: dataType, Value: value }]),
    ),
  };
}

/** A new moto_server. */
export async function moto(): Promise<Emulator> {
  const { url, stop } = await startMoto();
  const { stop: stopWatching, ...account } = emptyMoto(url);
  const stopAll = async (): Promise<void> => {
    await stopWatching();
    await stop();
  };
  return { ...account, stop: stopAll };
}

/** The account of a moto_server that is running and empty. `stop` leaves the server running. */
export function emptyMoto(url: string): Emulator {
  const [iam, sns, sqs] = [
    new IAMClient(settings(url)),
    new SNSClient(settings(url)),
    new SQSClient(settings(url)),
  ];
  const watch: Emulator['watch'] = async (topicArn) => {
    const queueUrl = await subscribeQueue(sns, sqs, topicArn, 'read-back');
    return () => takeMessages(sqs, queueUrl);
  };
  const thumbprints: Emulator['thumbprints'] = async (arn) => {
    const question = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
    const answer = await iam.send(question).catch(() => ({ ThumbprintList: [] }));
    return answer.ThumbprintList ?? [];
  };
  const stop = (): Promise<void> => {
    for (const client of [iam, sns, sqs]) client.destroy();
    return Promise.resolve();
  };
  return { url, stop, watch, thumbprints };
}
