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
import type { Claims } from '../../demo/aws/condition-keys';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { portOf } from '../../demo/port';
import { githubClaims, gitlabClaims, validFor } from '../../demo/tokens';
import type { GithubJob, GitlabJob } from '../../demo/tokens';
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

/** An example, as its CI system runs it. */
interface Example {
  readonly folder: 'github-actions' | 'gitlab';
  /** Where the file of the CI system expects the script. */
  readonly script: string;
  readonly host: string;
  readonly trust: OidcTrust;
  readonly claims: Claims;
  /** Of a job that the role does not trust. */
  readonly otherClaims: Claims;
  readonly session: string;
  /** What the job has in its environment beside the token. */
  readonly job: Readonly<Record<string, string>>;
}

const GITHUB_JOB: GithubJob = {
  owner: 'acme',
  ownerId: '9919',
  repository: 'app',
  repositoryId: '1296269',
  trigger: { type: 'branch', name: 'main' },
  subject: 'names and ids',
  actor: 'ada',
  workflow: 'login.yml',
  audience: AUDIENCE,
};
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

const GITHUB: Example = {
  folder: 'github-actions',
  script: '.github/assume-role.sh',
  host: 'token.actions.githubusercontent.com',
  trust: {
    github: {
      owner: 'acme',
      repository: 'app',
      ownerId: '9919',
      repositoryId: '1296269',
      refs: ['refs/heads/main'],
    },
  },
  claims: githubClaims(GITHUB_ISSUER, GITHUB_JOB),
  otherClaims: githubClaims(GITHUB_ISSUER, {
    ...GITHUB_JOB,
    trigger: { type: 'pull request', number: 7, from: 'main' },
  }),
  session: 'github-1234567890-2',
  job: { GITHUB_RUN_ID: '1234567890', GITHUB_RUN_ATTEMPT: '2' },
};

const GITLAB_JOB: GitlabJob = {
  projectPath: 'acme/backend/app',
  projectId: '278964',
  namespaceId: '9970',
  ref: { type: 'branch', name: 'main' },
  isProtected: true,
  user: 'ada',
  audience: AUDIENCE,
};

const GITLAB: Example = {
  folder: 'gitlab',
  script: 'ci/assume-role.sh',
  host: 'gitlab.com',
  trust: {
    gitlab: { projectPath: 'acme/backend/app', projectId: '278964', refType: 'branch', refs: ['main'] },
  },
  claims: gitlabClaims('https://gitlab.com', GITLAB_JOB),
  otherClaims: gitlabClaims('https://gitlab.com', {
    ...GITLAB_JOB,
    ref: { type: 'branch', name: 'develop' },
  }),
  session: 'gitlab-acme-backend-app-302',
  job: { CI_PROJECT_PATH: 'acme/backend/app', CI_JOB_ID: '302' },
};

const nameOf = ({ folder }: Example): string => `${folder}-app`;
const arnOf = (example: Example): string => `arn:aws:iam::123456789012:role/${nameOf(example)}`;

/** The trust policy of OidcRole. */
function trustPolicyOf({ host, trust }: Example): string {
  const stack = new Stack();
  const provider = `arn:aws:iam::123456789012:oidc-provider/${host}`;
  new OidcRole(stack, 'Role', { provider, audience: AUDIENCE, trust });
  const [role] = federated(stack).roles;
  return role?.trustPolicy ?? '';
}

let folder: string;
const issuers = new Map<string, Issuer>();
let aws: EmbeddedAws;
let thumbprint = '';

beforeAll(async () => {
  const root = await mint({ commonName: 'Public Root', ca: true });
  const top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  thumbprint = top.thumbprint;
  for (const { host } of [GITHUB, GITLAB]) {
    const leaf = await mint({ commonName: host, hosts: [host], signedBy: top });
    issuers.set(host, await startIssuer({ chain: [leaf, top], name: host, publicPort: 443, paths: [''] }));
  }
  aws = await startAws({
    hosts: Object.fromEntries([...issuers].map(([host]) => [host, ['127.0.0.1']])),
    ports: Object.fromEntries([...issuers].map(([host, { port }]) => [host, port])),
  });
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
  await Promise.all([...[...issuers.values()].map((issuer) => issuer.close()), aws.close()]);
});

/** The provider, and a role for each example. */
async function setUp(url: string): Promise<void> {
  const iam = new IAMClient(settings(url));
  for (const example of [GITHUB, GITLAB]) {
    const listing = { issuer: `https://${example.host}`, audiences: [AUDIENCE], thumbprints: [thumbprint] };
    await createProvider(iam, listing);
    const policy = trustPolicyOf(example);
    await iam.send(new CreateRoleCommand({ RoleName: nameOf(example), AssumeRolePolicyDocument: policy }));
  }
  iam.destroy();
}

const token = ({ host }: Example, claims: Claims): string =>
  issuers.get(host)?.sign(validFor(claims, 300, new Date())) ?? '';

/** What both jobs have in their environment. */
const environment = (example: Example, url: string): Record<string, string> => ({
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ROLE_ARN: arnOf(example),
  ...example.job,
});

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
  `The subject of this job's token is '${String(example.otherClaims['sub'])}'. Does the role trust it?`,
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
    claims: Claims,
    url: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Finished> =>
    withTokens(
      (audience) => (audience === AUDIENCE ? { value: token(GITHUB, claims) } : null),
      (request) => step(login, { ...environment(GITHUB, url), ...request, GITHUB_ENV: githubEnv(), ...more }),
    );

  const kept = (): Readonly<Record<string, string>> => variablesIn(readFileSync(githubEnv(), 'utf8'));

  it('logs in, masks the credentials, and prints no other secret', async () => {
    writeFileSync(githubEnv(), 'BEFORE=1\n');
    const { code, stdout, stderr } = await runLogin(GITHUB.claims, aws.url);
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
    const { code, stdout, stderr } = await runLogin(GITHUB.otherClaims, aws.url);
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
    const { code, stdout, stderr } = await runLogin(GITHUB.claims, aws.url, more);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(words);
  });

  withMoto('gives the next steps the identity of the role, on moto_server', async () => {
    const moto = await startMoto();
    try {
      await setUp(moto.url);
      expect(await runLogin(GITHUB.claims, moto.url)).toMatchObject({ code: 0 });
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

  const given = (claims: Claims, url: string): Record<string, string> => ({
    ...environment(GITLAB, url),
    AWS_ID_TOKEN: token(GITLAB, claims),
  });

  it('logs in the shell of the job, and prints no secret', async () => {
    const { code, stdout, stderr } = await job(['env', 'declare -F'], given(GITLAB.claims, aws.url));
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
    const { code, stdout, stderr } = await job(['echo "$-"'], given(GITLAB.claims, aws.url), '-x');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('x') });
    expect(stderr).not.toMatch(/ASIA[0-9A-Z]{16}|eyJ/);
  });

  it('fails the job with a refusal in the words of AWS and with the subject of the token', async () => {
    const { code, stdout, stderr } = await job(['echo never'], given(GITLAB.otherClaims, aws.url));
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
    const { code, stderr } = await job(['echo never'], { ...given(GITLAB.claims, aws.url), ...more });
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
      const { stdout } = await job(file['who-am-i'].script, given(GITLAB.claims, moto.url));
      expect(identityIn(stdout)).toBe(identityOf(GITLAB));
    } finally {
      await moto.stop();
    }
  });
});
