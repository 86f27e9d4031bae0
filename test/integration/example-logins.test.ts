/** The scripts of examples/github-actions and examples/gitlab log in with roles of OidcRole, at the embedded STS. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { safeLoad } from 'js-yaml';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { portOf } from '../../demo/port';
import type { OidcTrust } from '../../infra/federation/oidc-props';
import { OidcRole } from '../../infra/federation/oidc-role';
import type { Finished } from '../support/command-line';
import { settings } from '../support/emulator';
import { federated } from '../support/federated';
import { createProvider } from '../support/let-in';
import { motoIsThere, startMoto } from '../support/moto';
import { run } from '../support/shell';
import { hasTool } from '../support/tools';

// Each command of the AWS CLI is a Python process, which takes its time on a busy machine.
jest.setTimeout(120_000);

const EXAMPLES = join(__dirname, '..', '..', 'examples');
const AUDIENCE = 'sts.amazonaws.com';

/** The embedded issuer has the paths of CircleCI Server, whatever it signs. */
const PATH_OF_ISSUER = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

/** An example, as its CI system runs it. */
interface Example {
  readonly folder: 'github-actions' | 'gitlab';
  /** Where the file of the CI system expects the script. */
  readonly script: string;
  /** Of a customer's server, so that the host may be another one. */
  readonly issuer: string;
  readonly trust: OidcTrust;
  readonly subject: string;
  readonly otherSubject: string;
  readonly session: string;
  /** What the job has in its environment beside the token. */
  readonly job: Readonly<Record<string, string>>;
}

const GITHUB: Example = {
  folder: 'github-actions',
  script: '.github/assume-role.sh',
  issuer: 'https://git.example.com/_services/token',
  trust: { github: { owner: 'acme', repository: 'app', refs: ['refs/heads/main'] } },
  subject: 'repo:acme/app:ref:refs/heads/main',
  otherSubject: 'repo:acme/app:pull_request',
  session: 'github-1234567890-2',
  job: { GITHUB_RUN_ID: '1234567890', GITHUB_RUN_ATTEMPT: '2' },
};

const GITLAB: Example = {
  folder: 'gitlab',
  script: 'ci/assume-role.sh',
  issuer: 'https://gitlab.example.com',
  trust: { gitlab: { projectPath: 'acme/backend/app', refType: 'branch', refs: ['main'] } },
  subject: 'project_path:acme/backend/app:ref_type:branch:ref:main',
  otherSubject: 'project_path:acme/backend/app:ref_type:branch:ref:develop',
  session: 'gitlab-acme-backend-app-302',
  job: { CI_PROJECT_PATH: 'acme/backend/app', CI_JOB_ID: '302' },
};

const nameOf = ({ folder }: Example): string => `${folder}-app`;
const arnOf = (example: Example): string => `arn:aws:iam::123456789012:role/${nameOf(example)}`;

/** The trust policy of OidcRole, for the embedded issuer instead of the one of the example. */
function trustPolicyOf({ issuer, trust }: Example, url: string): string {
  const path = issuer.slice('https://'.length);
  const stack = new Stack();
  const provider = `arn:aws:iam::123456789012:oidc-provider/${path}`;
  new OidcRole(stack, 'Role', { provider, audience: AUDIENCE, trust });
  const [role] = federated(stack).roles;
  return (role?.trustPolicy ?? '').replaceAll(path, url.slice('https://'.length));
}

let folder: string;
let issuer: Issuer;
let issuerUrl = '';
let aws: EmbeddedAws;
let thumbprint = '';

