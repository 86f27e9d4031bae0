/** The deployed bundle and several hosts, whose chains change between runs; it records every write to IAM. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { storeIn } from '../../lambda/adapters/dynamodb';
import { loadState } from '../../lambda/state/load';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startFunction } from '../../demo/function';
import type { LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Chain, Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import { startTable } from '../../demo/table';
import type { EmbeddedTable } from '../../demo/table';
import { buildFunction } from '../../infra/build/build';
import { settings } from './emulator';
import { letIn } from './let-in';
import { commonSigningKey } from './signing-key';

/** One issuer host: what the account lists for it, and whose certificates the host should have. */
export interface Site {
  readonly host: string;
  readonly issuer: Issuer;
  /** Of one organization, whose id is the audience. */
  readonly url: string;
  readonly org: string;
  readonly addresses: readonly string[];
  readonly listed: readonly string[];
  /** The authorities that are to be trusted: by `trustAnchors`, or as public ones. */
  readonly anchors: readonly Identity[];
}

/** Starts a host with one address or several. */
export async function startSite(
  host: string,
  options: {
    readonly chain: Chain;
    readonly addresses?: number;
    readonly listed: readonly Identity[];
    readonly anchors: readonly Identity[];
  },
): Promise<Site> {
  const addresses = Array.from({ length: options.addresses ?? 1 }, (_, index) => `127.0.0.${index + 1}`);
  const issuer = await startIssuer({
    chain: options.chain,
    name: host,
    addresses,
    signingKey: commonSigningKey(),
    servesWeak: true,
  });
  const listed = options.listed.map(({ thumbprint }) => thumbprint);
  const org = randomUUID();
  return { host, issuer, url: issuer.issuerOf(org), org, addresses, listed, anchors: options.anchors };
}

/** The trust anchors above the certificates: of the configuration, public ones, or none. */
export type Trust = 'trustAnchors' | 'public CA' | 'no anchor';
/** The configuration key `update`. */
export type Mode = 'off' | 'enforced-only' | 'guarded';

const FINDING = v.looseObject({
  check: v.string(),
  severity: v.string(),
  subject: v.optional(v.string()),
  remedy: v.string(),
});
const TARGET = v.looseObject({
  issuer: v.string(),
  status: v.string(),
  enforced: v.nullable(v.boolean()),
  enforcedBasis: v.string(),
  expected: v.array(v.string()),
  chains: v.array(v.looseObject({ publiclyTrusted: v.boolean() })),
  findings: v.array(FINDING),
  update: v.optional(v.looseObject({ decision: v.string(), list: v.nullable(v.array(v.string())) })),
});
const REPORT = v.looseObject({ targets: v.array(TARGET) });

/** The result for a site. */
export type Target = v.InferOutput<typeof TARGET>;

/** The account of the embedded endpoint. */
const ACCOUNT = '123456789012';

/** What a run did about one site. */
export interface Run {
  readonly target: Target;
  /** The lists that IAM was asked to write in this run. */
  readonly writes: readonly (readonly string[])[];
  /** The list after the run. */
  readonly listed: readonly string[];
  /** The lists of every command in the report and in the messages of this run. */
  readonly commands: readonly (readonly string[])[];
  /** Thumbprints whose hold-down is under way in the stored state, and those that the monitor has added. */
  readonly heldDown: readonly string[];
  readonly added: readonly string[];
}

