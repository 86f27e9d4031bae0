import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { mint } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import type { Invocation, LocalFunction } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { commandLine } from '../support/command-line';
import type { CommandLine, Environment, Finished } from '../support/command-line';
import { build } from '../support/deployment';
import type { Build } from '../support/deployment';
import { settings } from '../support/emulator';
import { startLambda } from '../support/lambda-endpoint';
import type { LambdaEndpoint, Refusal } from '../support/lambda-endpoint';
import { readXml, schemaProblems } from '../support/junit';

jest.setTimeout(60_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const ARTICLE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

let cli: CommandLine;
let builder: Build;
let aws: EmbeddedAws;
let issuer: Issuer;
let monitor: LocalFunction;
let lambda: LambdaEndpoint;
let refusal: Refusal | null = null;
let answer: Invocation | null = null;
let hang = false;

beforeAll(async () => {
  cli = commandLine();
  builder = build();
  aws = await startAws();
  const root = await mint({ commonName: 'Public Root', ca: true });
  const leaf = await mint({ commonName: 'localhost', hosts: ['localhost'], signedBy: root });
  issuer = await startIssuer({ chain: [leaf, root] });
  await new IAMClient(settings(aws.url)).send(
    new CreateOpenIDConnectProviderCommand({
      Url: issuer.issuerOf(ORG),
      ThumbprintList: [ARTICLE],
      ClientIDList: [ORG],
    }),
  );
  monitor = await builder.deploy({
    endpoint: aws.url,
    config: { issuers: [issuer.issuerOf(ORG)], allowPrivateNetworks: true },
    publicRoots: [root],
  });
  const invoke = async (event: unknown): Promise<Invocation> => {
    if (hang) await new Promise(() => undefined);
    return answer ?? monitor.invoke(event);
  };
  lambda = await startLambda('Monitor', invoke, () => refusal);
}, 90_000);

afterEach(() => {
  refusal = null;
  answer = null;
});

afterAll(async () => {
  await monitor.stop();
  await Promise.all([lambda.close(), aws.close(), issuer.close()]);
  builder.remove();
  cli.remove();
});

const invoke = (args: readonly string[], environment: Environment = {}): Promise<Finished> =>
  cli.run(['invoke', ...args], { ...account(), ...environment });
const account = (): Environment => ({
  AWS_ENDPOINT_URL: lambda.url,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});
const complaint = (words: string): Finished => ({
  code: 2,
  stdout: '',
  stderr: `thumbprint-monitor: ${words}\n`,
});

describe('invoke', () => {
  it('prints the report of the function, and exits by its content', async () => {
    const passing = await invoke(['Monitor']);
    expect(passing).toMatchObject({ code: 0, stderr: '' });
    expect(passing.stdout).toContain('THUMB001 low');
    expect(await invoke(['Monitor', '--fail-on', 'low'])).toMatchObject({ code: 1 });
  });

  it('prints JSON as the function returned it, keys of a newer version included', async () => {
    const payload = {
      schemaVersion: 1,
      action: 'audit',
      account: null,
      startedAt: '2026-11-23T12:00:00.000Z',
      finishedAt: '2026-11-23T12:00:01.000Z',
      findings: [],
      failures: [],
      summary: { inSync: 0, drifted: 0, providerMissing: 0, notAudited: 0, accepted: 0, worst: null },
      targets: [],
      text: '',
      later: ['added'],
    };
    answer = { ok: true, payload };
    const { code, stdout } = await invoke(['Monitor', '--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(payload);
  });

  it('prints the other formats', async () => {
    const { stdout } = await invoke(['Monitor', '--output', 'junit']);
    expect(schemaProblems(readXml(stdout))).toEqual([]);
  });

  it('invokes by name and by ARN, and takes the region from the ARN', async () => {
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:Monitor';
    refusal = { status: 403, type: 'AccessDeniedException', message: 'no' };
    expect(await invoke([arn], { AWS_REGION: '' })).toEqual(
      complaint(
        `AWS denied lambda:InvokeFunction on "${arn}". Allow it in the caller's policy. AWS said: "no"`,
      ),
    );
    refusal = null;
    const { AWS_REGION, ...nowhere } = account();
    expect(AWS_REGION).toBe('eu-west-1');
    expect(await cli.run(['invoke', 'Monitor'], nowhere)).toEqual(
      complaint(
        'There is no usable AWS region: Region is missing. Choose one with --region, or use the ARN of the function.',
      ),
    );
    expect(lambda.regions.at(-1)).toBe('eu-central-1');
  });

  it.each([
    ['AWS_REGION', 'Monitor', { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
    ['AWS_DEFAULT_REGION, as the AWS CLI does', 'Monitor', { AWS_REGION: '' }, 'eu-north-1'],
    [
      'an ARN before both',
      'arn:aws:lambda:eu-south-1:123456789012:function:Monitor',
      { AWS_REGION: 'eu-west-1' },
      'eu-south-1',
    ],
  ])('takes the region from %s', async (_, name, environment, region) => {
    refusal = { status: 403, type: 'AccessDeniedException', message: 'no' };
    await invoke([name], { AWS_DEFAULT_REGION: 'eu-north-1', ...environment });
    expect(lambda.regions.at(-1)).toBe(region);
  });

  it('exits 2 if the function failed, with its own words', async () => {
    expect(await invoke(['Monitor', '--issuer', issuer.issuerOf(OTHER)])).toEqual(
      complaint(
        `The function failed with EventError: --issuer: "${issuer.issuerOf(OTHER)}" is not in the configuration, and discover finds no such provider in the account. Remove it from the event, or add it to issuers in the configuration and deploy.`,
      ),
    );
    expect(await invoke(['Monitor', '--action', 'test-alert'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The function failed with ConfigError: topicArn: is not set'),
    });
  });

  it.each<[string, Refusal, string]>([
    [
      'an unknown function',
      { status: 404, type: 'ResourceNotFoundException', message: 'Function not found' },
      'There is no function "Monitor" in this account and region. Use the stack output MonitorFunctionName, and choose the account with --profile and the region of the stack with --region.',
    ],
    [
      'an expired token',
      { status: 403, type: 'ExpiredTokenException', message: 'The security token has expired.' },
      'AWS did not accept the credentials: The security token has expired. Log in (aws sso login, aws configure), or choose a profile with --profile.',
    ],
    [
      'throttling',
      { status: 429, type: 'TooManyRequestsException', message: 'Rate Exceeded.' },
      'AWS throttled lambda:InvokeFunction on "Monitor". Try again later.',
    ],
    [
      'anything else, escaped',
      { status: 400, type: 'KMSAccessDeniedException', message: 'see\u001b[2J.' },
      'lambda:InvokeFunction on "Monitor" failed: see\\u{1b}[2J. Check the network, --region and AWS_ENDPOINT_URL.',
    ],
  ])('explains %s', async (_, refused, words) => {
    refusal = refused;
    expect(await invoke(['Monitor'])).toEqual(complaint(words));
  });

  it('reports that there is no answer', async () => {
    const { code, stderr } = await invoke(['Monitor'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^thumbprint-monitor: lambda:InvokeFunction on "Monitor" failed: .*ECONNREFUSED.*\. Check the network/,
    );
  });

  it('does not accept the answer of another function as a report', async () => {
    answer = { ok: true, payload: { hello: 'world' } };
    expect((await invoke(['Monitor'])).stderr).toMatch(
      /^thumbprint-monitor: The answer of the function is not a report that this version can read \(schemaVersion: .*\)\. Use the same version/,
    );
  });

  it('ends at once at Ctrl-C', async () => {
    hang = true;
    const { child, finished } = cli.start(['invoke', 'Monitor'], account());
    // Before its listener is set, the signal ends the process by itself.
    for (let turn = 0; turn < 3_000 && lambda.waiting() === 0; turn += 1) await sleep(10);
    child.kill('SIGINT');
    hang = false;
    expect(await finished).toEqual({
      code: 130,
      stdout: '',
      stderr: 'thumbprint-monitor: Interrupted before there was a result.\n',
    });
  });
});
