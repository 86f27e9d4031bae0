import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { readConfiguration } from '../../../infra/configuration/configuration';
import type { ThumbprintMonitorProps } from '../../../infra/monitor/props';
import { parseConfig } from '../../../lambda/config/config';
import { ConfigError } from '../../../lambda/domain/errors';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const SERVER = 'https://ci.example.com';
/** Node.js retains roots until some days after their end. */
const PEM = rootCertificates.find((pem) => new Date(new X509Certificate(pem).validTo) > new Date()) ?? '';
const ACCEPT = [{ check: 'DISC001', issuer: SERVER, reason: 'known', until: '2027-01-31' }];

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-context-'));
  writeFileSync(file('ca.pem'), `\n${PEM}\n`);
  writeFileSync(file('hosts.json'), JSON.stringify({ 'ci.example.com': PEM }));
  writeFileSync(file('accept.json'), JSON.stringify(ACCEPT));
  writeFileSync(file('broken.json'), '{"a":');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Flags alone: the folder has no monitor.config.json. */
const propsFromFlags = (context: Readonly<Record<string, unknown>>): ThumbprintMonitorProps =>
  readConfiguration(context, folder).monitor;

describe('flags of the app', () => {
  it('are optional', () => {
    const { topicArn, chatTopicArn, stateTable, accountName, docsUrl, ...defaults } = parseConfig({});
    expect(propsFromFlags({})).toEqual({ ...defaults, emails: [], schedule: 'rate(6 hours)' });
  });

  it.each([
    [{ orgs: ORG }, { orgs: [ORG] }],
    [{ orgs: ` ${ORG.toUpperCase()} , ${OTHER},` }, { orgs: [ORG, OTHER] }],
    [{ orgs: [ORG, OTHER] }, { orgs: [ORG, OTHER] }],
    [{ orgs: '' }, { orgs: [] }],
    [{ issuers: `${SERVER},https://gitlab.com` }, { issuers: [SERVER, 'https://gitlab.com'] }],
    [{ email: 'a@example.com,b@example.com' }, { emails: ['a@example.com', 'b@example.com'] }],
    [{ email: ['a@example.com'] }, { emails: ['a@example.com'] }],
    [{ schedule: 'rate(1 hour)' }, { schedule: 'rate(1 hour)' }],
    [{ discover: 'all' }, { discover: 'all' }],
    [
      { expiryDays: '7', holdDownHours: '0' },
      { expiryDays: 7, holdDownHours: 0 },
    ],
    [{ expiryDays: 7 }, { expiryDays: 7 }],
    [
      { allowPrivateNetworks: 'true', auditTrust: 'false' },
      { allowPrivateNetworks: true, auditTrust: false },
    ],
    [{ allowPrivateNetworks: true }, { allowPrivateNetworks: true }],
    [
      { chat: 'true', dashboard: 'true', topicKey: 'true' },
      { chat: true, dashboard: true, topicKey: true },
    ],
    [
      { topicKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b' },
      { topicKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b' },
    ],
    [
      {
        topicArn: 'arn:aws:sns:eu-west-1:123456789012:x',
        alarmTopicArn: 'arn:aws:sns:eu-west-1:210987654321:y',
      },
      {
        topicArn: 'arn:aws:sns:eu-west-1:123456789012:x',
        alarmTopicArn: 'arn:aws:sns:eu-west-1:210987654321:y',
      },
    ],
    [{ update: 'guarded', schedule: 'rate(8 hours)' }, { update: 'guarded' }],
    [{ update: 'guarded', schedule: 'rate(1 day)', holdDownHours: '72' }, { holdDownHours: 72 }],
    [{ update: 'enforced-only', schedule: 'rate(3 days)' }, { update: 'enforced-only' }],
  ])('reads %j', (context, props) => {
    expect(propsFromFlags(context)).toMatchObject(props);
  });

  it('reads files: PEM as text, everything else as JSON', () => {
    const anchors = { 'ci.example.com:443': PEM.trim() };
    const issuers = SERVER;
    for (const trustAnchors of [file('ca.pem'), file('hosts.json')]) {
      const read = propsFromFlags({ issuers, trustAnchors }).trustAnchors;
      expect(Object.keys(read ?? {})).toEqual(Object.keys(anchors));
    }
    expect(propsFromFlags({ accept: file('accept.json') }).accept).toEqual(ACCEPT);
  });

  it("ignores the CDK's own keys", () => {
    const context = {
      '@aws-cdk/core:newStyleStackSynthesis': true,
      'aws:cdk:enable-path-metadata': true,
      'cdk-nag': 1,
      'availability-zones:account=1:region=x': [],
      'hosted-zone:x': 1,
      'vpc-provider:x': 1,
      'ssm:x': 1,
    };
    expect(propsFromFlags(context)).toEqual(propsFromFlags({}));
  });

  it.each([
    [{ orgz: ORG }, /^orgz: is not a known key\. Use one of: orgs, .*, project, .*, forget\.$/],
    [{ chatTopicArn: 'x' }, /^chatTopicArn: is not a known key\. /],
    [
      { topicArn: 'Alerts' },
      /^topicArn: must be the ARN of a standard SNS topic \(arn:<partition>:sns:<region>:<account>:<name>\); it is "Alerts"\.$/,
    ],
    [{ alarmTopicArn: 7 }, /^alarmTopicArn: must be the ARN of a standard SNS topic .*; it is 7\.$/],
    [
      { topicArn: 'arn:aws:sns:eu-west-1:123456789012:x', email: 'a@example.com' },
      /^email: addresses are subscribed only to a topic that the stack creates\. Subscribe them to topicArn yourself, or remove topicArn\.$/,
    ],
    [
      { topicArn: 'arn:aws:sns:eu-west-1:123456789012:x', topicKey: 'true' },
      /^topicKey: the stack creates no topic that it could encrypt\. Remove topicKey or topicArn\.$/,
    ],
    [
      { topicKey: 'alias/aws/sns' },
      /^topicKey: alias\/aws\/sns is the AWS managed key\. CloudWatch cannot use it/,
    ],
    [
      { topicKey: 'arn:aws:kms:eu-west-1:123456789012:alias/aws/sns' },
      /^topicKey: alias\/aws\/sns is the AWS managed key\. /,
    ],
    [
      { topicKey: 'alias/mine' },
      /^topicKey: "alias\/mine" is not the ARN of a key .*\. Write true to create a key\.$/,
    ],
    [{ chat: 'yes' }, /^chat: must be true or false; it is "yes"\.$/],
    [{ dashboard: '1' }, /^dashboard: must be true or false; it is 1\.$/],
    [
      { update: 'guarded', schedule: 'rate(1 day)' },
      /^update: guarded needs 3 runs within holdDownHours, but a run every 1440 minutes gives 1 in 24 hours\. Set holdDownHours to 72 or more, or use a more frequent schedule\.$/,
    ],
    [
      { update: 'guarded', holdDownHours: '0' },
      /^update: guarded needs 3 runs .* gives 0 in 0 hours\. Set holdDownHours to 18 or more/,
    ],
    [{ stateTable: 'x' }, /^stateTable: is not a known key\. /],
    [{ email: 'you' }, /^email\[0\]: "you" is not an e-mail address such as you@example\.com\.$/],
    [{ schedule: 6 }, /^schedule: "6" is not a schedule such as rate\(6 hours\)\.$/],
    [{ schedule: 'cron(* * * * ? *)' }, /^schedule: "cron\(\* \* \* \* \? \*\)" is not a rate\. /],
    [{ expiryDays: 'soon' }, /^expiryDays: must be a whole number from 1 to 365; it is "soon"\.$/],
    [{ allowPrivateNetworks: 'yes' }, /^allowPrivateNetworks: must be true or false; it is "yes"\.$/],
    [
      { accept: 'no-such-file.json' },
      /^accept: the file "no-such-file\.json" cannot be read \(ENOENT: no such file or directory, open '.*no-such-file\.json'\)\. Correct the path or the file\.$/,
    ],
  ])('refuses %j', (context, message) => {
    expect(messageOf(context)).toMatch(message);
  });

  it('names the file that is no JSON', () => {
    expect(messageOf({ accept: file('broken.json') })).toMatch(
      /^accept: the file ".*broken\.json" cannot be read \(.*JSON.*\)\. Correct the path or the file\.$/,
    );
  });

  it('reports all problems at once', () => {
    const message = messageOf({ isuers: '', email: 'x', schedule: 'daily', orgs: 'y', accept: 'nowhere' });
    expect(message.split('\n').map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'isuers',
      'accept',
      'email[0]',
      'schedule',
      'orgs[0]',
    ]);
  });
});

function messageOf(context: Readonly<Record<string, unknown>>): string {
  try {
    propsFromFlags(context);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
}
