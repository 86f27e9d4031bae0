import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { readArguments } from '../../cli/arguments';
import { accessProblem } from '../../cli/account';
import { hostNotFound } from '../../cli/aws-problems';
import { SELECT_BY } from '../../cli/flag-names';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { portOf } from '../../demo/port';
import { awsFailure } from '../../lambda/adapters/aws-errors';
import { settings } from '../support/emulator';
import { createProvider } from '../support/let-in';
import { recordedShell } from '../support/recorded-shell';

jest.setTimeout(60_000);

const AWS_VARIABLE = /^AWS_|^HOME$/;
const before = Object.entries(process.env).filter(([name]) => AWS_VARIABLE.test(name));

let folder: string;
let one: EmbeddedAws;
let other: EmbeddedAws;
let lambda: Server;
/** The signatures of the calls to Lambda: they name the key and the region. */
let signatures: string[];

const profile = (header: string, url: string, more = ''): string =>
  `[${header}]\nregion = eu-west-1\naws_access_key_id = key-of-${header.replace(/.* /, '')}\naws_secret_access_key = x\nendpoint_url = ${url}\n${more}\n`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-profiles-'));
  one = await startAws();
  other = await startAws();
  lambda = createServer((request, response) => {
    signatures.push(request.headers.authorization ?? '');
    response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(lambda, 'listening');
  writeFileSync(
    join(folder, 'config'),
    [
      profile('profile one', one.url),
      profile('profile "other"', other.url),
      profile('profile deployed', `http://127.0.0.1:${portOf(lambda)}`),
    ].join(''),
  );
  writeFileSync(join(folder, 'credentials'), '[old] # of 2019\naws_access_key_id = x\n');
});

