/** What all scenes of a test file share: hosts, names, a store, and a proxy before AWS. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import { settings } from '../emulator';
import { commonSigningKey } from '../signing-key';
import { Accounts } from './accounts';
import { embeddedAws } from './aws';
import type { Aws } from './aws';
import { startAwsProxy } from './aws-proxy';
import type { AwsProxy } from './aws-proxy';
import { Bystanders } from './bystanders';
import type { Attributes } from './items';
import { serve, startHost } from './hosts';
import type { Served, WatchedHost } from './hosts';
import { Names, injectedNames } from './names';
import type { NameService } from './names';

/** A list of which nothing is served. */
const STRANGE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

/** The parts, and what one scene leaves for the next. */
export interface World {
  /** The private authority that the configuration names. */
  readonly root: Identity;
  /** In sync, until a fault comes. */
  readonly one: WatchedHost;
  /** Has drifted from the beginning, and is alerted. */
  readonly two: WatchedHost;
  /** Drifts in the very run that meets the fault, so that it must send an alert. */
  readonly drifting: WatchedHost;
  /** What `drifting` serves then. */
  readonly next: Served;
  readonly hosts: readonly WatchedHost[];
  readonly names: Names;
  readonly bystanders: Bystanders;
  readonly nameService: NameService;
  readonly proxy: AwsProxy;
  readonly table: Aws['table'];
  /** Goes to the table itself, past the proxy. */
  readonly dynamo: DynamoDBClient;
  readonly accounts: Accounts;
  /** The time of the first run of each scene. */
  readonly begin: Date;
  /** The items after a first run without findings; null: there was no such run yet. */
  remembered: ReadonlyMap<string, Attributes> | null;
  readonly close: () => Promise<void>;
}

/** What may differ between test files. */
export interface WorldOptions {
  readonly openNames?: (names: Names) => NameService | Promise<NameService>;
  readonly openAws?: () => Promise<Aws>;
}

/** Starts everything. The clients of a run find the proxy by the environment, as in Lambda. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { openNames = injectedNames, openAws = embeddedAws } = options;
  const root = await mint({ commonName: 'Private Root', ca: true });
  const signingKey = commonSigningKey();
  const next = await serve('drifting.test', 'Next', root);
  const [one, two, drifting] = await Promise.all([
    startHost('one.test', { root, signingKey }),
    startHost('two.test', { root, signingKey }),
    startHost('drifting.test', { root, signingKey, next }),
  ]);
  const hosts = [one, two, drifting];
  const names = new Names();
  const bystanders = new Bystanders(hosts, names);
  const nameService = await openNames(names);
  const [proxy, aws] = [await startAwsProxy(), await openAws()];
  const { table } = aws;
  const accounts = new Accounts(
    aws.openAccount,
    hosts.map((host) => ({
      issuer: host.issuer,
      audience: host.org,
      thumbprints: host === two ? [STRANGE] : host.truth,
    })),
  );
  const dynamo = new DynamoDBClient(settings(table.url));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  const close = async (): Promise<void> => {
    dynamo.destroy();
    await Promise.all([
      accounts.close(),
      ...hosts.flatMap(({ front, server }) => [front.close(), server.close()]),
      nameService.close(),
      proxy.close(),
      aws.close(),
    ]);
  };
  return {
    ...{ root, one, two, drifting, next, hosts, names, bystanders, nameService },
    ...{ proxy, table, dynamo, accounts, close },
    begin: new Date(),
    remembered: null,
  };
}