beforeAll(async () => {
  const root = await mint({ commonName: 'Public Root', ca: true });
  const top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
  thumbprint = top.thumbprint;
  issuer = await startIssuer({ chain: [leaf, top] });
  issuerUrl = issuer.issuerOf(PATH_OF_ISSUER);
  aws = await startAws();
  await setUp(aws.url);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-example-'));
  for (const example of [GITHUB, GITLAB]) {
    mkdirSync(join(folder, dirname(example.script)));
    copyFileSync(join(EXAMPLES, example.folder, 'assume-role.sh'), join(folder, example.script));
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

afterAll(async () => {
  await Promise.all([issuer.close(), aws.close()]);
});

/** The provider, and a role for each example. */
async function setUp(url: string): Promise<void> {
  const iam = new IAMClient(settings(url));
  await createProvider(iam, { issuer: issuerUrl, audiences: [AUDIENCE], thumbprints: [thumbprint] });
  for (const example of [GITHUB, GITLAB]) {
    const policy = trustPolicyOf(example, issuerUrl);
    await iam.send(new CreateRoleCommand({ RoleName: nameOf(example), AssumeRolePolicyDocument: policy }));
  }
  iam.destroy();
}

function token(sub: string): string {
  const iat = Math.floor(Date.now() / 1_000);
  return issuer.sign({ iss: issuerUrl, sub, aud: AUDIENCE, iat, nbf: iat, exp: iat + 300 });
}

/** What both jobs have in their environment. */
const environment = (example: Example, url: string): Record<string, string> => ({
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ROLE_ARN: arnOf(example),
  ...example.job,
});

/** What AWS says to a token that the role does not trust. The embedded account trusts each. */
const refuse = (): void => {
  const message = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';
  aws.failNext('AssumeRoleWithWebIdentity', { code: 'AccessDenied', status: 403, message });
};

/** Of the last login. */
const sent = (): unknown =>
  aws.calls().findLast(({ action }) => action === 'AssumeRoleWithWebIdentity')?.parameters;

const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const REGIONS = ['AWS_REGION', 'AWS_DEFAULT_REGION'];

/** Lines of the form NAME=value. */
const variablesIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

const LOGGED_IN = (example: Example): string =>
  `assume-role: Logged in as ${arnOf(example)}, session ${example.session}.\n`;

const REFUSED = (example: Example): readonly string[] => [
  `AWS gave no credentials for ${arnOf(example)}.`,
  '(AccessDenied)',
  'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  `The subject of this job's token is '${example.otherSubject}'. Does the role trust it?`,
];

const IDENTITY = v.object({ Arn: v.string() });

/** The identity in what `aws sts get-caller-identity` prints. */
const identityIn = (stdout: string): string =>
  v.parse(IDENTITY, JSON.parse(stdout.slice(stdout.indexOf('{')))).Arn;

const identityOf = (example: Example): string =>
  `arn:aws:sts::123456789012:assumed-role/${nameOf(example)}/${example.session}`;

const withTools =
  hasTool('aws', 'the examples of GitHub and GitLab with the AWS CLI') &&
  hasTool('bash', 'the examples of GitHub and GitLab') &&
  hasTool('curl', 'the example of GitHub') &&
  hasTool('jq', 'the example of GitHub')
    ? describe
    : describe.skip;
const withMoto = motoIsThere ? it : it.skip;

const WORKFLOW = v.object({
  jobs: v.record(v.string(), v.object({ steps: v.array(v.object({ run: v.optional(v.string()) })) })),
});

withTools('examples/github-actions/login.yml', () => {
  const file = v.parse(
    WORKFLOW,
    safeLoad(readFileSync(join(EXAMPLES, 'github-actions', 'login.yml'), 'utf8')),
  );
  const steps = (file.jobs['who-am-i-by-script']?.steps ?? []).flatMap(({ run: command }) => command ?? []);
  const [login = '', ...others] = steps;
  const githubEnv = (): string => join(folder, 'github-env');

  /** Of the run: what signs a token for the audience in the request, as GitHub does. */
  async function withTokens<T>(
    answer: (audience: string | null) => { readonly value: string } | null,
    use: (request: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const isKnown =
        request.headers.authorization === 'Bearer request-token' && searchParams.get('api') === '2';
      const body = isKnown ? answer(searchParams.get('audience')) : null;
      response.writeHead(body === null ? 403 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? { message: 'refused' }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await use({
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${portOf(server)}/token?api=2`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      });
    } finally {
      server.close();
    }
  }

  /** A step, as the runner starts it. */
  const step = (command: string, given: Readonly<Record<string, string>>): Promise<Finished> =>
    run('bash', ['-e', '-c', command], { environment: given, folder });

  const runLogin = (
    sub: string,
    url: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Finished> =>
    withTokens(
      (audience) => (audience === AUDIENCE ? { value: token(sub) } : null),
      (request) => step(login, { ...environment(GITHUB, url), ...request, GITHUB_ENV: githubEnv(), ...more }),
    );

  const kept = (): Readonly<Record<string, string>> => variablesIn(readFileSync(githubEnv(), 'utf8'));

  it('logs in, masks the credentials, and prints no other secret', async () => {
    writeFileSync(githubEnv(), 'BEFORE=1\n');
    const { code, stdout, stderr } = await runLogin(GITHUB.subject, aws.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: LOGGED_IN(GITHUB) });
    expect(Object.keys(kept())).toEqual(['BEFORE', ...CREDENTIALS, ...REGIONS]);
    expect(stdout).toBe(CREDENTIALS.map((name) => `::add-mask::${kept()[name] ?? ''}\n`).join(''));
    expect(sent()).toMatchObject({
      RoleArn: arnOf(GITHUB),
      RoleSessionName: GITHUB.session,
      DurationSeconds: '3600',
      WebIdentityToken: expect.stringMatching(/^eyJ/),
    });
  });

  it('reports a refusal in the words of AWS and with the subject of the token, and keeps nothing', async () => {
    refuse();
    const { code, stdout, stderr } = await runLogin(GITHUB.otherSubject, aws.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const words of REFUSED(GITHUB)) expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/eyJ|request-token/);
    expect(existsSync(githubEnv())).toBe(false);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a role', { AWS_ROLE_ARN: '' }, 'AWS_ROLE_ARN is missing'],
    ['a region', { AWS_REGION: '' }, 'AWS_REGION is missing'],
    ['the permission', { ACTIONS_ID_TOKEN_REQUEST_URL: '' }, 'Give it the permission id-token: write.'],
    ['a file for credentials', { GITHUB_ENV: '' }, 'GITHUB_ENV is not set'],
    [
      'a valid token of the request',
      { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'expired' },
      'GitHub gave no OIDC token.',
    ],
    [
      'a token for the audience',
      { AWS_AUDIENCE: 'https://github.com/acme&api=3' },
      'GitHub gave no OIDC token.',
    ],
  ])('says that %s is missing', async (_, more, words) => {
    const { code, stdout, stderr } = await runLogin(GITHUB.subject, aws.url, more);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  });

  withMoto('gives the next steps the identity of the role, on moto_server', async () => {
    const moto = await startMoto();
    try {
      await setUp(moto.url);
      expect(await runLogin(GITHUB.subject, moto.url)).toMatchObject({ code: 0 });
      const next = await step(others.join('\n'), { ...environment(GITHUB, moto.url), ...kept() });
      expect(identityIn(next.stdout)).toBe(identityOf(GITHUB));
    } finally {
      await moto.stop();
    }
  });
});

