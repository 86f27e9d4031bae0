/** An AWS account of its own, with one provider an org, behind a delayed connection. */
import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { startAws } from '../demo/aws';
import type { EmbeddedAws } from '../demo/aws';
import { startTable } from '../demo/table';
import { openWay } from './delay';

/** What the account holds. */
export interface AccountOptions {
  readonly issuers: readonly string[];
  readonly thumbprints: readonly string[];
  readonly rtt: () => number;
}

/** A ready account. */
export interface Account {
  /** Through the delayed connection. */
  readonly url: string;
  readonly topicArn: string;
  /** The monitor's state table, through a delayed connection of its own. */
  readonly table: { readonly url: string; readonly name: string };
  readonly aws: EmbeddedAws;
  /** Since the last request for it. */
  readonly count: () => { readonly calls: number; readonly gets: number; readonly published: number };
}

/** Opens an account. The set-up is not counted. */
export async function openAccount({ issuers, thumbprints, rtt }: AccountOptions): Promise<Account> {
  const aws = await startAws();
  const settings = {
    endpoint: aws.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  };
  const iam = new IAMClient(settings);
  for (const issuer of issuers) {
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer,
        ClientIDList: [issuer.slice(-36)],
        ThumbprintList: [...thumbprints],
      }),
    );
  }
  const sns = new SNSClient(settings);
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const recipient = { Protocol: 'email', Endpoint: 'you@example.com' };
  await sns.send(new SubscribeCommand({ TopicArn, ...recipient }));
  aws.confirm(TopicArn, recipient.Endpoint);
  const table = await startTable();
  let calls = aws.calls().length;
  let published = 0;
  return {
    url: await wayTo(aws.url, rtt),
    topicArn: TopicArn,
    table: { url: await wayTo(table.url, rtt), name: table.name },
    aws,
    count: () => {
      const fresh = aws.calls().slice(calls);
      const sent = aws.published().length - published;
      calls += fresh.length;
      published += sent;
      const gets = fresh.filter(({ action }) => action === 'GetOpenIDConnectProvider').length;
      return { calls: fresh.length, gets, published: sent };
    },
  };
}

async function wayTo(url: string, rtt: () => number): Promise<string> {
  const port = Number(new URL(url).port);
  return `http://127.0.0.1:${(await openWay({ target: () => port, rtt })).port}`;
}
