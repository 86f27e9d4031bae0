/** The audits of the CI examples, with the policy that they name, while IAM enforces it. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { safeLoad } from 'js-yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readReport } from '../../cli/commands/report-schema';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { withPublicRoots } from '../../demo/public-roots';
import { AWS_LAB, startLab } from '../support/aws-lab';
import { commandLine } from '../support/command-line';
import type { CommandLine, Environment, Finished } from '../support/command-line';
import { settings } from '../support/emulator';
import { createProvider } from '../support/let-in';
import { motoIsThere, startMoto } from '../support/moto';
import { ROOT } from '../support/readme/example';
import { startIssuers } from '../support/readme/account';
import type { Issuers } from '../support/readme/account';
import { PROJECT, allow, keyOf, policyOf } from '../support/roles';
import { run } from '../support/shell';
import { hasTool } from '../support/tools';

jest.setTimeout(240_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const MINUTES = 60_000;

const POLICY = v.object({
  Version: v.string(),
  Statement: v.array(
    v.object({
      Sid: v.string(),
      Effect: v.literal('Allow'),
      Action: v.union([v.string(), v.array(v.string())]),
      Resource: v.string(),
    }),
  ),
});
type Policy = v.InferOutput<typeof POLICY>;

const read = (file: string): Policy =>
  v.parse(POLICY, JSON.parse(readFileSync(join(ROOT, 'examples', file), 'utf8')));
const AUDIT = read('audit-policy.json');
const PUSH = read('ecr-push-policy.json');

const isOptional = ({ Sid }: Policy['Statement'][number]): boolean => Sid.startsWith('Optional');
const actionsOf = (statements: Policy['Statement']): readonly string[] =>
  statements.flatMap(({ Action }) => Action);
const OPTIONAL = actionsOf(AUDIT.Statement.filter(isOptional));
const NEEDED = actionsOf(AUDIT.Statement.filter((one) => !isOptional(one)));

/** Without these there is nothing to report. */
const WITHOUT_REPORT = NEEDED.filter(
  (action) => action.endsWith('OpenIDConnectProvider') || action.endsWith('Providers'),
);

const without = (policy: Policy, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((one) => ({
    ...one,
    Action: [one.Action].flat().filter((each) => each !== action),
  })).filter(({ Action }) => Action.length > 0),
});

/** moto_server alone compares every policy with the resource `*`. The lab compares it with the resource of the call. */
const asEnforced = (policy: Policy): Policy =>
  AWS_LAB === null
    ? { ...policy, Statement: policy.Statement.map((one) => ({ ...one, Resource: '*' })) }
    : policy;

const WORKFLOW = v.looseObject({
  jobs: v.record(v.string(), v.looseObject({ steps: v.array(v.unknown()) })),
});

/** The arguments of the audit in an example. */
function argumentsIn(file: string): readonly string[] {
  const { jobs } = v.parse(WORKFLOW, safeLoad(readFileSync(join(ROOT, 'examples', file), 'utf8')));
  const [, args = ''] = /npm run --silent audit -- ([^>"\\]+) >/.exec(JSON.stringify(jobs)) ?? [];
  return args.split(' ');
}

interface Stage {
  readonly url: string;
  readonly stop: () => Promise<void> | void;
  readonly issuers: Issuers;
  readonly cli: CommandLine;
  /** Variables of a job, by the actions that its policy lacks. */
  readonly jobs: ReadonlyMap<string, Environment>;
}

async function startAccount(folder: string): Promise<Pick<Stage, 'url' | 'stop'>> {
  if (AWS_LAB === null) return startMoto();
  const { environment, stop } = await startLab(AWS_LAB, folder);
  // Under the name of localhost the processes of a test do not find this machine.
  return { url: (environment['AWS_ENDPOINT_URL'] ?? '').replace('localhost', '127.0.0.1'), stop };
}

/** A CircleCI provider and a role for every ref of one project: whether it is powerful depends on its attached policies. */
async function fill(iam: IAMClient, { circleci }: Issuers, top: Identity): Promise<void> {
  const listing = { issuer: circleci.issuerOf(ORG), audiences: [ORG], thumbprints: [top.thumbprint] };
  const arn = await createProvider(iam, listing);
  const trusting = allow(arn, {
    StringEquals: { [keyOf(arn, 'aud')]: ORG },
    StringLike: { [keyOf(arn, 'sub')]: `org/${ORG}/project/${PROJECT}/user/*` },
  });
  await iam.send(new CreateRoleCommand({ RoleName: 'ci', AssumeRolePolicyDocument: policyOf(trusting) }));
}

/** Credentials of a role with this policy and no other. The role trusts no OIDC provider. */
async function logIn(url: string, iam: IAMClient, name: string, policy: Policy): Promise<Environment> {
  const PolicyDocument = JSON.stringify(asEnforced(policy));
  const account = { AWS: 'arn:aws:iam::123456789012:root' };
  const trusting = policyOf({ Effect: 'Allow', Principal: account, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trusting }));
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'only', PolicyDocument }));
  const sts = new STSClient(settings(url));
  const role = { RoleArn: `arn:aws:iam::123456789012:role/${name}`, RoleSessionName: 'job' };
  const { Credentials } = await sts.send(new AssumeRoleCommand(role));
  sts.destroy();
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
  };
}

