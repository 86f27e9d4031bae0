import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { readConfiguration } from '../../../infra/configuration/configuration';
import type { Configuration } from '../../../infra/configuration/configuration';
import { ConfigError } from '../../../lambda/domain/errors';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const SERVER = 'https://ci.example.com';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Alerts';
const SECOND_TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Second';
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/${ORG}`;
/** Node.js retains some roots for a few days after their end. */
const PEM = rootCertificates.find((pem) => new Date(new X509Certificate(pem).validTo) > new Date()) ?? '';
const FORGET = 'Change the file instead, or add -c forget=true.';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (value: unknown, name = 'monitor.config.json'): void => {
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
};

/** The configuration of a file and flags. */
function configured(file: unknown, flags: Readonly<Record<string, unknown>> = {}): Configuration {
  write(file);
  return readConfiguration(flags, folder);
}

/** The problems of a file and flags, one a line. */
function problemsOf(file: unknown, flags: Readonly<Record<string, unknown>> = {}): readonly string[] {
  try {
    configured(file, flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('monitor.config.json', () => {
  it('is optional', () => {
    expect(readConfiguration({}, folder)).toEqual({
      monitor: expect.objectContaining({ emails: [], orgs: [] }),
      federation: null,
      fileName: 'monitor.config.json',
      recipientsDecided: false,
    });
  });

  it('contains every key: lists as arrays, switches, numbers, inline certificates and findings', () => {
    const accept = [{ check: 'DISC001', issuer: SERVER, reason: 'known', until: '2027-01-31' }];
    const { monitor } = configured({
      $schema: './docs/monitor.config.schema.json',
      email: ['a@example.com', 'b@example.com'],
      schedule: 'rate(1 hour)',
      orgs: [ORG.toUpperCase(), OTHER],
      issuers: [SERVER],
      discover: 'all',
      update: 'guarded',
      updateIssuers: ['https://gitlab.com', SERVER],
      holdDownHours: 12,
      expiryDays: 7,
      trustAnchors: PEM,
      accept,
      allowPrivateNetworks: true,
      auditTrust: false,
      alarmTopicArn: SECOND_TOPIC,
      topicKey: true,
      chat: true,
      dashboard: true,
    });
    expect(monitor).toEqual({
      emails: ['a@example.com', 'b@example.com'],
      schedule: 'rate(1 hour)',
      orgs: [ORG, OTHER],
      issuers: [SERVER],
      discover: 'all',
      update: 'guarded',
      updateIssuers: ['https://gitlab.com', SERVER],
      holdDownHours: 12,
      expiryDays: 7,
      trustAnchors: { 'ci.example.com:443': expect.stringContaining('BEGIN CERTIFICATE') },
      accept,
      allowPrivateNetworks: true,
      auditTrust: false,
      alarmTopicArn: SECOND_TOPIC,
      topicKey: true,
      chat: true,
      dashboard: true,
    });
  });

  it('accepts a single string for a list of one', () => {
    const file = {
      email: 'a@example.com',
      orgs: ORG,
      issuers: SERVER,
      federation: { org: ORG, project: PROJECT, origin: 'github.com/acme/app', ref: 'refs/heads/a,b' },
    };
    expect(configured(file)).toMatchObject({
      monitor: { emails: ['a@example.com'], orgs: [ORG], issuers: [SERVER] },
      federation: { ref: ['refs/heads/a,b'] },
    });
  });

  it('configures the stack CircleCiFederation', () => {
    const federation = { org: ORG, project: PROJECT, repository: 'team/app' };
    expect(configured({ federation }).federation).toMatchObject(federation);
    expect(configured({ federation: { provider: PROVIDER, project: PROJECT } }).federation).toMatchObject({
      provider: PROVIDER,
      project: PROJECT,
    });
    expect(configured({ federation: {} }).federation).toBeNull();
  });

  it('reads files that it names relative to itself', () => {
    mkdirSync(join(folder, 'settings'));
    write(PEM, 'settings/ca.pem');
    write([{ check: 'DISC001', reason: 'known', until: '2027-01-31' }], 'settings/accept.json');
    write({ issuers: [SERVER], trustAnchors: 'ca.pem', accept: 'accept.json' }, 'settings/prod.json');
    const { monitor, fileName } = readConfiguration({ config: 'settings/prod.json' }, folder);
    expect(fileName).toBe('settings/prod.json');
    expect(monitor.accept).toHaveLength(1);
    expect(Object.keys(monitor.trustAnchors ?? {})).toEqual(['ci.example.com:443']);
  });

  it('may begin with a byte order mark', () => {
    expect(configured(`\uFEFF{"expiryDays": 7}`).monitor.expiryDays).toBe(7);
  });

  it.each<[string, unknown, unknown]>([
    [
      'an unknown key',
      { emial: [] },
      expect.stringMatching(
        /^emial: is not a known key\. Use one of: orgs, .*, email, .*, federation, \$schema\.$/,
      ),
    ],
    [
      'keys of a command',
      { forget: true, config: 'x' },
      [expect.stringMatching(/^forget: is not a known key\. /), expect.stringMatching(/^config: is not a /)],
    ],
    [
      'keys that the stack sets by itself',
      { stateTable: 'x' },
      [expect.stringMatching(/^stateTable: is not a known key\. /)],
    ],
    [
      'keys of the federation beside it',
      { org: ORG, project: PROJECT },
      [
        'org: in the file this key belongs inside federation: {"federation": {"org": …}}. To monitor it, use orgs.',
        'project: in the file this key belongs inside federation: {"federation": {"project": …}}.',
      ],
    ],
    [
      'an unknown key in federation',
      { federation: { org: ORG, projekt: PROJECT, project: PROJECT } },
      'federation.projekt: is not a known key. Use one of: org, project, issuer, provider, origin, ref, repository.',
    ],
    ['null', { topicArn: null }, 'topicArn: must not be null. Remove the key.'],
    [
      'a federation that is no object',
      { federation: [ORG] },
      `federation: must be an object such as {"org": "…", "project": "…"}; it is a list.`,
    ],
    [
      'values of wrong types in federation',
      { federation: { org: 5, project: PROJECT, ref: ['refs/heads/main', 7] } },
      ['federation.org: must be a string; it is 5.', 'federation.ref: must be a string; it is 7.'],
    ],
    [
      'a federation without its project',
      { federation: { org: ORG, repository: 'team/app' } },
      'federation.project: is missing. The stack CircleCiFederation requires org and project.',
    ],
    ['a number for a list', { orgs: 5 }, `orgs: must be a list such as ["${ORG}"]; it is 5.`],
    ['a number for addresses', { email: 5 }, 'email: must be a list such as ["you@example.com"]; it is 5.'],
    ['numbers for addresses', { email: ['a@example.com', 5] }, 'email[1]: must be a string; it is 5.'],
    [
      'two addresses in one string',
      { email: 'a@example.com,b@example.com' },
      'email[0]: "a@example.com,b@example.com" is not an e-mail address such as you@example.com.',
    ],
    [
      'a text for a number',
      { expiryDays: '7' },
      'expiryDays: must be a whole number from 1 to 365; it is "7".',
    ],
    ['a text for a switch', { dashboard: 'true' }, 'dashboard: must be true or false; it is "true".'],
    ['a number for a key', { topicKey: 5 }, 'topicKey: must be true, false or the ARN of a key; it is 5.'],
    ['a number for a schedule', { schedule: 6 }, 'schedule: "6" is not a schedule such as rate(6 hours).'],
    [
      'another word for recipients',
      { recipients: 'me' },
      'recipients: must be none; it is "me". Correct it, or remove it.',
    ],
    [
      'a list',
      '[]',
      'config: the file "monitor.config.json" must contain a JSON object such as {"email": ["you@example.com"]}; it contains a list.',
    ],
  ])('refuses %s', (_, file, problems) => {
    expect(problemsOf(file)).toEqual([problems].flat());
  });

  it('reports a syntax error of JSON', () => {
    expect(problemsOf('{"email": [}')).toEqual([
      expect.stringMatching(/^config: the file "monitor\.config\.json" is not JSON: .+\. Correct it\.$/),
    ]);
  });

  it('names the file that is missing or cannot be read', () => {
    expect(problemsOf({}, { config: 'prod.json' })).toEqual([
      'config: there is no file "prod.json". Correct the path, or create the file from monitor.config.example.json.',
    ]);
    expect(problemsOf({}, { config: '' })).toEqual([
      'config: must be the path of a file such as monitor.config.json; it is "".',
    ]);
    expect(problemsOf({}, { config: '.' })).toEqual([
      'config: the file "." cannot be read (EISDIR). Correct its permissions or the path.',
    ]);
  });

  it('is read instead of the default file if -c config selects it', () => {
    write({ expiryDays: 9 }, 'prod.json');
    expect(configured({ expiryDays: 7 }, { config: 'prod.json' }).monitor.expiryDays).toBe(9);
  });

  it('has all its problems reported together with those of the flags', () => {
    const lines = problemsOf(
      { emial: '', expiryDays: 0, federation: { org: 'x' } },
      { orgs: 'y', schedule: 'daily' },
    );
    expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'emial',
      'schedule',
      'orgs[0]',
      'expiryDays',
      'federation.project',
      'federation.org',
    ]);
  });
});

describe('flags beside monitor.config.json', () => {
  it('override the file, key by key', () => {
    const file = {
      email: ['a@example.com'],
      expiryDays: 7,
      schedule: 'rate(1 hour)',
      orgs: [ORG],
      federation: { org: ORG, project: PROJECT, repository: 'team/app' },
    };
    const flags = {
      expiryDays: '9',
      email: 'a@example.com,b@example.com',
      orgs: `${OTHER},${ORG.toUpperCase()}`,
      project: OTHER,
    };
    expect(configured(file, flags)).toMatchObject({
      monitor: {
        emails: ['a@example.com', 'b@example.com'],
        expiryDays: 9,
        schedule: 'rate(1 hour)',
        orgs: [OTHER, ORG],
      },
      federation: { org: ORG, project: OTHER, repository: 'team/app' },
    });
  });

  it.each<[string, unknown, Readonly<Record<string, unknown>>, string]>([
    [
      'an org',
      { orgs: [ORG, OTHER] },
      { orgs: ORG },
      `orgs: the flag would remove "${OTHER}", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'every org',
      { orgs: [ORG, OTHER] },
      { orgs: '' },
      `orgs: the flag would remove "${ORG}", "${OTHER}", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'an issuer',
      { issuers: SERVER },
      { issuers: 'https://gitlab.example.com' },
      `issuers: the flag would remove "${SERVER}", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'an e-mail address',
      { email: ['a@example.com', 'b@example.com'] },
      { email: 'b@example.com' },
      `email: the flag would remove "a@example.com", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'a topic',
      { topicArn: TOPIC },
      { topicArn: SECOND_TOPIC },
      `topicArn: the flag would remove "${TOPIC}", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'the topic of the alarms',
      { alarmTopicArn: TOPIC },
      { alarmTopicArn: SECOND_TOPIC },
      `alarmTopicArn: the flag would remove "${TOPIC}", which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'the chat topic',
      { chat: true },
      { chat: 'false' },
      `chat: the flag would remove the chat topic, which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'the dashboard',
      { dashboard: true },
      { dashboard: 'false' },
      `dashboard: the flag would remove the dashboard, which monitor.config.json contains. ${FORGET}`,
    ],
    [
      'the org of the federation',
      { federation: { org: ORG, project: PROJECT } },
      { org: OTHER },
      `org: the flag would remove "${ORG}", which monitor.config.json contains. ${FORGET}`,
    ],
  ])('may not remove %s that the file names, unless forget is true (fault 61)', (_, file, flags, problem) => {
    expect(problemsOf(file, flags)).toEqual([problem]);
    expect(problemsOf(file, { ...flags, forget: 'false' })).toEqual([problem]);
    expect(problemsOf(file, { ...flags, forget: 'true' })).toEqual([]);
  });

  it('may write an org or issuer in another notation', () => {
    const file = { orgs: [ORG], issuers: ['https://CI.example.com'], email: ['a@example.com'] };
    expect(problemsOf(file, { orgs: ORG.toUpperCase(), issuers: SERVER })).toEqual([]);
  });

  it('may not contain forget otherwise', () => {
    expect(problemsOf({}, { forget: 'yes' })).toEqual(['forget: must be true or false; it is "yes".']);
  });
});

describe('recipients in file and flags', () => {
  it.each<[unknown, Readonly<Record<string, unknown>>, boolean]>([
    [{}, {}, false],
    [{ email: [] }, { alarmTopicArn: TOPIC, dashboard: 'true', chat: 'false' }, false],
    [{ email: 'a@example.com' }, {}, true],
    [{ email: 'a@example.com' }, { email: '', forget: 'true' }, false],
    [{ topicArn: TOPIC }, {}, true],
    [{ chat: true }, {}, true],
    [{}, { email: 'a@example.com' }, true],
    [{}, { topicArn: TOPIC }, true],
    [{}, { chat: 'true' }, true],
    [{}, { recipients: 'none' }, true],
    [{ recipients: 'none' }, {}, true],
  ])('of the file %j and the flags %j', (file, flags, decided) => {
    expect(configured(file, flags).recipientsDecided).toBe(decided);
  });
});

describe('monitor.config.example.json', () => {
  it('is a configuration', () => {
    const example = readFileSync(join(__dirname, '..', '..', '..', 'monitor.config.example.json'), 'utf8');
    expect(configured(example)).toMatchObject({
      monitor: { emails: ['you@example.com'] },
      recipientsDecided: true,
    });
  });
});
