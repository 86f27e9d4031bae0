/**
 * `npm start`: the deployed code on embedded endpoints, with a clock that runs ahead. It tells a story, and exits 1
 * where it ends wrong.
 */
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import { buildFunction } from '../infra/build';
import { mint } from './authority';
import type { Identity } from './authority';
import { startAws } from './aws';
import type { EmbeddedAws } from './aws';
import { startFunction } from './function';
import type { LocalFunction } from './function';
import { startIssuer } from './issuer';
import type { Issuer } from './issuer';
import { logIn } from './login';
import { startTable } from './table';
import type { EmbeddedTable } from './table';

const ORGS = ['b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608'];
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const CREDENTIALS = { accessKeyId: 'demo', secretAccessKey: 'demo' };
const REGION = 'eu-west-1';
/** Known to the function alone. */
const NAME = 'ci.example.com';
const READER = 'you@example.com';

/** Of a report, what the story checks. */
const Told = v.object({
  summary: v.object({ inSync: v.number(), drifted: v.number() }),
  targets: v.array(
    v.object({
      providerArn: v.string(),
      listed: v.array(v.string()),
      expected: v.array(v.string()),
      enforced: v.boolean(),
    }),
  ),
});
type Told = v.InferOutput<typeof Told>;

/** The parts on the stage. */
interface Stage {
  readonly aws: EmbeddedAws;
  readonly issuer: Edges;
  readonly monitor: LocalFunction;
  readonly iam: IAMClient;
  /** When the story begins, in milliseconds. */
  readonly begin: number;
}

type Edges = Issuer & { readonly edges: readonly string[] };

const HOUR_MS = 3_600_000;

/** Says the next step and, if it did not come out as told, ends the demo with exit code 1. */
function check(right: boolean, words: string): void {
  console.log(`  ${right ? 'ok' : 'WRONG'}  ${words}`);
  if (!right) process.exitCode = 1;
}

async function main(): Promise<void> {
  // The demo is told to people who have the Node they have.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const root = await mint({ commonName: 'Demo Root CA', ca: true });
  const before = await chainBelow(root, 'Demo Intermediate CA 2025');
  const issuer = await startEdges(before);
  // AWS meets one of the edges: the last.
  const hosts = { [NAME]: issuer.edges.slice(-1) };
  const [aws, table] = await Promise.all([startAws({ hosts }), startTable()]);
  try {
    const iam = new IAMClient({ endpoint: aws.url, region: REGION, credentials: CREDENTIALS });
    const topicArn = await setUpAccount(aws, issuer, iam, before);
    const monitor = await startMonitor(aws, table, issuer, { topicArn, root });
    try {
      await tell({ aws, issuer, monitor, iam, begin: Date.now() }, root);
    } finally {
      await monitor.stop();
    }
  } finally {
    await Promise.all([issuer.close(), aws.close(), table.close()]);
  }
}

/** Two edges behind one name. Linux has all of 127/8, macOS has ::1; a machine with neither shows one edge. */
async function startEdges(chain: readonly Identity[]): Promise<Edges> {
  for (const second of ['127.0.0.2', '::1']) {
    const edges = ['127.0.0.1', second];
    const issuer = await startIssuer({ chain, name: NAME, addresses: edges }).catch(() => null);
    if (issuer !== null) return { ...issuer, edges };
  }
  return { ...(await startIssuer({ chain, name: NAME })), edges: ['127.0.0.1'] };
}