const JOBS: readonly (readonly [name: string, policy: Policy])[] = [
  ['audit', AUDIT],
  ...[...NEEDED, ...OPTIONAL].map((action) => [`audit without ${action}`, without(AUDIT, action)] as const),
  ['push', PUSH],
  ['push without ecr:GetAuthorizationToken', without(PUSH, 'ecr:GetAuthorizationToken')],
];

const withMoto = motoIsThere ? describe : describe.skip;
withMoto('while IAM enforces policies', () => {
  let stage: Stage;

  beforeAll(async () => {
    const root = await mint({ commonName: 'Public Root', ca: true });
    const top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
    const issuers = await startIssuers(top);
    const cli = commandLine();
    const roots = withPublicRoots(cli.file('roots.pem', root.pem), issuers.environment['NODE_OPTIONS']);
    const { url, stop } = await startAccount(join(cli.file('lab', ''), '..'));
    const iam = new IAMClient(settings(url));
    await fill(iam, issuers, top);
    const jobs = new Map<string, Environment>();
    for (const [name, policy] of JOBS) {
      const given = await logIn(url, iam, name.replaceAll(/[^\w]/g, '-'), policy);
      jobs.set(name, { ...issuers.environment, ...roots, ...given });
    }
    iam.destroy();
    stage = { url, stop, issuers, cli, jobs };
    const enforced = await fetch(`${url}/moto-api/reset-auth`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      body: '0',
    });
    expect(enforced.status).toBe(200);
  }, 3 * MINUTES);

  afterAll(async () => {
    stage.cli.remove();
    await Promise.all([stage.issuers.close(), stage.stop()]);
  });

  const audit = (job: string, ...args: readonly string[]): Promise<Finished> =>
    stage.cli.run(['audit', ...args], stage.jobs.get(job));

  describe('the audit with examples/audit-policy.json', () => {
    it('reads everything', async () => {
      const { code, stdout, stderr } = await audit('audit', '--output', 'json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { failures, targets } = readReport(JSON.parse(stdout));
      expect(failures).toEqual([]);
      expect(targets).toMatchObject([{ status: 'in-sync', roles: [expect.stringMatching(/:role\/ci$/)] }]);
    });

    it.each(['circleci/audit.yml', 'github-actions/audit.yml'])(
      'does what examples/%s runs',
      async (file) => {
        const args = argumentsIn(file);
        expect(args).toContain('--output');
        const { code, stdout, stderr } = await audit('audit', ...args);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toContain(ORG);
        expect(stdout).not.toContain('AWS_ACCESS_DENIED');
      },
    );

    it.each(WITHOUT_REPORT)('without %s ends with the reason', async (action) => {
      const { code, stdout, stderr } = await audit(`audit without ${action}`, '--output', 'json');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`AWS denied ${action}`);
    });

    it.each(NEEDED.filter((action) => !WITHOUT_REPORT.includes(action)))(
      'without %s reports AWS_ACCESS_DENIED',
      async (action) => {
        const { code, stdout } = await audit(`audit without ${action}`, '--output', 'json');
        expect(code).toBe(2);
        const { failures } = readReport(JSON.parse(stdout));
        expect(failures).toMatchObject([
          { code: 'AWS_ACCESS_DENIED', message: expect.stringContaining(action) },
        ]);
      },
    );

    it.each(OPTIONAL)('without %s reports no failure', async (action) => {
      const { code, stdout } = await audit(`audit without ${action}`, '--output', 'json');
      expect(code).toBe(0);
      expect(readReport(JSON.parse(stdout)).failures).toEqual([]);
    });
  });

  const withAws = hasTool('aws', 'the login to ECR with examples/ecr-push-policy.json') ? it : it.skip;
  withAws('a job with examples/ecr-push-policy.json logs in to ECR', async () => {
    const aws = (job: string, ...args: readonly string[]): Promise<Finished> =>
      run('aws', args, { environment: stage.jobs.get(job) ?? {} });
    expect(await aws('push', 'sts', 'get-caller-identity')).toMatchObject({ code: 0 });
    expect(await aws('push', 'ecr', 'get-login-password')).toMatchObject({ code: 0 });
    const refused = await aws('push without ecr:GetAuthorizationToken', 'ecr', 'get-login-password');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('AccessDenied');
  });
});
