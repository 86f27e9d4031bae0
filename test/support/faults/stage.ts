/** One scene: an account of its own in the shared world, and all that faults can change. */
import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  IAMClient,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { RunFacts } from '../../../lambda/domain/run-facts';
import { settings } from '../emulator';
import type { SceneAccount } from './accounts';
import type { Silent } from './fault';
import { Containers } from './containers';
import type { Attributes } from './items';
import { chainOf, healHost, show } from './hosts';
import type { Served, WatchedHost } from './hosts';
import type { AwsProxy } from './aws-proxy';
import type { World } from './world';

/** What somebody else lists, without asking. */
export const FOREIGN = 'c'.repeat(40);

/** The input and limits of a run. */
export interface Settings {
  event: unknown;
  /** The part of the configuration that differs from the usual one. */
  config: object;
  /** How long new work may begin. */
  milliseconds: number;
  allowPrivateNetworks: boolean;
  /** Who does not answer, so that the run must not wait long. */
  silent: Silent | null;
  /** The time limit of a connection; null: as `silent` says. */
  connectMs: number | null;
  /** How far the clock of the run is off. */
  hoursOff: number;
  /** Concurrent runs. */
  runs: number;
}

const USUAL: Settings = {
  event: { action: 'monitor' },
  config: {},
  milliseconds: 30_000,
  allowPrivateNetworks: true,
  silent: null,
  connectMs: null,
  hoursOff: 0,
  runs: 1,
};

/** Whether only hosts decide what a run collects of them. */
export const looksAsUsual = ({ milliseconds, allowPrivateNetworks, connectMs }: Settings): boolean =>
  milliseconds === USUAL.milliseconds && allowPrivateNetworks && connectMs === null;

/** Thrown if the scene itself is broken, and not the monitor. */
export class SceneError extends Error {
  override readonly name = 'SceneError';
}

/** The scene. `victim` is the target that a fault is about. */
export class Stage {
  settings: Settings = { ...USUAL };
  victim: WatchedHost;
  readonly facts: RunFacts[] = [];
  readonly containers = new Containers();
  /** Somebody else who changes providers. It goes with the scene, as its connections do. */
  readonly iam: IAMClient;
  private readonly undo: (() => Promise<void>)[] = [];
  private isRotated = false;
  private constructor(
    readonly world: World,
    readonly account: SceneAccount,
    readonly update: 'off' | 'guarded',
  ) {
    this.victim = world.one;
    this.iam = new IAMClient(settings(account.emulator.url));
  }

  /** Every call of the monitor passes it. */
  get proxy(): AwsProxy {
    return this.world.proxy;
  }

  /** An account in which every list is right, but that of `two`. */
  static async open(world: World, update: 'off' | 'guarded'): Promise<Stage> {
    const stage = new Stage(world, await world.accounts.take(), update);
    await stage.heal();
    return stage;
  }

  /** What is to be reverted when the fault is over. */
  later(undo: () => Promise<void>): void {
    this.undo.push(undo);
  }

  /** Ends every fault. What it did to lists and items stays done. */
  async heal(): Promise<void> {
    const { world, account } = this;
    for (const undo of this.undo.splice(0)) await undo();
    for (const host of world.hosts) healHost(host, this.served(host));
    world.names.reset();
    world.proxy.reset({ query: account.emulator, dynamo: world.table });
    this.settings = { ...USUAL };
  }

  /** From now on `drifting` serves something else. */
  rotate(): void {
    const { drifting, next } = this.world;
    this.isRotated = true;
    show(drifting, chainOf(next), [next.top.thumbprint]);
  }

  /** What a host serves without a fault. */
  private served(host: WatchedHost): Served {
    const { drifting, next } = this.world;
    return host === drifting && this.isRotated ? next : host.usual;
  }

  /** The list of each provider, straight from the account; one that is gone has none. */
  async lists(): Promise<ReadonlyMap<string, readonly string[]>> {
    const lists = this.world.hosts.map(
      async ({ arn }) => [arn, await this.account.emulator.thumbprints(arn)] as const,
    );
    return new Map(await Promise.all(lists));
  }

  async setList(arn: string, list: readonly string[]): Promise<void> {
    await this.iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: arn,
        ThumbprintList: [...list],
      }),
    );
  }

  async removeProvider(arn: string): Promise<void> {
    await this.iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
  }

  async restoreProvider({ issuer, org }: WatchedHost, list: readonly string[]): Promise<void> {
    const provider = { Url: issuer, ClientIDList: [org], ThumbprintList: [...list] };
    await this.iam.send(new CreateOpenIDConnectProviderCommand(provider));
  }

  /** The items in the table, with all their attributes but the id. */
  async items(): Promise<ReadonlyMap<string, Attributes>> {
    const { dynamo, table } = this.world;
    const { Items = [] } = await dynamo.send(
      new ScanCommand({ TableName: table.name, ConsistentRead: true }),
    );
    return new Map(Items.map(({ id, ...attributes }) => [id?.S ?? '', attributes]));
  }

  async putItem(id: string, attributes: Attributes): Promise<void> {
    const { dynamo, table } = this.world;
    await dynamo.send(new PutItemCommand({ TableName: table.name, Item: { ...attributes, id: { S: id } } }));
  }

  /** From now on the table contains these items, by their ids, and nothing of earlier scenes. */
  async remember(items: ReadonlyMap<string, Attributes>): Promise<void> {
    const { dynamo, table } = this.world;
    const others = [...(await this.items()).keys()].filter((id) => !items.has(id));
    for (const [id, attributes] of items) await this.putItem(id, attributes);
    for (const id of others)
      await dynamo.send(new DeleteItemCommand({ TableName: table.name, Key: { id: { S: id } } }));
  }

  async close(): Promise<void> {
    await this.heal();
    this.containers.close();
    this.iam.destroy();
    await this.world.accounts.giveBack(this.account);
  }
}