async function tell(stage: Stage, root: Identity): Promise<void> {
  const { issuer, iam } = stage;
  console.log('\nA CircleCI Server with a private CA: AWS checks its certificate against the list in IAM.');
  console.log(`Two orgs, each with an OIDC provider. Their issuer has ${issuer.edges.length} edges.\n`);
  const first = await step(stage, 0, 'All is as listed.', { inSync: 2 });
  check(
    first.targets.every(({ enforced }) => enforced),
    'AWS enforces both lists, as far as can be seen from here',
  );
  await checkLogin(stage, /:assumed-role\//);

  const after = await chainBelow(root, 'Demo Intermediate CA 2026');
  issuer.rotate([after], issuer.edges.at(-1));
  await step(stage, 6, 'One of the edges shows a certificate of a new intermediate CA.', { drifted: 2 });
  await checkLogin(stage, /certificate doesn't match configured thumbprint/);
  const drifted = await step(stage, 12, 'The next run sees it, too. So people are told:', {
    drifted: 2,
    mails: 1,
  });
  showMail(stage.aws, Infinity);
  await step(stage, 18, 'Nothing new, so nothing is said.', { drifted: 2 });
  await step(stage, 96, 'Nobody has done anything for three days. A reminder:', { drifted: 2, mails: 1 });
  showMail(stage.aws, 1);

  await correctLists(iam, drifted);
  await step(stage, 102, 'Somebody has done what the mail says.', { inSync: 2 });
  await checkLogin(stage, /:assumed-role\//);
  await step(stage, 108, 'The next run agrees. It is over:', { inSync: 2, mails: 1 });
  showMail(stage.aws, 1);
  issuer.rotate([after]);
  await step(stage, 114, 'The other edge follows. Its new certificate is listed already.', { inSync: 2 });
  console.log(process.exitCode === undefined ? 'All as it should be.' : 'Something went wrong: see above.');
}

/** A job logs in, or is refused, as the issuer's certificate is listed or not. Tokens live for an hour of the real time. */
async function checkLogin({ aws, issuer }: Stage, wanted: RegExp): Promise<void> {
  const [org = ''] = ORGS;
  const answer = await logIn({
    endpoint: aws.url,
    issuer,
    job: { org, project: PROJECT, user: USER },
    roleArn: `arn:aws:iam::123456789012:role/${roleOf(org)}`,
  });
  check(wanted.test(answer), `a CircleCI job asks AWS for its role: ${answer}`);
}

/** What a run must come to. */
interface Outcome {
  readonly inSync?: number;
  readonly drifted?: number;
  /** @default 0 */
  readonly mails?: number;
}

/** Runs once, so many hours after the beginning, and compares. */
async function step(stage: Stage, hours: number, words: string, wanted: Outcome): Promise<Told> {
  const { inSync = 0, drifted = 0, mails = 0 } = wanted;
  const sent = stage.aws.published().length;
  const at = new Date(stage.begin + hours * HOUR_MS);
  console.log(`${at.toISOString().slice(0, 16).replace('T', ' ')}  ${words}`);
  const report = await run(stage, at);
  check(
    report.summary.inSync === inSync && report.summary.drifted === drifted,
    `in sync ${report.summary.inSync}, drifted ${report.summary.drifted}`,
  );
  const fresh = stage.aws.published().length - sent;
  check(fresh === mails, fresh === 0 ? 'no mail' : `${fresh} mail`);
  return report;
}

/** What a server sends: the leaf and the intermediate CA. The root stays at home. */
async function chainBelow(root: Identity, name: string): Promise<readonly Identity[]> {
  const intermediate = await mint({ commonName: name, ca: true, signedBy: root });
  const leaf = await mint({ commonName: NAME, hosts: [NAME], signedBy: intermediate });
  return [leaf, intermediate];
}

/** One provider an org, which lists what is served today, and a topic with a reader. */
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

const roleOf = (org: string): string => `ci-${org.slice(0, 8)}`;

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
  { topicArn, root }: { readonly topicArn: string; readonly root: Identity },
): Promise<LocalFunction> {
  const config = {
    issuers: ORGS.map(issuer.issuerOf),
    trustAnchors: root.pem,
    allowPrivateNetworks: true,
    topicArn,
    stateTable: table.name,
  };
  return startFunction({
    bundle: buildFunction().entry,
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

/** The class of errors that end the story early. */
class StoryError extends Error {
  override readonly name = 'StoryError';
}

async function run({ monitor }: Stage, at: Date): Promise<Told> {
  const invocation = await monitor.invoke({ action: 'monitor' }, at);
  if (!invocation.ok) throw new StoryError(`${invocation.errorType}: ${invocation.errorMessage}`);
  return v.parse(Told, invocation.payload);
}

/** The last mail, or its first paragraphs. */
function showMail(aws: EmbeddedAws, paragraphs: number): void {
  const message = aws.published().at(-1);
  const { email } = v.parse(v.object({ email: v.string() }), JSON.parse(message?.message ?? '{}'));
  const body = email.trimEnd().split('\n\n').slice(0, paragraphs).join('\n\n');
  const lines = [`To: ${READER}`, `Subject: ${message?.subject ?? ''}`, '', ...body.split('\n')];
  console.log(`\n${lines.map((line) => `     | ${line}`.trimEnd()).join('\n')}\n`);
}

async function correctLists(iam: IAMClient, report: Told): Promise<void> {
  for (const { providerArn, listed, expected } of report.targets) {
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: providerArn,
        ThumbprintList: [...new Set([...listed, ...expected])],
      }),
    );
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof StoryError ? error.message : error);
  process.exitCode = 1;
});
