import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import { tokenOf } from '../../demo/login';
import { commandLine } from '../support/command-line';
import type { Finished } from '../support/command-line';
import { settings } from '../support/emulator';
import { createProvider } from '../support/let-in';
import { motoIsThere, startMoto } from '../support/moto';
import { PROJECT, allow, keyOf, policyOf } from '../support/roles';
import { run } from '../support/shell';
import { hasTool } from '../support/tools';

// Each command of the AWS CLI is a Python process, which takes its time on a busy machine.
jest.setTimeout(120_000);

const SCRIPT = join(__dirname, '..', '..', 'examples', 'circleci', 'assume-role.sh');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const ROLE = 'arn:aws:iam::123456789012:role/ecr-push';
const LOGGED_IN = 'arn:aws:sts::123456789012:assumed-role/ecr-push/circleci-app-build---push-7';
const IDENTITY = v.object({ Arn: v.string(), Account: v.string(), UserId: v.string() });

let folder: string;
let root: Identity;
let issuer: Issuer;
let aws: EmbeddedAws;
/** A file that does not exist yet, as `$BASH_ENV`. */
let bashEnv = '';
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-login-'));
  root = await mint({ commonName: 'Public Root', ca: true });
  const top = await mint({ commonName: 'Public Intermediate', ca: true, signedBy: root });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: top });
  issuer = await startIssuer({ chain: [leaf, top] });
  aws = await startAws();
  await setUp(aws.url, top.thumbprint);
});

beforeEach(() => {
  count += 1;
  bashEnv = join(folder, `bash-env-${count}`);
});

