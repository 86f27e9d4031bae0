/** `npm start`: the deployed code on embedded endpoints. It tells a story, and exits 1 where it ends wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const ORGS = ['b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608'];
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const CREDENTIALS = { accessKeyId: 'demo', secretAccessKey: 'demo' };
const REGION = 'eu-west-1';
/** Known to the function alone. */
const NAME = 'ci.example.com';

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
  readonly issuer: Issuer & { readonly edges: readonly string[] };
  readonly monitor: LocalFunction;
  readonly iam: IAMClient;
}

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
  const aws = await startAws();
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-demo-'));
  try {
    const rootFile = join(folder, 'root.pem');
    writeFileSync(rootFile, root.pem);
    const iam = new IAMClient({ endpoint: aws.url, region: REGION, credentials: CREDENTIALS });
    const topicArn = await setUpAccount(aws, issuer, iam, before);
    const monitor = await startMonitor(aws, issuer, topicArn, rootFile);
    try {
      await tell({ aws, issuer, monitor, iam }, root);
    } finally {
      await monitor.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([issuer.close(), aws.close()]);
  }
}

/** Two edges behind one name. Linux has all of 127/8, macOS has ::1; a machine with neither shows one edge. */
async function startEdges(
  chain: readonly Identity[],
): Promise<Issuer & { readonly edges: readonly string[] }> {
  for (const second of ['127.0.0.2', '::1']) {
    const edges = ['127.0.0.1', second];
    const issuer = await startIssuer({ chain, name: NAME, addresses: edges }).catch(() => null);
    if (issuer !== null) return { ...issuer, edges };
  }
  return { ...(await startIssuer({ chain, name: NAME })), edges: ['127.0.0.1'] };
}

async function tell(stage: Stage, root: Identity): Promise<void> {
  const { aws, issuer, iam } = stage;
  console.log(
    `\n1. Two orgs, each with an OIDC provider in IAM. Their issuer has ${issuer.edges.length} edges.`,
  );
  const first = await run(stage);
  check(first.summary.inSync === 2, `in sync: ${first.summary.inSync} of 2`);
  check(aws.published().length === 0, 'no message was sent');

  console.log('\n2. One of the edges gets a certificate from a new intermediate CA.');
  const after = await chainBelow(root, 'Demo Intermediate CA 2026');
  issuer.rotate([after], issuer.edges.at(-1));
  const second = await run(stage);
  check(second.summary.drifted === 2, `drifted: ${second.summary.drifted} of 2`);
  check(aws.published().length === 1, 'one message was sent. The mail:');
  showMail(aws);

  console.log('3. Somebody does what the mail says.');
  await correctLists(iam, second);
  const third = await run(stage);
  check(third.summary.inSync === 2, `in sync: ${third.summary.inSync} of 2`);
  check(aws.published().length === 1, 'no further message was sent');

  console.log('\n4. The other edge follows. Its new thumbprint is listed already.');
  issuer.rotate([after]);
  const fourth = await run(stage);
  check(fourth.summary.inSync === 2, `in sync: ${fourth.summary.inSync} of 2`);
  check(aws.published().length === 1, 'no further message was sent');
  console.log(
    `\n${process.exitCode === undefined ? 'All as it should be.' : 'Something went wrong: see above.'}`,
  );
}

/** What a server sends: the leaf and the intermediate CA. The root stays at home. */
async function chainBelow(root: Identity, name: string): Promise<readonly Identity[]> {
  const intermediate = await mint({ commonName: name, ca: true, signedBy: root });
  const leaf = await mint({ commonName: NAME, hosts: [NAME], signedBy: intermediate });
  return [leaf, intermediate];
}

/** One provider an org, which lists what is served today, a role for its jobs, and a topic with a reader. */
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
    const role = { RoleName: `ci-${org.slice(0, 8)}`, AssumeRolePolicyDocument: trustPolicy(arn, org) };
    await iam.send(new CreateRoleCommand(role));
  }
  const sns = new SNSClient({ endpoint: aws.url, region: REGION, credentials: CREDENTIALS });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'you@example.com' }));
  return TopicArn;
}

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

/** The bundle that is deployed, in a process of its own. The demo's root stands in for a public CA. */
function startMonitor(
  aws: EmbeddedAws,
  issuer: Stage['issuer'],
  topicArn: string,
  rootFile: string,
): Promise<LocalFunction> {
  const config = { issuers: ORGS.map(issuer.issuerOf), allowPrivateNetworks: true, topicArn };
  return startFunction({
    bundle: buildFunction().entry,
    hosts: { [NAME]: issuer.edges },
    environment: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL: aws.url,
      NODE_EXTRA_CA_CERTS: rootFile,
      MONITOR_CONFIG: JSON.stringify(config),
    },
  });
}

/** The class of errors that end the story early. */
class StoryError extends Error {
  override readonly name = 'StoryError';
}

async function run({ monitor }: Stage): Promise<Told> {
  const invocation = await monitor.invoke({ action: 'monitor' });
  if (!invocation.ok) throw new StoryError(`${invocation.errorType}: ${invocation.errorMessage}`);
  return v.parse(Told, invocation.payload);
}

function showMail(aws: EmbeddedAws): void {
  const [message] = aws.published();
  const { email } = v.parse(v.object({ email: v.string() }), JSON.parse(message?.message ?? '{}'));
  const lines = [
    `To: you@example.com`,
    `Subject: ${message?.subject ?? ''}`,
    '',
    ...email.trimEnd().split('\n'),
  ];
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
