/** Accounts at the start of a scene: every list is right but that of one host, and the topic has a recipient. */
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { settings } from '../emulator';
import type { Emulator } from '../emulator';
import { createProvider } from '../let-in';
import type { Delivered } from '../published';

/** One such account. */
export interface SceneAccount {
  readonly emulator: Emulator;
  readonly topicArn: string;
  /** Messages since the last request. */
  readonly received: () => Promise<Delivered[]>;
}

/** A provider that is to be there. */
interface Listed {
  readonly issuer: string;
  readonly audience: string;
  readonly thumbprints: readonly string[];
}

/** Gives one account at a time. The embedded one is made once, and is as new for the next scene. */
export class Accounts {
  private kept: { readonly account: SceneAccount; readonly restore: () => void } | null = null;

  constructor(
    private readonly open: () => Promise<Emulator>,
    private readonly providers: readonly Listed[],
  ) {}

  async take(): Promise<SceneAccount> {
    if (this.kept !== null) {
      this.kept.restore();
      await this.kept.account.received();
      return this.kept.account;
    }
    const account = await this.prepare();
    const restore = account.emulator.checkpoint?.();
    if (restore !== undefined) this.kept = { account, restore };
    return account;
  }

  /** The scene is over. */
  async giveBack(account: SceneAccount): Promise<void> {
    if (this.kept === null) await account.emulator.stop();
  }

  async close(): Promise<void> {
    await this.kept?.account.emulator.stop();
  }

  private async prepare(): Promise<SceneAccount> {
    const emulator = await this.open();
    const iam = new IAMClient(settings(emulator.url));
    for (const { issuer, audience, thumbprints } of this.providers)
      await createProvider(iam, { issuer, audiences: [audience], thumbprints });
    const sns = new SNSClient(settings(emulator.url));
    const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    iam.destroy();
    sns.destroy();
    return { emulator, topicArn, received: await emulator.watch(topicArn) };
  }
}
