/** What the story is played on: an account, an issuer with two edges, and the deployed function. */
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { buildFunction } from '../infra/build/build';
import { mint } from './authority';
import type { Identity } from './authority';
import { startAws } from './aws';
import type { EmbeddedAws } from './aws';
import { startFunction } from './function';
import type { LocalFunction } from './function';
import { startIssuer } from './issuer';
import type { Issuer } from './issuer';
import { startTable } from './table';
import type { EmbeddedTable } from './table';

/** Of the demo's CircleCI Server. */
export const ORGS = ['b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608'];
/** The one that may log in. */
export const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const CREDENTIALS = { accessKeyId: 'demo', secretAccessKey: 'demo' };
const REGION = 'eu-west-1';
/** The host of the issuer, which only the function and the local AWS can resolve. */
export const NAME = 'ci.example.com';
/** The recipient of the mails. */
export const READER = 'you@example.com';

/** The parts on the stage. */
export interface Stage {
  readonly aws: EmbeddedAws;
  readonly issuer: Edges;
  readonly monitor: LocalFunction;
  readonly iam: IAMClient;
  /** Of the intermediate CAs. */
  readonly root: Identity;
}

/** An issuer and its addresses. */
export type Edges = Issuer & { readonly edges: readonly string[] };

/** How to open a stage. */
export interface StageOptions {
  /** The addresses that the issuer may have beside 127.0.0.1: the first one that this computer has. */
  readonly secondAddresses?: readonly string[];
  /** Where to build the function. @default dist/function of this package */
  readonly outdir?: string;
}

/** Opens the stage, plays, and closes it. */
export async function withStage(
  play: (stage: Stage) => Promise<void>,
  { secondAddresses = SECOND_ADDRESSES, outdir }: StageOptions = {},
): Promise<void> {
  const root = await mint({ commonName: 'Demo Root CA', ca: true });
  const before = await chainBelow(root, 'Demo Intermediate CA 2025');
  const issuer = await startEdges(before, secondAddresses);
  // AWS connects to one of the edges: the last.
  const hosts = { [NAME]: issuer.edges.slice(-1) };
  const [aws, table] = await Promise.all([startAws({ hosts }), startTable()]);
  try {
    const iam = new IAMClient({ endpoint: aws.url, region: REGION, credentials: CREDENTIALS });
    const topicArn = await setUpAccount(aws, issuer, iam, before);
    const monitor = await startMonitor(aws, table, issuer, { topicArn, root, outdir });
    try {
      await play({ aws, issuer, monitor, iam, root });
    } finally {
      await monitor.stop();
    }
  } finally {
    await Promise.all([issuer.close(), aws.close(), table.close()]);
  }
}

/** Linux and Windows have all of 127/8, macOS has ::1. */
const SECOND_ADDRESSES = ['127.0.0.2', '::1'];

/** Two edges behind one name. On a computer that has no second address there is one edge. */
async function startEdges(chain: readonly Identity[], secondAddresses: readonly string[]): Promise<Edges> {
  for (const second of secondAddresses) {
    const edges = ['127.0.0.1', second];
    const issuer = await startIssuer({ chain, name: NAME, addresses: edges }).catch(() => null);
    if (issuer !== null) return { ...issuer, edges };
  }
  return { ...(await startIssuer({ chain, name: NAME })), edges: ['127.0.0.1'] };
}

/** What a server sends: the leaf and the intermediate CA, without the root. */
export async function chainBelow(root: Identity, name: string): Promise<readonly Identity[]> {
  const intermediate = await mint({ commonName: name, ca: true, signedBy: root });
  const leaf = await mint({ commonName: NAME, hosts: [NAME], signedBy: intermediate });
  return [leaf, intermediate];
}

/** One provider an org, which lists what is served today, and a topic with a recipient. */
async function setUpAccount(
  aws: EmbeddedAws,
  issuer: Issuer,
  iam: IAMClient,
  chain: readonly Identity[],
): Promise<string> {
  const thumbprints = chain.slice(-1).map(({ thumbprint }) => thumbprint);
  for (const org of ORGS) {
    const { OpenIDConnectProviderArn: arn = '' } = await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: issuer.issuerOf(org),
        ClientIDList: [org],
        ThumbprintList: thumbprints,
      }),
    );
    const role = { RoleName: roleOf(org), AssumeRolePolicyDocument: trustPolicy(arn, org) };
    await iam.send(new CreateRoleCommand(role));
  }
  const sns = new SNSClient({ endpoint: aws.url, region: REGION, credentials: CREDENTIALS });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: READER }));
  aws.confirm(TopicArn, READER);
  return TopicArn;
}

/** The name of an org's role. */
export const roleOf = (org: string): string => `ci-${org.slice(0, 8)}`;

/** Lets in the jobs of one project. */
function trustPolicy(providerArn: string, org: string): string {
  const issuer = providerArn.replace(/^.*:oidc-provider\//, '');
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${issuer}:aud`]: org },
      StringLike: { [`${issuer}:sub`]: `org/${org}/project/${PROJECT}/user/*` },
    },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** The bundle that is deployed, in a process of its own. */
function startMonitor(
  aws: EmbeddedAws,
  table: EmbeddedTable,
  issuer: Edges,
  {
    topicArn,
    root,
    outdir,
  }: { readonly topicArn: string; readonly root: Identity; readonly outdir: string | undefined },
): Promise<LocalFunction> {
  const config = {
    issuers: ORGS.map(issuer.issuerOf),
    trustAnchors: root.pem,
    allowPrivateNetworks: true,
    topicArn,
    stateTable: table.name,
  };
  return startFunction({
    bundle: buildFunction(outdir === undefined ? {} : { outdir }).entry,
    hosts: { [NAME]: issuer.edges },
    environment: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      MONITOR_CONFIG: JSON.stringify(config),
    },
  });
}
