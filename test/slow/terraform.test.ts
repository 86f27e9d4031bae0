import {
  GetOpenIDConnectProviderCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { App, Stack, aws_ecr as ecr } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readReport } from '../../cli/commands/report-schema';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startIssuer } from '../../demo/issuer';
import type { Chain, Issuer } from '../../demo/issuer';
import { CircleCiFederation } from '../../infra/federation/circleci-federation';
import { CircleCiRole } from '../../infra/federation/circleci-role';
import { decide, readTrustPolicy } from '../oracle/oracle';
import { commandLine } from '../support/command-line';
import type { CommandLine, Finished } from '../support/command-line';
import { settings } from '../support/emulator';
import { motoIsThere, startMoto } from '../support/moto';
import type { Moto } from '../support/moto';
import { PROJECT } from '../support/roles';
import { terraformIsThere, workspace } from '../support/terraform';
import type { Workspace } from '../support/terraform';

// The provider is a large program, which is started for every command.
jest.setTimeout(240_000);

const EXAMPLE = join(__dirname, '..', '..', 'examples', 'terraform');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const ROLE = 'arn:aws:iam::123456789012:role/circleci-ecr-push';

/** A whole authority of its own. */
async function authority(name: string): Promise<{ root: Identity; chain: Chain; top: string }> {
  const root = await mint({ commonName: `${name} Root`, ca: true });
  const middle = await mint({ commonName: `${name} Intermediate`, ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: middle });
  return { root, chain: [leaf, middle], top: middle.thumbprint };
}

interface Stage {
  readonly issuer: Issuer;
  readonly account: Moto;
  readonly cli: CommandLine;
  readonly own: Workspace;
  readonly audit: (output?: string) => Promise<Finished>;
  readonly before: Awaited<ReturnType<typeof authority>>;
  readonly after: Awaited<ReturnType<typeof authority>>;
}

/** Returns its output. The failing test shows what went wrong. */
async function succeed({ terraform }: Workspace, ...args: readonly string[]): Promise<string> {
  const finished = await terraform(...args);
  expect({ args, ...finished }).toMatchObject({ code: 0 });
  return finished.stdout;
}

/**
 * Terraform's provider cannot compare a URL that has a port with what IAM stores of it, so each apply makes this one
 * anew. Without a port it stays.
 *
 * An override file merges into the resource of the same name. The audit names it by its issuer.
 */
const asOverride = (block: string): string =>
  block.replace(/^(resource "aws_iam_openid_connect_provider") "\w+"/m, '$1 "circleci"');

/** Whether the role lets in a job of a project, by the oracle. */
function decideOn(trustPolicy: string, issuer: Issuer, project: string): string {
  const url = issuer.issuerOf(ORG).slice('https://'.length);
  const arn = `arn:aws:iam::123456789012:oidc-provider/${url}`;
  const policy = readTrustPolicy(trustPolicy, { kind: 'server', arn, url, org: ORG, audiences: [ORG] });
  const sub = `org/${ORG}/project/${project}/user/${USER}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`;
  const sessionName = 'build-7';
  return decide(policy, { sub, org: ORG, project, aud: ORG, sessionName, network: 'IPv4' });
}

const withTerraform = terraformIsThere ? describe : describe.skip;

withTerraform('the Terraform example', () => {
  it('is formatted', async () => {
    const own = workspace(EXAMPLE, '', {});
    expect(await own.terraform('fmt', '-check', '-diff', EXAMPLE)).toMatchObject({ code: 0, stdout: '' });
    own.remove();
  });
});

const withMoto = motoIsThere ? withTerraform : describe.skip;
withMoto('the Terraform example, on moto_server', () => {
  let stage: Stage;

  beforeAll(async () => {
    const [before, after] = await Promise.all([authority('First'), authority('Second')]);
    const issuer = await startIssuer({ chain: before.chain });
    const account = await startMoto();
    const cli = commandLine();
    const authorities = cli.file('ca.pem', `${before.root.pem}\n${after.root.pem}`);
    const own = workspace(EXAMPLE, account.url, {
      org_id: ORG,
      project_id: PROJECT,
      repository_arn: 'arn:aws:ecr:eu-west-1:123456789012:repository/app',
      thumbprints: [before.top],
      issuer: issuer.url,
    });
    const audit = (output = 'json'): Promise<Finished> =>
      cli.run(
        [
          ...['audit', '--issuer', issuer.issuerOf(ORG), '--output', output],
          ...['--allow-private-networks', '--ca-file', authorities],
        ],
        {
          AWS_ENDPOINT_URL: account.url,
          AWS_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
        },
      );
    stage = { issuer, account, cli, own, audit, before, after };
  });

  afterAll(async () => {
    stage.own.remove();
    stage.cli.remove();
    await Promise.all([stage.issuer.close(), stage.account.stop()]);
  });

  it('applies, audits clean, drifts, is reported, and is clean again by the remedy of the audit', async () => {
    const { issuer, own, audit, before, after, account } = stage;
    await succeed(own, 'init', '-input=false');
    await succeed(own, 'apply', '-auto-approve', '-input=false');
    expect(await succeed(own, 'output', '-raw', 'role_arn')).toBe(ROLE);
    const iam = new IAMClient(settings(account.url));
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'circleci-ecr-push' }));
    expect(attached.AttachedPolicies).toMatchObject([{ PolicyName: 'circleci-ecr-push' }]);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'circleci-ecr-push' }));
    iam.destroy();
    const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
    expect([PROJECT, OTHER].map((project) => decideOn(trust, issuer, project))).toEqual(['yes', 'no']);

    const clean = await audit();
    expect(clean).toMatchObject({ code: 0, stderr: '' });
    expect(readReport(JSON.parse(clean.stdout)).targets).toMatchObject([
      { status: 'in-sync', listed: [before.top], roles: [ROLE], findings: [] },
    ]);

    issuer.rotate([after.chain]);
    const drifted = await audit();
    expect(drifted.code).toBe(1);
    expect(readReport(JSON.parse(drifted.stdout)).targets).toMatchObject([
      {
        status: 'drifted',
        enforced: true,
        expected: [after.top],
        findings: [{ check: 'THUMB001', severity: 'critical' }],
      },
    ]);

    const proposed = await audit('terraform');
    expect(proposed.code).toBe(1);
    writeFileSync(join(own.folder, 'thumbprints_override.tf'), asOverride(proposed.stdout));
    await succeed(own, 'apply', '-auto-approve', '-input=false');
    const corrected = await audit();
    expect(corrected).toMatchObject({ code: 0, stderr: '' });
    expect(readReport(JSON.parse(corrected.stdout)).targets).toMatchObject([
      { status: 'in-sync', listed: [before.top, after.top], findings: [] },
    ]);
  });

  it('leaves nothing when it is destroyed', async () => {
    await succeed(stage.own, 'destroy', '-auto-approve', '-input=false');
    const { code, stdout } = await stage.audit();
    expect(code).toBe(1);
    expect(readReport(JSON.parse(stdout)).targets).toMatchObject([{ status: 'provider-missing' }]);
  });
});