afterAll(async () => {
  await one.close();
  await other.close();
  lambda.close();
  lambda.closeAllConnections();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  signatures = [];
  for (const name of Object.keys(process.env))
    if (AWS_VARIABLE.test(name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});

afterEach(() => {
  for (const name of Object.keys(process.env))
    if (AWS_VARIABLE.test(name)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, Object.fromEntries(before));
});

/** The environment is that of the process, since the SDK reads it. */
async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const shell = recordedShell({ environment: process.env });
  const code = await runCommand(args, shell);
  return { code, out: shell.out.join(''), err: shell.err.join('') };
}

const complaint = (words: string): object => ({ code: 2, out: '', err: `thumbprint-monitor: ${words}\n` });

describe('a call that AWS denies', () => {
  it('has the remedy and the explanation of AWS, which names the policy', async () => {
    const said =
      'User: arn:aws:iam::123456789012:user/a is not authorized to perform: iam:ListOpenIDConnectProviders with an explicit deny in a service control policy';
    one.failNext('ListOpenIDConnectProviders', { code: 'AccessDenied', status: 403, message: said });
    expect(await run('audit', '--quiet', '--profile', 'one')).toEqual(
      complaint(
        `AWS denied iam:ListOpenIDConnectProviders on *: an administrator of the organization must remove the Deny from its service control policies (AccessDenied). AWS said: "${said}"`,
      ),
    );
  });
});

describe('--profile', () => {
  it('selects credentials and endpoint, and outranks AWS_PROFILE and keys in the environment', async () => {
    Object.assign(process.env, {
      AWS_PROFILE: 'one',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_SESSION_TOKEN: 'c',
    });
    const listings = (aws: EmbeddedAws): number =>
      aws.calls().filter(({ action }) => action === 'ListOpenIDConnectProviders').length;
    const asked = [listings(one), listings(other)];
    expect(await run('audit', '--quiet', '--profile', 'other')).toMatchObject({ code: 0, err: '' });
    expect(listings(one)).toBe(asked[0]);
    expect(listings(other)).toBeGreaterThan(asked[1] ?? 0);
  });

  it.each([
    ['audit', '--profile', 'nope'],
    ['invoke', 'Monitor', '--profile', 'nope'],
    ['doctor', 'Monitor', '--write-config', '--config', '/tmp/never-written.json', '--profile', 'nope'],
  ])('that does not exist is one sentence with the remedy: %s', async (...args) => {
    expect(await run(...args)).toEqual(
      complaint(
        `--profile: "nope" is neither in "${join(folder, 'config')}" nor in "${join(folder, 'credentials')}"; use one of these profiles: one, other, deployed, old, or create it with aws configure.`,
      ),
    );
  });

  it('without any configuration file is one sentence, too', async () => {
    Object.assign(process.env, { AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '~/missing' });
    expect(await run('audit', '--profile', 'a\u001b[2Jb')).toEqual(
      complaint(
        String.raw`--profile: "a\u{1b}[2Jb" is neither in "${join(folder, '.aws', 'config')}" nor in "${join(folder, 'missing')}"; omit --profile, or create it with aws configure.`,
      ),
    );
  });

  it('leaves the keys of the environment to a profile that assumes a role with them', async () => {
    const file = join(folder, 'with-source');
    writeFileSync(file, '[profile ci]\nrole_arn = x\ncredential_source = Environment\n');
    const environment = { AWS_CONFIG_FILE: file, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const { selectAws } = await import('../../cli/aws-flags');
    await selectAws({ profile: 'ci' }, recordedShell({ environment }));
    expect(environment).toMatchObject({ AWS_PROFILE: 'ci', AWS_ACCESS_KEY_ID: 'a' });
  });
});

describe('--region', () => {
  it('outranks AWS_REGION, AWS_DEFAULT_REGION and the region of the profile', async () => {
    Object.assign(process.env, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' });
    const { code, err } = await run('invoke', 'Monitor', '--profile', 'deployed', '--region', 'ap-south-2');
    expect({ code, calls: signatures.length }).toEqual({ code: 2, calls: 1 });
    expect(signatures[0]).toMatch(/Credential=key-of-deployed\/\d{8}\/ap-south-2\/lambda\//);
    expect(err).toContain('There is no function "Monitor"');
  });

  it.each([['audit'], ['invoke', 'Monitor'], ['doctor', 'Monitor']])(
    'that is not well formed is one sentence with the remedy: %s',
    async (...args) => {
      for (const region of ['mars', 'eu-wset-1', 'eu-west', 'EU-WEST-1', 'us-east-1a', '']) {
        expect(await run(...args, '--region', region)).toEqual(
          complaint(`--region: "${region}" is not the name of an AWS region: use a name such as eu-west-1.`),
        );
      }
    },
  );

  it.each([
    'us-east-1',
    'ap-southeast-7',
    'us-gov-west-1',
    'us-isob-east-1',
    'cn-northwest-1',
    'eusc-de-east-1',
    'mx-central-1',
  ])('may be %s', (region) => {
    expect(readArguments(['--region', region])).toMatchObject({ flags: { region } });
  });

  it('that AWS does not have is one sentence with the remedy, not an error of DNS', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    expect(await run('invoke', 'Monitor', '--region', 'eu-west-99')).toEqual(
      complaint(hostNotFound('lambda.eu-west-99.amazonaws.com')),
    );
    expect(hostNotFound('x')).toContain('--region');
  });

  it('is named in an audit if the host of IAM is not found', () => {
    // As the SDK reports it after several attempts, which take a while.
    const lost = awsFailure(new Error('getaddrinfo ENOTFOUND iam.invalid'), 'iam:ListRoles', '*');
    const profile = undefined;
    expect(accessProblem(lost, { profile, region: 'eu-west-1' })).toBe(
      hostNotFound('iam.invalid', 'eu-west-1'),
    );
    expect(accessProblem(lost, { profile, region: undefined })).toBeNull();
  });

  it('that contradicts the ARN of the function is refused', async () => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:Monitor';
    for (const command of ['invoke', 'doctor']) {
      expect(await run(command, arn, '--region', 'us-east-1')).toEqual(
        complaint(
          '--region: the ARN of the function names the region eu-west-1, not us-east-1: omit --region.',
        ),
      );
    }
    expect(readArguments(['invoke', arn, '--region', 'eu-west-1'])).toMatchObject({ kind: 'invoke' });
  });
});

describe('an account without CircleCI providers', () => {
  it('gets the flags that select the providers that it has', async () => {
    const iam = new IAMClient({ ...settings(other.url) });
    const issuer = 'https://token.actions.githubusercontent.com';
    await createProvider(iam, { issuer, audiences: ['sts.amazonaws.com'], thumbprints: ['a'.repeat(40)] });
    iam.destroy();
    const { code, out } = await run('audit', '--quiet', '--profile', 'other', '--discover', 'circleci');
    expect(code).toBe(0);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('token.actions.githubusercontent.com');
    expect(text).toContain(SELECT_BY);
    expect(text).not.toContain('"discover"');
  });
});