/** A bundle with an account of its own. */
export interface Deployment {
  readonly run: (at: Date) => Promise<ReadonlyMap<Site, Run>>;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** A build of the function. */
export interface Stage {
  readonly deploy: (trust: Trust, mode: Mode, sites: readonly Site[]) => Promise<Deployment>;
  readonly remove: () => void;
}

/** Builds the function once for a test file. */
export function buildStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-attack-'));
  const { entry } = buildFunction({ outdir: join(folder, 'function') });
  const file = join(folder, 'public.pem');
  return {
    deploy: (trust, mode, sites) => {
      const roots = sites.flatMap(({ anchors }) => anchors);
      if (trust === 'public CA') writeFileSync(file, pemOf(roots));
      return deploy({ bundle: entry, file, trust, mode }, sites);
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const pemOf = (certificates: readonly Identity[]): string => certificates.map(({ pem }) => pem).join('\n');

interface Setting {
  readonly bundle: string;
  readonly file: string;
  readonly trust: Trust;
  readonly mode: Mode;
}

async function deploy(setting: Setting, sites: readonly Site[]): Promise<Deployment> {
  const { trust, mode } = setting;
  const [aws, table] = await Promise.all([startAws(), startTable()]);
  const arns = await fillAccount(aws, sites);
  const sns = new SNSClient(settings(aws.url));
  const { TopicArn: topicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  sns.destroy();
  const config = {
    issuers: sites.map(({ url }) => url),
    allowPrivateNetworks: true,
    update: mode,
    holdDownHours: 24,
    topicArn,
    stateTable: table.name,
    ...(trust === 'trustAnchors' ? { trustAnchors: anchorsOf(sites) } : {}),
  };
  const started = await startFunction({
    bundle: setting.bundle,
    hosts: Object.fromEntries(sites.map(({ host, addresses }) => [host, addresses])),
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      ...(trust === 'public CA' ? withPublicRoots(setting.file) : {}),
      MONITOR_CONFIG: JSON.stringify(config),
    },
  });
  const dynamo = new DynamoDBClient(settings(table.url));
  const parts: Parts = { aws, table, dynamo, started, arns };
  return {
    run: (at) => run(parts, at),
    log: started.log,
    stop: async () => {
      dynamo.destroy();
      await started.stop();
      await Promise.all([aws.close(), table.close()]);
    },
  };
}

const anchorsOf = (sites: readonly Site[]): Readonly<Record<string, string>> =>
  Object.fromEntries(sites.map(({ host, issuer, anchors }) => [`${host}:${issuer.port}`, pemOf(anchors)]));

async function fillAccount(aws: EmbeddedAws, sites: readonly Site[]): Promise<ReadonlyMap<Site, string>> {
  const iam = new IAMClient(settings(aws.url));
  const arns = new Map<Site, string>();
  for (const site of sites) {
    arns.set(site, await letIn(iam, { issuer: site.url, audiences: [site.org], thumbprints: site.listed }));
  }
  iam.destroy();
  return arns;
}

interface Parts {
  readonly aws: EmbeddedAws;
  readonly table: EmbeddedTable;
  readonly dynamo: DynamoDBClient;
  readonly started: LocalFunction;
  readonly arns: ReadonlyMap<Site, string>;
}

async function run({ aws, table, dynamo, started, arns }: Parts, at: Date): Promise<ReadonlyMap<Site, Run>> {
  const [calls, messages] = [aws.calls().length, aws.published().length];
  const invocation = await started.invoke({ action: 'monitor' }, at);
  const { targets } = v.parse(REPORT, invocation.ok ? invocation.payload : invocation);
  const texts = aws
    .published()
    .slice(messages)
    .map(({ message }) => message);
  const { loaded } = await loadState(storeIn(dynamo, table.name), ACCOUNT);
  const runs = new Map<Site, Run>();
  for (const [site, arn] of arns) {
    const target = targets.find(({ issuer }) => issuer === site.url);
    if (target === undefined) throw new TypeError(`${site.url} is not in the report.`);
    const state = loaded.targets.get(site.url);
    if (state === undefined) throw new TypeError(`${site.url} is not in the state.`);
    const remedies = target.findings.map(({ remedy }) => remedy);
    runs.set(site, {
      target,
      writes: aws
        .calls()
        .slice(calls)
        .filter(
          ({ action, parameters }) =>
            action === 'UpdateOpenIDConnectProviderThumbprint' &&
            parameters['OpenIDConnectProviderArn'] === arn,
        )
        .map(({ parameters }) => thumbprintsOf(parameters)),
      listed: aws.providers().get(arn)?.thumbprints ?? [],
      commands: [...remedies, ...texts]
        .flatMap(commandsIn)
        .flatMap((command) => (command.includes(arn) ? [listOf(command)] : [])),
      heldDown: state.thumbprints
        .filter(({ streakSince, streakRuns }) => streakSince !== null || streakRuns > 0)
        .map(({ thumbprint }) => thumbprint),
      added: state.added,
    });
  }
  return runs;
}

const thumbprintsOf = (parameters: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(parameters)
    .filter(([name]) => name.startsWith('ThumbprintList.member.'))
    .map(([, value]) => value);

const COMMAND =
  /update-open-id-connect-provider-thumbprint.*?--thumbprint-list(?:\\+n|[\s\\'"]|[0-9a-f]{40})+/gs;

/** Every command that writes a list, in mails and machine messages: lines that continue, and JSON within JSON. */
const commandsIn = (text: string): readonly string[] => text.match(COMMAND) ?? [];

const listOf = (command: string): readonly string[] =>
  command.slice(command.indexOf('--thumbprint-list')).match(/\b[0-9a-f]{40}\b/g) ?? [];
