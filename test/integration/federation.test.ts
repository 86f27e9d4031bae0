/** The synthesized role in an account, and jobs that log in to it with signed tokens. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { mint } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import type { Job, Tokens } from '../../demo/tokens';
import { FederationStack } from '../../infra/federation/federation-stack';
import type { CircleCiTrustProps } from '../../infra/federation/props';
import { settings } from '../support/emulator';
import { federated } from '../support/federated';
import { createProvider } from '../support/let-in';
import { PROJECT } from '../support/roles';

// The issuer makes an RSA key, and the CDK is loaded, which take their time on a busy machine.
jest.setTimeout(60_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const NAME = 'ci.example.com';
const MAIN: Job = { org: ORG, project: PROJECT, user: USER };

let issuer: Issuer;
let aws: EmbeddedAws;
let iam: IAMClient;
let sts: STSClient;

beforeAll(async () => {
  const root = await mint({ commonName: 'Public Root', ca: true });
  const middle = await mint({ commonName: 'Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: NAME, hosts: [NAME], signedBy: middle });
  issuer = await startIssuer({ chain: [leaf, middle], name: NAME });
  aws = await startAws({ hosts: { [NAME]: ['127.0.0.1'] }, publicRoots: root.pem });
  iam = new IAMClient(settings(aws.url));
  sts = new STSClient({ endpoint: aws.url, region: 'eu-west-1', maxAttempts: 1 });
  const url = issuer.issuerOf(ORG);
  const provider = `arn:aws:iam::123456789012:oidc-provider/${url.slice('https://'.length)}`;
  const source = { origin: 'github.com/acme/app', ref: 'refs/heads/main' };
  // Synthesis blocks the thread for seconds; by then an open connection would have timed out.
  const tests = policyFor({ provider, project: PROJECT });
  const main = policyFor({ provider, project: PROJECT, ...source });
  expect(await createProvider(iam, { issuer: url, audiences: [ORG], thumbprints: [middle.thumbprint] })).toBe(
    provider,
  );
  await iam.send(new CreateRoleCommand({ RoleName: 'tests', AssumeRolePolicyDocument: tests }));
  await iam.send(new CreateRoleCommand({ RoleName: 'main', AssumeRolePolicyDocument: main }));
});

afterAll(async () => {
  iam.destroy();
  sts.destroy();
  await Promise.all([issuer.close(), aws.close()]);
});

/** The trust policy of the stack's role, as CloudFormation would create it. */
function policyFor(props: CircleCiTrustProps & { readonly provider: string }): string {
  const [role] = federated(new FederationStack(new App(), 'CircleCiFederation', props)).roles;
  return role?.trustPolicy ?? '';
}

/** `in`, or the name of the refusal. */
const login = (role: string, job: Job, token: keyof Tokens = 'CIRCLE_OIDC_TOKEN_V2'): Promise<string> =>
  sts
    .send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::123456789012:role/${role}`,
        RoleSessionName: 'build-7',
        WebIdentityToken: issuer.tokensOf(job)[token],
      }),
    )
    .then(
      () => 'in',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );

describe('CircleCiRole accepts a job', () => {
  it('with either token, from any branch, if the role names the project alone', async () => {
    expect(await login('tests', MAIN)).toBe('in');
    expect(await login('tests', MAIN, 'CIRCLE_OIDC_TOKEN')).toBe('in');
    expect(await login('tests', { ...MAIN, ref: 'refs/heads/develop' })).toBe('in');
  });

  it('from main, if the role names it', async () => {
    expect(await login('main', MAIN)).toBe('in');
  });
});

describe('CircleCiRole refuses a job', () => {
  it.each<[string, string, Job, keyof Tokens]>([
    ['another project', 'tests', { ...MAIN, project: USER }, 'CIRCLE_OIDC_TOKEN_V2'],
    ['another project of main', 'main', { ...MAIN, project: USER }, 'CIRCLE_OIDC_TOKEN_V2'],
    ['a token that names no ref', 'main', MAIN, 'CIRCLE_OIDC_TOKEN'],
    ['another branch', 'main', { ...MAIN, ref: 'refs/heads/develop' }, 'CIRCLE_OIDC_TOKEN_V2'],
    ['a fork', 'main', { ...MAIN, origin: 'github.com/evil/app' }, 'CIRCLE_OIDC_TOKEN_V2'],
    [
      'a fork with a branch that is named like the wanted source',
      'main',
      {
        ...MAIN,
        origin: 'github.com/evil/app',
        ref: 'refs/heads/x/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
      },
      'CIRCLE_OIDC_TOKEN_V2',
    ],
  ])('of %s, by the role %s', async (_who, role, job, token) => {
    expect(await login(role, job, token)).toBe('AccessDenied');
  });
});