/** What a policy permits, and under which conditions, without the identifiers of its tool. */
const STATEMENTS = v.object({
  Statement: v.union([
    v.array(v.unknown()),
    v.pipe(
      v.looseObject({}),
      v.transform((one) => [one]),
    ),
  ]),
});
const ALLOWED = v.object({
  Action: v.union([v.string(), v.array(v.string())]),
  Condition: v.optional(v.unknown()),
});

const allowedBy = (policy: unknown): readonly unknown[] =>
  v.parse(STATEMENTS, policy).Statement.map((one) => {
    const { Action, Condition } = v.parse(ALLOWED, one);
    return { actions: [Action].flat().sort(), condition: Condition };
  });

const RESOURCE = v.object({
  Properties: v.looseObject({
    AssumeRolePolicyDocument: v.optional(v.unknown()),
    PolicyDocument: v.optional(v.unknown()),
  }),
});

/** The same by our constructs. */
function cdkPolicies(): { readonly trust: readonly unknown[]; readonly permissions: readonly unknown[] } {
  const stack = new Stack(new App(), 'Ci', { env: { account: '123456789012', region: 'eu-west-1' } });
  const federation = new CircleCiFederation(stack, 'CircleCi', { org: ORG });
  const role = new CircleCiRole(stack, 'Role', { federation, project: PROJECT });
  role.grantEcrPush(ecr.Repository.fromRepositoryName(stack, 'App', 'app'));
  const template = Template.fromStack(stack);
  const properties = (type: string): readonly v.InferOutput<typeof RESOURCE>['Properties'][] =>
    Object.values(template.findResources(type)).map((one) => v.parse(RESOURCE, one).Properties);
  return {
    trust: properties('AWS::IAM::Role').flatMap((one) => allowedBy(one.AssumeRolePolicyDocument)),
    permissions: properties('AWS::IAM::Policy').flatMap((one) => allowedBy(one.PolicyDocument)),
  };
}

withMoto('the Terraform example for an org of circleci.com, on moto_server', () => {
  let account: Moto;
  let own: Workspace;
  let iam: IAMClient;
  const provider = {
    OpenIDConnectProviderArn: `arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/${ORG}`,
  };

  beforeAll(async () => {
    account = await startMoto();
    iam = new IAMClient(settings(account.url));
    own = workspace(EXAMPLE, account.url, {
      org_id: ORG,
      project_id: PROJECT,
      repository_arn: 'arn:aws:ecr:eu-west-1:123456789012:repository/app',
    });
    await succeed(own, 'init', '-input=false');
    await succeed(own, 'apply', '-auto-approve', '-input=false');
  });

  afterAll(async () => {
    own.remove();
    iam.destroy();
    await account.stop();
  });

  it('sets no thumbprint, and keeps a thumbprint that is added in IAM', async () => {
    const { ThumbprintList = [] } = await iam.send(new GetOpenIDConnectProviderCommand(provider));
    expect(ThumbprintList).toEqual([]);
    const added = { ...provider, ThumbprintList: ['0'.repeat(40)] };
    await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand(added));
    // Exit code 2 would be a change.
    expect(await own.terraform('plan', '-input=false', '-detailed-exitcode')).toMatchObject({ code: 0 });
  });

  it('trusts and permits what the constructs of the CDK do', async () => {
    const { trust, permissions } = cdkPolicies();
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'circleci-ecr-push' }));
    const document = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
    expect(allowedBy(JSON.parse(document))).toEqual(trust);
    const version = { PolicyArn: 'arn:aws:iam::123456789012:policy/circleci-ecr-push', VersionId: 'v1' };
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version));
    const policy: unknown = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''));
    expect(new Set(allowedBy(policy))).toEqual(new Set(permissions));
  });
});
