import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configJsonSchema } from '../../../infra/configuration/json-schema';
import { FEDERATION_KEYS, MONITOR_KEYS } from '../../../infra/configuration/keys';
import { readConfiguration } from '../../../infra/configuration/configuration';
import { ConfigError } from '../../../lambda/domain/errors';

const ROOT = join(__dirname, '..', '..', '..');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Alerts';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b';

const isValid = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true }).compile(
  configJsonSchema(),
);

/** Whether the app accepts a file. */
function isTaken(file: unknown): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-schema-'));
  writeFileSync(join(folder, 'monitor.config.json'), JSON.stringify(file));
  try {
    readConfiguration({}, folder);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Values of each key that are accepted, and values that are not. */
const CASES: Readonly<Record<string, readonly [taken: readonly unknown[], refused: readonly unknown[]]>> = {
  email: [
    [[], 'a@example.com', ['a@example.com']],
    [5, ['you'], [5], null, {}],
  ],
  schedule: [
    ['rate(15 minutes)', 'rate(3 days)'],
    ['daily', 6, 'cron(0 * * * ? *)'],
  ],
  orgs: [
    [[], ORG, [ORG, ORG.toUpperCase()]],
    ['x', [5], {}, true],
  ],
  issuers: [
    ['https://ci.example.com', ['https://gitlab.com']],
    ['http://ci.example.com', ['ci.example.com'], 1],
  ],
  discover: [
    ['circleci', 'all', 'none'],
    ['some', true, null],
  ],
  updateIssuers: [
    [[], 'https://ci.example.com', ['https://gitlab.com']],
    ['http://ci.example.com', ['ci.example.com'], 1],
  ],
  update: [
    ['off', 'enforced-only', 'guarded'],
    ['on', false],
  ],
  holdDownHours: [
    [0, 720],
    [-1, 721, 1.5, '24'],
  ],
  expiryDays: [
    [1, 365],
    [0, 366, '30'],
  ],
  trustAnchors: [[], [5, ['x'], null, true]],
  accept: [
    [[], [{ check: 'DISC001', issuer: ORG, account: '123456789012', reason: 'known', until: '2027-01-31' }]],
    [
      5,
      {},
      [{ check: 'DISC999', reason: 'known', until: '2027-01-31' }],
      [{ check: 'DISC001', reason: '', until: '2027-01-31' }],
      [{ check: 'DISC001', reason: 'known' }],
      [{ check: 'DISC001', reason: 'known', until: '2027-01-31', who: 'me' }],
      [{ check: 'DISC001', account: 'prod', reason: 'known', until: '2027-01-31' }],
    ],
  ],
  allowPrivateNetworks: [
    [true, false],
    ['true', 1, null],
  ],
  auditTrust: [
    [true, false],
    ['false', 0],
  ],
  accountName: [
    ['prod', 'Größe 1', 'acme/eu-prod'],
    ['', ' prod', 'a\nb', 'x'.repeat(65), '<b>', 5],
  ],
  docsUrl: [
    ['https://example.com', 'https://example.com/docs/', 'https://git.example.com:8443/a/b'],
    ['http://example.com', 'https://example.com/?a', 'https://example.com/#a', 'docs', 5],
  ],
  topicArn: [[TOPIC], ['Alerts', `${TOPIC}.fifo`, null, 5]],
  alarmTopicArn: [[TOPIC], ['Alerts', 5]],
  topicKey: [
    [true, false, KEY],
    ['alias/mine', 5, null],
  ],
  chat: [
    [true, false],
    ['true', null],
  ],
  dashboard: [
    [true, false],
    ['1', 1],
  ],
  recipients: [['none'], ['me', true]],
  federation: [
    [
      { org: ORG, project: ORG },
      { org: ORG, project: ORG, origin: 'github.com/acme/app', ref: 'refs/heads/main' },
      {
        org: ORG,
        project: ORG,
        origin: 'github.com/acme/app',
        ref: ['refs/heads/main'],
        repository: 'team/app',
      },
      { org: ORG, project: ORG, issuer: `https://ci.example.com/org/${ORG}` },
    ],
    [
      [],
      5,
      { org: ORG },
      { org: 5, project: ORG },
      { org: ORG, project: ORG, ref: 5 },
      { org: ORG, project: ORG, repository: 'Team' },
      { org: ORG, project: ORG, projekt: ORG },
    ],
  ],
};

describe('docs/monitor.config.schema.json', () => {
  it('is what `npm run docs:config` writes', () => {
    const written: unknown = JSON.parse(
      readFileSync(join(ROOT, 'docs', 'monitor.config.schema.json'), 'utf8'),
    );
    expect(written).toEqual(configJsonSchema());
  });

  it('has cases here for every key', () => {
    expect(Object.keys(CASES).sort()).toEqual([...MONITOR_KEYS, 'recipients', 'federation'].sort());
    expect(configJsonSchema()).toMatchObject({
      properties: {
        federation: {
          properties: Object.fromEntries(FEDERATION_KEYS.map((key) => [key, expect.anything()])),
        },
      },
    });
  });

  it.each(
    Object.entries(CASES).flatMap(([key, [taken, refused]]) => [
      ...taken.map((value) => [key, value, true] as const),
      ...refused.map((value) => [key, value, false] as const),
    ]),
  )('agrees with the app about %s: %j (%s)', (key, value, verdict) => {
    // What a value needs beside it, so that only the value itself decides.
    const beside = key === 'allowPrivateNetworks' ? { issuers: ['https://ci.example.com'] } : {};
    const file = { ...beside, [key]: value };
    expect({ schema: isValid(file), app: isTaken(file) }).toEqual({ schema: verdict, app: verdict });
  });

  it('refuses unknown keys, and accepts the example', () => {
    expect(isValid({ emial: [] })).toBe(false);
    const example: unknown = JSON.parse(readFileSync(join(ROOT, 'monitor.config.example.json'), 'utf8'));
    expect(isValid(example)).toBe(true);
  });
});
