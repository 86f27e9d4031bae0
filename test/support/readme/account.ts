/** The world in which README's commands are run: an account, two issuers under public names, and the deployed function. */
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mint } from '../../../demo/authority';
import type { Identity } from '../../../demo/authority';
import { startAws } from '../../../demo/aws';
import type { EmbeddedAws } from '../../../demo/aws';
import { startIssuer } from '../../../demo/issuer';
import type { Issuer } from '../../../demo/issuer';
import { withPublicRoots } from '../../../demo/public-roots';
import type { Environment } from '../command-line';
import { build } from '../deployment';
import { settings } from '../emulator';
import { startLambda } from '../lambda-endpoint';
import { createProvider, letIn } from '../let-in';

const ROOT = join(__dirname, '..', '..', '..');
const NAME = 'oidc.circleci.com';
const OTHER = 'ci.example.com';
const OTHER_PORT = 8443;

/** The environment and folders of commands. */
export interface ReadmeAccount {
  readonly aws: EmbeddedAws;
  /** A folder with the examples and nothing else. */
  readonly folder: string;
  /** The last certificate of the issuers' chains. */
  readonly thumbprint: string;
  /** Without credentials. */
  readonly home: Environment;
  /** No AWS, and the internet of `one-internet.mjs`. */
  readonly outside: Environment;
  /** With credentials for the account, too. */
  readonly inside: Environment;
  /** With credentials for Lambda, whose one function is called Monitor. */
  readonly lambda: Environment;
  readonly close: () => Promise<void>;
}

/** Credentials for an emulated account. */
export const credentialsFor = (url: string): Environment => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  // What AWS CLI v1 reads.
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});

/**
 * Starts it all. The account has two providers, both as they should be: that of a CircleCI org, with a role that lets a
 * project in, and that of `https://ci.example.com:8443/org/ORG`. The topic has a recipient.
 */
export async function startReadmeAccount(org: string): Promise<ReadmeAccount> {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-readme-'));
  symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
  const root = await mint({ commonName: 'Public Root', ca: true });
  const top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  const issuers = await startIssuers(top);
  const aws = await startAws();
  const topicArn = await fill(aws, issuers, { org, thumbprint: top.thumbprint });
  writeFileSync(join(folder, 'root.pem'), root.pem);
  const home = { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', npm_config_update_notifier: 'false' };
  const roots = withPublicRoots(join(folder, 'root.pem'), issuers.environment['NODE_OPTIONS']);
  const outside = { ...home, ...issuers.environment, ...roots };
  const builder = build();
  const monitor = await builder.deploy({
    endpoint: aws.url,
    config: { topicArn },
    publicRoots: [root],
    environment: issuers.environment,
  });
  const lambda = await startLambda('Monitor', (event) => monitor.invoke(event));
  return {
    aws,
    folder,
    thumbprint: top.thumbprint,
    home,
    outside,
    inside: { ...outside, ...credentialsFor(aws.url) },
    lambda: { ...home, ...credentialsFor(lambda.url) },
    close: async () => {
      await monitor.stop();
      await Promise.all([lambda.close(), aws.close(), issuers.close()]);
      builder.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A CircleCI issuer and another one, by public names that lead to this machine. */
export interface Issuers {
  readonly circleci: Issuer;
  readonly other: Issuer;
  /** The variables by which a process finds them under their names. */
  readonly environment: Environment;
  readonly close: () => Promise<void>;
}

/** Starts both under their public names. `top`: the last certificate of their chains. */
export async function startIssuers(top: Identity): Promise<Issuers> {
  const chain = [await mint({ commonName: NAME, hosts: [NAME, OTHER], signedBy: top }), top];
  const circleci = await startIssuer({ chain, name: NAME, publicPort: 443 });
  const other = await startIssuer({ chain, name: OTHER, publicPort: OTHER_PORT });
  return {
    circleci,
    other,
    environment: {
      NODE_OPTIONS: `--import ${pathToFileURL(join(__dirname, 'one-internet.mjs')).href}`,
      LOCAL_PORTS: JSON.stringify({ 443: circleci.port, [OTHER_PORT]: other.port }),
    },
    close: async () => {
      await Promise.all([circleci.close(), other.close()]);
    },
  };
}

/** Makes providers, role and topic, and gives the topic's ARN. */
async function fill(
  aws: EmbeddedAws,
  { circleci, other }: Issuers,
  { org, thumbprint }: { readonly org: string; readonly thumbprint: string },
): Promise<string> {
  const iam = new IAMClient(settings(aws.url));
  const listing = { audiences: [org], thumbprints: [thumbprint] };
  await letIn(iam, { ...listing, issuer: circleci.issuerOf(org) });
  await createProvider(iam, { ...listing, issuer: other.issuerOf(org) });
  const sns = new SNSClient(settings(aws.url));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'Alerts' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'you@example.com' }));
  aws.confirm(TopicArn, 'you@example.com');
  return TopicArn;
}