const PIPELINE = v.object({
  '.logged-in': v.object({ before_script: v.array(v.string()) }),
  'who-am-i': v.object({ script: v.array(v.string()) }),
});

withTools('examples/gitlab/.gitlab-ci.yml', () => {
  const file = v.parse(PIPELINE, safeLoad(readFileSync(join(EXAMPLES, 'gitlab', '.gitlab-ci.yml'), 'utf8')));
  const { before_script: before } = file['.logged-in'];

  /** A job, as the runner starts it: all commands in one shell. */
  const job = (
    script: readonly string[],
    given: Readonly<Record<string, string>>,
    ...options: readonly string[]
  ): Promise<Finished> =>
    run('bash', ['-e', '-o', 'pipefail', ...options, '-c', [...before, ...script].join('\n')], {
      environment: given,
      folder,
    });

  const given = (sub: string, url: string): Record<string, string> => ({
    ...environment(GITLAB, url),
    AWS_ID_TOKEN: token(sub),
  });

  it('logs in the shell of the job, and prints no secret', async () => {
    const { code, stdout, stderr } = await job(['env', 'declare -F'], given(GITLAB.subject, aws.url));
    expect({ code, stderr }).toEqual({ code: 0, stderr: LOGGED_IN(GITLAB) });
    const variables = variablesIn(stdout);
    expect(Object.keys(variables)).toEqual(expect.arrayContaining([...CREDENTIALS, ...REGIONS]));
    expect(stdout).not.toContain('_assume_role');
    expect(sent()).toMatchObject({
      RoleArn: arnOf(GITLAB),
      RoleSessionName: GITLAB.session,
      DurationSeconds: '3600',
      WebIdentityToken: variables['AWS_ID_TOKEN'],
    });
  });

  it('prints no secret if CI_DEBUG_TRACE turns on set -x', async () => {
    const { code, stdout, stderr } = await job(['echo "$-"'], given(GITLAB.subject, aws.url), '-x');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('x') });
    expect(stderr).not.toMatch(/ASIA[0-9A-Z]{16}|eyJ/);
  });

  it('fails the job with a refusal in the words of AWS and with the subject of the token', async () => {
    refuse();
    const { code, stdout, stderr } = await job(['echo never'], given(GITLAB.otherSubject, aws.url));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const words of REFUSED(GITLAB)) expect(stderr).toContain(words);
    expect(stderr).not.toContain('eyJ');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a role', { AWS_ROLE_ARN: '' }, 'AWS_ROLE_ARN is missing'],
    ['a region', { AWS_REGION: '' }, 'AWS_REGION is missing'],
    ['a token', { AWS_ID_TOKEN: '' }, 'AWS_ID_TOKEN is not set. Name it in id_tokens of the job.'],
    ['a token that is one', { AWS_ID_TOKEN: 'secret' }, 'AWS_ID_TOKEN is not a JSON Web Token.'],
  ])('says that %s is missing', async (_, more, words) => {
    const { code, stderr } = await job(['echo never'], { ...given(GITLAB.subject, aws.url), ...more });
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });

  it('says how it is used if it is executed', async () => {
    const { code, stderr } = await run('bash', [GITLAB.script], { environment: {}, folder });
    expect(code).toBe(1);
    expect(stderr).toContain('Source this file');
  });

  withMoto('gives the commands of the job the identity of the role, on moto_server', async () => {
    const moto = await startMoto();
    try {
      await setUp(moto.url);
      const { stdout } = await job(file['who-am-i'].script, given(GITLAB.subject, moto.url));
      expect(identityIn(stdout)).toBe(identityOf(GITLAB));
    } finally {
      await moto.stop();
    }
  });
});
