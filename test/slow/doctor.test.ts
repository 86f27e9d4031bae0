import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../infra/configuration/configuration';
import { CONFIG_KEYS } from '../../lambda/config/config';
import { commandLine } from '../support/command-line';
import type { CommandLine, Finished } from '../support/command-line';
import { startDeployedAccount } from '../support/deployed-account';
import type { DeployedAccount, DeployedEndpoint } from '../support/deployed-account';
import { templateOf } from '../support/stack';
import { emptyZip, zipOf } from '../support/zip';

jest.setTimeout(60_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:Monitor';
const OWN_TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Stack-MonitorAlerts-1';
const SHARED_TOPIC = 'arn:aws:sns:eu-west-1:210987654321:Alerts';
const SECOND_TOPIC = 'arn:aws:sns:eu-west-1:210987654321:Second';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b';
const REST = JSON.stringify({ orgs: [ORG, OTHER], expiryDays: 45 });

let cli: CommandLine;
let endpoint: DeployedEndpoint;
let folder: string;

const configured = (config: unknown): Readonly<Record<string, string>> => ({
  MONITOR_CONFIG: JSON.stringify(config),
  MONITOR_INTERVAL_MINUTES: '360',
});

const deployed = (): DeployedAccount => ({
  environment: configured({ orgs: [ORG], topicArn: OWN_TOPIC, stateTable: 'State' }),
  code: zipOf('config.json', REST),
  stacks: [
    { name: 'Unrelated', outputs: { MonitorFunctionName: 'Another' } },
    { name: 'ThumbprintDriftMonitor', outputs: { TopicArn: OWN_TOPIC, MonitorFunctionName: 'Monitor' } },
  ],
  template: JSON.stringify(templateOf({ emails: ['a@example.com'], orgs: [ORG] }).toJSON()),
  subscriptions: [],
  denied: [],
  asked: [],
});

beforeAll(async () => {
  cli = commandLine();
  endpoint = await startDeployedAccount(deployed());
});

beforeEach(() => {
  Object.assign(endpoint.account, deployed());
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-doctor-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

afterAll(async () => {
  await endpoint.close();
  cli.remove();
});

const doctor = (...args: readonly string[]): Promise<Finished> =>
  cli.run(['doctor', ...args], {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });

const path = (): string => join(folder, 'monitor.config.json');
const write = (...args: readonly string[]): Promise<Finished> =>
  doctor('Monitor', '--write-config', '--config', path(), ...args);
const written = (): unknown => JSON.parse(readFileSync(path(), 'utf8'));
const complaint = (words: string): Finished => ({
  code: 2,
  stdout: '',
  stderr: `thumbprint-monitor: ${words}\n`,
});

describe('doctor --write-config', () => {
  it('writes what is deployed, and reports it', async () => {
    expect(await write()).toEqual({
      code: 0,
      stdout: `Wrote ${path()}: email, schedule, orgs.\nTo see what a deployment would change: npx cdk diff\n`,
      stderr: '',
    });
    expect(written()).toEqual({ email: ['a@example.com'], schedule: 'rate(6 hours)', orgs: [ORG] });
    expect(endpoint.account.asked).toEqual([
      'lambda:GetFunctionConfiguration',
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStacks',
      'cloudformation:GetTemplate',
      'sns:ListSubscriptionsByTopic',
    ]);
  });

  it('finds a function by its ARN', async () => {
    const { code } = await doctor(ARN, '--write-config', '--config', path());
    expect(code).toBe(0);
    expect(written()).toMatchObject({ orgs: [ORG] });
  });

  it.each<[string, Parameters<typeof templateOf>[0], Readonly<Record<string, unknown>>]>([
    [
      'all that an own topic can have',
      {
        emails: ['a@example.com', 'b@example.com'],
        schedule: 'rate(1 hour)',
        discover: 'all',
        update: 'guarded',
        chat: true,
        dashboard: true,
        topicKey: true,
        alarmTopicArn: SECOND_TOPIC,
        accept: [{ check: 'DISC001', reason: 'known', until: '2027-01-31' }],
      },
      { topicArn: OWN_TOPIC, chatTopicArn: 'arn:aws:sns:eu-west-1:123456789012:Stack-MonitorChat-1' },
    ],
    ['a shared topic', { topicArn: SHARED_TOPIC, expiryDays: 7 }, { topicArn: SHARED_TOPIC }],
    ['a key that exists', { emails: ['a@example.com'], topicKey: KEY }, { topicArn: OWN_TOPIC }],
  ])('writes a file from which the same is deployed: %s', async (_, props, topics) => {
    const { emails, schedule, chat, dashboard, topicKey, topicArn, alarmTopicArn, ...watched } = props ?? {};
    endpoint.account.environment = configured({ ...watched, ...topics, stateTable: 'State' });
    endpoint.account.template = JSON.stringify(templateOf(props).toJSON());
    expect(await write()).toMatchObject({ code: 0, stderr: '' });
    const { monitor, recipientsDecided } = readConfiguration({ config: path() }, folder);
    expect(recipientsDecided).toBe(true);
    expect(templateOf(monitor).toJSON()).toEqual(templateOf(props).toJSON());
  });

  it('reads a configuration from the package of the function', async () => {
    const rest = { configFile: 'config.json', topicArn: OWN_TOPIC, stateTable: 'State' };
    endpoint.account.environment = configured(rest);
    expect(await write()).toMatchObject({ code: 0 });
    expect(written()).toMatchObject({ orgs: [ORG, OTHER], expiryDays: 45 });

    endpoint.account.code = emptyZip();
    const unreadable = (reason: string): Finished =>
      complaint(
        `The function's package, which contains the rest of its configuration, cannot be read: ${reason}. Try again, or write monitor.config.json by hand.`,
      );
    expect(await write('--force')).toEqual(unreadable('it has no file "config.json"'));
    endpoint.account.code = zipOf('config.json', ' '.repeat(2_000_001));
    expect(await write('--force')).toEqual(unreadable('it has more than 2000000 bytes'));
    endpoint.account.code = Buffer.from('no zip');
    expect(await write('--force')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be read: '),
    });
    expect(written()).toMatchObject({ orgs: [ORG, OTHER] });
  });

  it('adds addresses that somebody subscribed by hand, and counts other subscriptions', async () => {
    endpoint.account.subscriptions = [
      { protocol: 'email', endpoint: 'a@example.com' },
      { protocol: 'sqs', endpoint: 'arn:aws:sqs:eu-west-1:123456789012:Queue' },
      { protocol: 'email', endpoint: 'by-hand@example.com' },
    ];
    const { stdout } = await write();
    expect(written()).toMatchObject({ email: ['a@example.com', 'by-hand@example.com'] });
    expect(stdout).toContain(
      '\nSubscriptions of other protocols than e-mail: 1. The file does not contain them, and a deployment does not change them.\n',
    );
  });

  it('warns if nobody receives alerts', async () => {
    endpoint.account.template = JSON.stringify(templateOf({ orgs: [ORG] }).toJSON());
    await write();
    expect(written()).toEqual({ schedule: 'rate(6 hours)', orgs: [ORG], recipients: 'none' });
  });

  it('names what the file cannot contain: another stack, and the keys of CircleCiFederation', async () => {
    endpoint.account.stacks = [
      { name: 'Other', outputs: { MonitorFunctionName: 'Monitor' } },
      { name: 'CircleCiFederation', outputs: {} },
    ];
    const { stdout } = await write();
    expect(stdout.split('\n').slice(1, 3)).toEqual([
      'The stack is "Other", not ThumbprintDriftMonitor: this CDK app can read it, but not update it.',
      'The stack CircleCiFederation is deployed, too: add its keys under "federation", as docs/configuration.md describes.',
    ]);
  });

  it('does not overwrite a file without --force, and calls no AWS API', async () => {
    writeFileSync(path(), '{}');
    expect(await write()).toEqual(
      complaint(
        `--config: "${path()}" exists already. Add --force to overwrite it, or --config FILE to write another file.`,
      ),
    );
    expect(endpoint.account.asked).toEqual([]);
    expect(readFileSync(path(), 'utf8')).toBe('{}');
    expect(await write('--force')).toMatchObject({ code: 0 });
    expect(written()).toMatchObject({ orgs: [ORG] });
    expect(readdirSync(folder)).toEqual(['monitor.config.json']);
  });

  it('writes nothing, and reports why, if AWS refuses', async () => {
    expect(await doctor('Nobody', '--write-config', '--config', path())).toEqual(
      complaint(
        'There is no function "Nobody" in this account and region. Use the stack output MonitorFunctionName, and choose the account with --profile and the region of the stack with --region.',
      ),
    );
    for (const [action, resource] of [
      ['lambda:GetFunctionConfiguration', 'Monitor'],
      ['cloudformation:DescribeStacks', '*'],
      ['cloudformation:GetTemplate', 'ThumbprintDriftMonitor'],
      ['sns:ListSubscriptionsByTopic', OWN_TOPIC],
    ] as const) {
      endpoint.account.denied = [action];
      expect(await write()).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(
          `AWS denied ${action} on "${resource}". Allow it in the caller's policy.`,
        ),
      });
    }
    endpoint.account.denied = ['lambda:GetFunction'];
    endpoint.account.environment = configured({ configFile: 'config.json' });
    expect((await write()).stderr).toContain('AWS denied lambda:GetFunction on "Monitor".');
    expect(existsSync(path())).toBe(false);
  });

  it.each<[string, Partial<DeployedAccount>, string]>([
    [
      'a function that is not a monitor',
      { environment: { STAGE: 'prod' } },
      'The function "Monitor" is not a monitor: its environment has no MONITOR_CONFIG. Use the stack output MonitorFunctionName.',
    ],
    [
      'an environment that cannot be decrypted',
      { environment: null },
      'AWS could not decrypt the environment of "Monitor" ("AccessDeniedException"). Allow kms:Decrypt on its key in the caller\'s policy.',
    ],
    [
      'a configuration of another version',
      { environment: configured({ colour: 'red' }) },
      `The configuration of "Monitor" is not valid for this version:\ncolour: is not a known key. Use one of: ${CONFIG_KEYS.join(', ')}.`,
    ],
    [
      'a function of no stack',
      { stacks: [] },
      'No stack in this account and region has the output MonitorFunctionName with the value "Monitor", so its subscriptions and its dashboard are not known. doctor can read only a monitor that this CDK app deployed.',
    ],
    [
      'a template in YAML',
      { template: 'Resources: {}' },
      'The template of the stack "ThumbprintDriftMonitor" was not written by the CDK, so doctor cannot read it. Write monitor.config.json by hand.',
    ],
    [
      'the single-file template',
      { template: JSON.stringify({ Parameters: { ExistingTopicArn: {} }, Resources: {} }) },
      'The stack "ThumbprintDriftMonitor" was deployed from the single-file template, so its configuration is in the parameters of the stack. Only the CDK app uses monitor.config.json.',
    ],
  ])('refuses %s', async (_, changes, words) => {
    Object.assign(endpoint.account, changes);
    expect(await write()).toEqual(complaint(words));
    expect(existsSync(path())).toBe(false);
  });

  it('reports why the file cannot be written', async () => {
    const nowhere = join(folder, 'no', 'such.json');
    expect(await doctor('Monitor', '--write-config', '--config', nowhere)).toEqual(
      complaint(`--config: "${nowhere}" cannot be written (ENOENT). Correct the path or its permissions.`),
    );
  });

  it('requires an option that says what to do', async () => {
    expect(await doctor('Monitor')).toEqual(
      complaint('doctor: there is nothing to do without --write-config. Add it.'),
    );
  });
});