afterAll(async () => {
  await Promise.all([issuer.close(), aws.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** The provider, and a role that lets in one project. */
async function setUp(url: string, thumbprint: string): Promise<void> {
  const iam = new IAMClient(settings(url));
  const arn = await createProvider(iam, {
    issuer: issuer.issuerOf(ORG),
    audiences: [ORG],
    thumbprints: [thumbprint],
  });
  const scope = { StringLike: { [keyOf(arn, 'sub')]: `org/${ORG}/project/${PROJECT}/user/*` } };
  await iam.send(
    new CreateRoleCommand({ RoleName: 'ecr-push', AssumeRolePolicyDocument: policyOf(allow(arn, scope)) }),
  );
  iam.destroy();
}

/** Of a job of the project that the role names, or of another one. */
const token = (project = PROJECT): string => tokenOf(issuer, { org: ORG, project, user: USER });

/** By the names of the variables in which a job finds them. */
type Tokens = Partial<Record<'CIRCLE_OIDC_TOKEN' | 'CIRCLE_OIDC_TOKEN_V2', string>>;

/** What a job has in its environment. */
const environment = (
  url: string,
  tokens: Tokens = { CIRCLE_OIDC_TOKEN_V2: token() },
): Record<string, string> => ({
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-west-1',
  AWS_ROLE_ARN: ROLE,
  BASH_ENV: bashEnv,
  CIRCLE_PROJECT_REPONAME: 'app',
  CIRCLE_JOB: 'build & push',
  CIRCLE_BUILD_NUM: '7',
  ...tokens,
});

const bash = (given: Record<string, string>, ...args: readonly string[]): Promise<Finished> =>
  run('bash', args, { environment: given, folder });

/** The next step of the same job. */
const nextStep = async (given: Record<string, string>): Promise<unknown> => {
  const { CIRCLE_OIDC_TOKEN_V2, ...rest } = given;
  const { stdout } = await bash(rest, '-c', 'aws sts get-caller-identity --output json');
  return v.parse(IDENTITY, JSON.parse(stdout));
};

/** No secret has been printed. */
function expectNoSecrets({ stdout, stderr }: Finished, given: Record<string, string>): void {
  const written = [...(given['BASH_ENV'] === undefined ? [] : secretsIn(given['BASH_ENV']))];
  const tokens = [given['CIRCLE_OIDC_TOKEN'], given['CIRCLE_OIDC_TOKEN_V2']].filter(
    (one) => one !== undefined,
  );
  for (const secret of [...written, ...tokens]) expect(stdout + stderr).not.toContain(secret);
  expect(stdout + stderr).not.toMatch(/ASIA[0-9A-Z]{16}|eyJ/);
}

function secretsIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap(
        (line) =>
          /^export AWS_(?:ACCESS|SECRET|SESSION)\w+=(.+)$/.exec(line)?.[1]?.replaceAll('\\', '') ?? [],
      );
  } catch {
    return [];
  }
}

const withBash = hasTool('bash', 'the login script') ? describe : describe.skip;

withBash('the login script, before it asks AWS', () => {
  const missing = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(environment(aws.url)).filter(([key]) => !key.startsWith(name)));

  it.each<[string, () => Record<string, string>, string]>([
    ['a role', () => missing('AWS_ROLE_ARN'), 'AWS_ROLE_ARN is missing'],
    ['a region', () => missing('AWS_REGION'), 'AWS_REGION is missing'],
    ['a token', () => missing('CIRCLE_OIDC'), 'neither CIRCLE_OIDC_TOKEN_V2 nor CIRCLE_OIDC_TOKEN is set'],
    [
      'a token that is one',
      () => ({ ...environment(aws.url), CIRCLE_OIDC_TOKEN_V2: 'secret' }),
      'is not a JSON Web Token',
    ],
    ['the AWS CLI', () => ({ ...environment(aws.url), PATH: folder }), 'The AWS CLI is missing'],
    ['a place for credentials', () => missing('BASH_ENV'), 'BASH_ENV is not set'],
  ])('reports that %s is missing', async (_, make, words) => {
    const given = make();
    const finished = await run('/bin/bash', [SCRIPT], {
      environment: given,
      folder,
    });
    expect(finished).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
    expectNoSecrets(finished, given);
  });
});

const withCli = hasTool('aws', 'the login script with the AWS CLI') ? describe : describe.skip;

/** Of the last login. */
const sent = (parameter: string): string | undefined =>
  aws.calls().findLast(({ action }) => action === 'AssumeRoleWithWebIdentity')?.parameters[parameter];

withCli('the login script', () => {
  it.each(['CIRCLE_OIDC_TOKEN', 'CIRCLE_OIDC_TOKEN_V2'] as const)(
    'logs in by %s, and prints no secret',
    async (name) => {
      const given = environment(aws.url, { [name]: token() });
      const finished = await bash(given, SCRIPT);
      expect(finished).toEqual({
        code: 0,
        stdout: '',
        stderr: `assume-role: Logged in as ${ROLE}, session circleci-app-build---push-7.\n`,
      });
      expect(secretsIn(bashEnv)).toHaveLength(3);
      expectNoSecrets(finished, given);
    },
  );

  it('prefers the second token', async () => {
    const given = environment(aws.url, { CIRCLE_OIDC_TOKEN: token(OTHER), CIRCLE_OIDC_TOKEN_V2: token() });
    expect(await bash(given, SCRIPT)).toMatchObject({ code: 0 });
    expect(sent('WebIdentityToken')).toBe(given['CIRCLE_OIDC_TOKEN_V2']);
  });

  it('logs in the shell that sources it, without change of its options, functions and arguments', async () => {
    const given = environment(aws.url);
    const finished = await bash(
      given,
      '-c',
      `set -x; before=$(set +o); . "${SCRIPT}"; after=$(set +o); set +x
      [[ $before == "$after" ]] && echo same
      declare -F
      echo "$1"
      env | grep -c '^AWS_SESSION_TOKEN='`,
      'bash',
      'mine',
    );
    expect(finished).toMatchObject({ code: 0, stdout: 'same\nmine\n1\n' });
    expectNoSecrets(finished, given);
  });

  it('fails a shell that sources it under set -e, and lets another continue', async () => {
    const given = environment(aws.url, { CIRCLE_OIDC_TOKEN_V2: token(OTHER) });
    expect(await bash(given, '-euc', `. "${SCRIPT}"; echo never`)).toMatchObject({ code: 1, stdout: '' });
    expect(await bash(given, '-uc', `. "${SCRIPT}"; echo "left with $?"`)).toMatchObject({
      code: 0,
      stdout: 'left with 1\n',
    });
  });

  it('reports a refusal in the words of AWS and with the subject of the token, and writes nothing', async () => {
    const given = environment(aws.url, { CIRCLE_OIDC_TOKEN_V2: token(OTHER) });
    const finished = await bash(given, SCRIPT);
    expect(finished).toMatchObject({ code: 1, stdout: '' });
    for (const text of [
      `AWS gave no credentials for ${ROLE}.`,
      '(AccessDenied)',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      `The subject of this job's token is 'org/${ORG}/project/${OTHER}/user/${USER}/vcs-origin/`,
    ])
      expect(finished.stderr).toContain(text);
    expectNoSecrets(finished, given);
    expect(secretsIn(bashEnv)).toEqual([]);
  });

  it.each([
    [{ CIRCLE_JOB: 'x'.repeat(90) }, `circleci-app-${'x'.repeat(49)}-7`],
    [
      { CIRCLE_PROJECT_REPONAME: 'Ä/b c', CIRCLE_JOB: 'a+b=c,d.e@f-g_h' },
      /^circleci--{1,2}-b-c-a\+b=c,d\.e@f-g_h-7$/,
    ],
    [{ CIRCLE_BUILD_NUM: '1'.repeat(90) }, `circleci-app-build---push-${'1'.repeat(19)}`],
  ])('names the session as AWS permits: %j', async (more, name) => {
    const given = { ...environment(aws.url), ...more };
    expect(await bash(given, SCRIPT)).toMatchObject({ code: 0 });
    const session = sent('RoleSessionName');
    expect(session).toMatch(name);
    expect(session).toMatch(/^[\w+=,.@-]{2,64}$/);
  });

  const withMoto = motoIsThere ? it : it.skip;

  withMoto('gives the next steps the identity of the role, on moto_server', async () => {
    const moto = await startMoto();
    try {
      await setUp(moto.url, 'f'.repeat(40));
      const given = environment(moto.url);
      const finished = await bash(given, SCRIPT);
      expect(finished).toMatchObject({ code: 0, stdout: '' });
      expectNoSecrets(finished, given);
      expect(await nextStep(given)).toMatchObject({ Arn: LOGGED_IN, Account: '123456789012' });
    } finally {
      await moto.stop();
    }
  });
});

/** What examples/circleci/audit.yml does: the SDK exchanges the token by itself. */
describe('the audit, logged in by a token in a file', () => {
  const cli = commandLine();
  const audit = (project = PROJECT): Promise<Finished> => {
    const given = environment(aws.url, { CIRCLE_OIDC_TOKEN_V2: token(project) });
    const { BASH_ENV, CIRCLE_OIDC_TOKEN_V2, ...rest } = given;
    const issuers = ['--all', '--issuer', issuer.issuerOf(ORG), '--allow-private-networks'];
    return cli.run(['audit', ...issuers, '--output', 'json'], {
      ...rest,
      ...withPublicRoots(cli.file('roots.pem', root.pem)),
      AWS_WEB_IDENTITY_TOKEN_FILE: cli.file('token', CIRCLE_OIDC_TOKEN_V2 ?? ''),
      AWS_ROLE_SESSION_NAME: 'audit',
    });
  };

  afterAll(() => {
    cli.remove();
  });

  it('audits the account', async () => {
    const finished = await audit();
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain(issuer.issuerOf(ORG));
    const used = aws.calls().map(({ action }) => action);
    expect(used).toContain('AssumeRoleWithWebIdentity');
  });

  it('reports a refused login', async () => {
    const finished = await audit(OTHER);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(finished.stderr).toContain(
      'There are no usable AWS credentials for iam:ListOpenIDConnectProviders: Not authorized to perform sts:AssumeRoleWithWebIdentity.',
    );
    expect(finished.stderr).not.toContain('eyJ');
  });
});
