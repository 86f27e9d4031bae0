import { describe, expect, it } from '@jest/globals';
import { rootCertificates } from 'node:tls';
import { CONFIG_KEYS, configDifference, parseConfig, parseConfigText } from '../../lambda/config/config';
import type { MonitorConfig } from '../../lambda/config/config';
import { ConfigError } from '../../lambda/domain/errors';
import { CHECK_IDS } from '../../lambda/domain/checks';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const SERVER = 'https://ci.example.com';
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:Alerts';
const [PEM = ''] = rootCertificates;

const DEFAULTS: MonitorConfig = {
  orgs: [],
  issuers: [],
  discover: undefined,
  update: 'off',
  updateIssuers: [],
  holdDownHours: 24,
  expiryDays: 30,
  trustAnchors: {},
  accept: [],
  allowPrivateNetworks: false,
  auditTrust: true,
  accountName: null,
  docsUrl: null,
  topicArn: null,
  chatTopicArn: null,
  stateTable: null,
};

const ACCEPTED = { check: 'DISC001', issuer: SERVER, reason: 'known', until: '2027-01-31' };

/** As MONITOR_CONFIG carries it. */
const written = (config: MonitorConfig): string => JSON.stringify(configDifference(config));

describe('parseConfig', () => {
  it('applies the defaults of the contract', () => {
    expect(parseConfig({})).toEqual(DEFAULTS);
    expect(CONFIG_KEYS).toEqual(Object.keys(DEFAULTS));
  });

  it.each([
    [{ orgs: [ORG.toUpperCase(), ORG] }, { orgs: [ORG] }],
    [
      { issuers: ['https://CI.example.com', SERVER, `${SERVER}:443`, `${SERVER}:8443`] },
      { issuers: [SERVER, `${SERVER}:8443`] },
    ],
    [{ discover: 'all' }, { discover: 'all' }],
    [{ discover: 'none' }, { discover: 'none' }],
    [{ discover: 'circleci' }, { discover: 'circleci' }],
    [
      { updateIssuers: ['https://CI.example.com', SERVER, `${SERVER}/a/`] },
      { updateIssuers: [SERVER, `${SERVER}/a/`] },
    ],
    [{ update: 'guarded' }, { update: 'guarded' }],
    [{ update: 'enforced-only' }, { update: 'enforced-only' }],
    [{ holdDownHours: 0 }, { holdDownHours: 0 }],
    [{ holdDownHours: 720 }, { holdDownHours: 720 }],
    [{ expiryDays: 1 }, { expiryDays: 1 }],
    [{ expiryDays: 365 }, { expiryDays: 365 }],
    [{ accept: [ACCEPTED] }, { accept: [ACCEPTED] }],
    [
      {
        accept: [
          { ...ACCEPTED, issuer: ORG.toUpperCase(), reason: ' why ', until: '2028-02-29T23:59:59+02:00' },
        ],
      },
      {
        accept: [
          {
            ...ACCEPTED,
            issuer: `https://oidc.circleci.com/org/${ORG}`,
            reason: 'why',
            until: '2028-02-29T23:59:59+02:00',
          },
        ],
      },
    ],
    [{ allowPrivateNetworks: true }, { allowPrivateNetworks: true }],
    [{ auditTrust: false }, { auditTrust: false }],
    [{ accountName: 'Größe 1' }, { accountName: 'Größe 1' }],
    [{ docsUrl: 'https://example.com/docs' }, { docsUrl: 'https://example.com/docs' }],
    [{ topicArn: TOPIC, chatTopicArn: null }, { topicArn: TOPIC }],
    [
      { topicArn: 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_b-C' },
      { topicArn: 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_b-C' },
    ],
    [{ stateTable: 'Monitor.State-1' }, { stateTable: 'Monitor.State-1' }],
    [
      { stateTable: 'arn:aws:dynamodb:eu-central-1:123456789012:table/State' },
      { stateTable: 'arn:aws:dynamodb:eu-central-1:123456789012:table/State' },
    ],
    [{ orgs: undefined, discover: undefined, trustAnchors: undefined, topicArn: undefined }, {}],
  ])('accepts %j', (value, difference) => {
    expect(parseConfig(value)).toEqual({ ...DEFAULTS, ...difference });
  });

  it.each(CHECK_IDS)('accepts %s as a check to suppress', (check) => {
    expect(parseConfig({ accept: [{ ...ACCEPTED, check }] }).accept).toEqual([{ ...ACCEPTED, check }]);
  });

  const anObject = `configuration: must be an object such as {"orgs": ["${ORG}"]}; it is`;
  const known = CONFIG_KEYS.join(', ');
  const checks = CHECK_IDS.join(', ');
  const aTopic =
    'must be the ARN of a standard SNS topic (arn:<partition>:sns:<region>:<account>:<name>); it is';
  const aDate = 'must be a date such as "2027-01-31" or "2027-01-31T12:00:00Z"; it is';
  const anEntry =
    'must be an object with check, reason and until, and optionally issuer, account and subject; it is';
  const accepting = (change: object): object => ({ accept: [{ ...ACCEPTED, ...change }] });

  it.each([
    [null, `${anObject} null.`],
    [undefined, `configuration: is missing; it must be an object such as {"orgs": ["${ORG}"]}.`],
    [[], `${anObject} a list.`],
    ['{}', `${anObject} "{}".`],
    [{ holddownhours: 1 }, `holddownhours: is not a known key. Use one of: ${known}.`],
    [{ email: 'a@example.com' }, `email: is not a known key. Use one of: ${known}.`],
    [{ 'a\nb': 1 }, String.raw`"a\u{a}b": is not a known key. Use one of: ${known}.`],
    [
      JSON.parse('{"__proto__":{"update":"guarded"}}'),
      `__proto__: is not a known key. Use one of: ${known}.`,
    ],
    [{ orgs: ORG }, `orgs: must be a list such as ["${ORG}"]; it is "${ORG}".`],
    [{ orgs: null }, `orgs: must be a list such as ["${ORG}"]; it is null.`],
    [{ orgs: [7] }, 'orgs[0]: must be a string; it is 7.'],
    [
      { orgs: [ORG, `${ORG}4`] },
      `orgs[1]: "${ORG}4" is not a CircleCI org id: it has 37 characters, a UUID has 36. Copy it from Organization Settings > Overview.`,
    ],
    [
      { issuers: ['http://ci.example.com'] },
      'issuers[0]: "http://ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [{ issuers: SERVER }, `issuers: must be a list such as ["${SERVER}"]; it is "${SERVER}".`],
    [{ discover: 'al' }, 'discover: "al" is not known. Use one of: all, circleci, none.'],
    [{ discover: true }, 'discover: must be one of all, circleci, none; it is true.'],
    [
      { updateIssuers: ['ci.example.com'] },
      'updateIssuers[0]: "ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [{ updateIssuers: SERVER }, `updateIssuers: must be a list such as ["${SERVER}"]; it is "${SERVER}".`],
    [{ update: 'always' }, 'update: "always" is not known. Use one of: off, enforced-only, guarded.'],
    [{ holdDownHours: '24' }, 'holdDownHours: must be a whole number from 0 to 720; it is "24".'],
    [{ holdDownHours: -1 }, 'holdDownHours: must be a whole number from 0 to 720; it is -1.'],
    [{ holdDownHours: 721 }, 'holdDownHours: must be a whole number from 0 to 720; it is 721.'],
    [{ holdDownHours: 1.5 }, 'holdDownHours: must be a whole number from 0 to 720; it is 1.5.'],
    [{ expiryDays: 0 }, 'expiryDays: must be a whole number from 1 to 365; it is 0.'],
    [{ expiryDays: 366 }, 'expiryDays: must be a whole number from 1 to 365; it is 366.'],
    [{ expiryDays: NaN }, 'expiryDays: must be a whole number from 1 to 365; it is NaN.'],
    [{ allowPrivateNetworks: 'true' }, 'allowPrivateNetworks: must be true or false; it is "true".'],
    [{ auditTrust: 0 }, 'auditTrust: must be true or false; it is 0.'],
    [{ topicArn: 'Alerts' }, `topicArn: ${aTopic} "Alerts".`],
    [{ topicArn: `${TOPIC}.fifo` }, `topicArn: ${aTopic} "${TOPIC}.fifo".`],
    [{ topicArn: TOPIC.replace('sns', 'sqs') }, `topicArn: ${aTopic} "${TOPIC.replace('sns', 'sqs')}".`],
    [{ topicArn: [TOPIC] }, `topicArn: ${aTopic} a list.`],
    [{ chatTopicArn: 7 }, `chatTopicArn: ${aTopic} 7.`],
    [{ stateTable: '' }, 'stateTable: must be the name or ARN of a DynamoDB table; it is "".'],
    [
      { accept: {} },
      'accept: must be a list of objects with check, reason and until, and optionally issuer, account and subject; it is an object.',
    ],
    [{ accept: ['DISC001'] }, `accept[0]: ${anEntry} "DISC001".`],
    [{ accept: [{}] }, ['check', 'reason', 'until'].map((key) => `accept[0].${key}: is missing.`).join('\n')],
    [
      accepting({ cheek: 1 }),
      'accept[0].cheek: is not a known key. Use one of: check, issuer, account, subject, reason, until.',
    ],
    [accepting({ check: 'disc001' }), `accept[0].check: "disc001" is not known. Use one of: ${checks}.`],
    [
      accepting({ issuer: 'ci.example.com' }),
      'accept[0].issuer: "ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [
      accepting({ issuer: 'x' }),
      'accept[0].issuer: "x" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
    ],
    [
      accepting({ account: '12345' }),
      'accept[0].account: must be an account id of 12 digits; it is "12345".',
    ],
    [
      accepting({ account: 123456789012 }),
      'accept[0].account: must be an account id of 12 digits, in quotes; it is 123456789012.',
    ],
    [
      accepting({ subject: 'a'.repeat(40) }),
      'accept[0].subject: findings of DISC001 have no subject. Remove subject, and name the issuer.',
    ],
    [
      accepting({ check: 'TRUST001', subject: 'arn:aws:iam::123456789012:user/ci' }),
      'accept[0].subject: must be the name or the ARN of a role, such as "deploy" or "arn:aws:iam::123456789012:role/deploy", because findings of TRUST001 are about one; it is "arn:aws:iam::123456789012:user/ci".',
    ],
    [
      accepting({ check: 'THUMB001', subject: 'abc' }),
      'accept[0].subject: must be a thumbprint of 40 hex digits, because findings of THUMB001 are about one; it is "abc".',
    ],
    [
      accepting({ check: 'DISC003', subject: 'https://keys.example.com' }),
      'accept[0].subject: must be a host such as "keys.example.com" or "keys.example.com:8443", because findings of DISC003 are about one; it is "https://keys.example.com".',
    ],
    [
      accepting({ check: 'PROV006', subject: 'deploy' }),
      'accept[0].subject: must be the ARN of an OIDC provider, because findings of PROV006 are about one; it is "deploy".',
    ],
    [
      {
        accept: [
          { ...ACCEPTED, check: 'TRUST001', subject: 'a' },
          { ...ACCEPTED, check: 'TRUST001', subject: 'a' },
        ],
      },
      `accept: names TRUST001 "a" of ${SERVER} more than once. Keep one entry.`,
    ],
    [accepting({ reason: ' ' }), 'accept[0].reason: is empty. Explain why the finding is accepted.'],
    [accepting({ reason: 1 }), 'accept[0].reason: must be a string; it is 1.'],
    [accepting({ until: '2027-02-29' }), `accept[0].until: ${aDate} "2027-02-29".`],
    [accepting({ until: '2027-13-01' }), `accept[0].until: ${aDate} "2027-13-01".`],
    [accepting({ until: '2027-01-31T12:00:00' }), `accept[0].until: ${aDate} "2027-01-31T12:00:00".`],
    [accepting({ until: '2027-01-31T25:00:00Z' }), `accept[0].until: ${aDate} "2027-01-31T25:00:00Z".`],
    [accepting({ until: 'never' }), `accept[0].until: ${aDate} "never".`],
    [accepting({ until: ['2027-01-31'] }), `accept[0].until: ${aDate} a list.`],
    [accepting({ until: 2027 }), `accept[0].until: ${aDate} 2027.`],
    [
      { accept: [ACCEPTED, { ...ACCEPTED, issuer: `${SERVER}:443`, until: '2028-01-31' }] },
      `accept: names DISC001 of ${SERVER} more than once. Keep one entry.`,
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parseConfig(value)).toThrow(ConfigError);
    expect(() => parseConfig(value)).toThrow(new ConfigError(message));
  });

  it('accepts private authorities of any host only if discover is all', () => {
    const trustAnchors = { 'a.example.com': PEM };
    expect(Object.keys(parseConfig({ discover: 'all', trustAnchors }).trustAnchors)).toEqual([
      'a.example.com:443',
    ]);
    for (const discover of ['circleci', 'none', undefined]) {
      expect(() => parseConfig({ discover, trustAnchors })).toThrow(/no configured issuer has this host/);
    }
  });

  it('reports all problems at once, one a line', () => {
    const value = {
      isuers: [],
      orgs: ['x', 'y'],
      discover: 'some',
      expiryDays: 0,
      accept: [{ ...ACCEPTED, reason: '', extra: 1 }],
      trustAnchors: { 'gitlab.com': PEM, a: 1 },
    };
    const lines = messageOf(() => parseConfig(value)).split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
      'isuers',
      'accept[0].extra',
      'orgs[0]',
      'orgs[1]',
      'discover',
      'expiryDays',
      'accept[0].reason',
      'trustAnchors["gitlab.com"]',
      'trustAnchors["a"]',
    ]);
  });
});

describe('parseConfigText', () => {
  it('parses JSON', () => {
    expect(parseConfigText('{}')).toEqual(DEFAULTS);
    expect(parseConfigText(`{"orgs":["${ORG}"]}`)).toEqual({ ...DEFAULTS, orgs: [ORG] });
  });

  const unset = `MONITOR_CONFIG: is not set. Deploy the stack again, or set it to JSON such as {"orgs": ["${ORG}"]}; {} means all defaults.`;

  it.each([undefined, '', ' \n'])('refuses %j', (json) => {
    expect(() => parseConfigText(json)).toThrow(ConfigError);
    expect(() => parseConfigText(json)).toThrow(new ConfigError(unset));
  });

  // The words in the middle are V8's, and differ between its versions; each names the position.
  it.each([
    ['{"orgs":[1 2]}', /at position 11/],
    ['{"orgs":nul}', /"\{"orgs":nul\}"/],
    ['{"orgs":[', /end of JSON input/],
    ['{"a":\u001b}', /\\u\{1b\}/],
  ])('refuses %j and says where', (json, where) => {
    const message = messageOf(() => parseConfigText(json));
    expect(message).toMatch(/^MONITOR_CONFIG: is not JSON: .*\. Deploy the stack again, or correct it\.$/);
    expect(message).toMatch(where);
    expect(() => parseConfigText(json)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ name: 'SyntaxError' }) }),
    );
  });

  it('validates the parsed value', () => {
    expect(messageOf(() => parseConfigText('null'))).toBe(
      `configuration: must be an object such as {"orgs": ["${ORG}"]}; it is null.`,
    );
  });
});

describe('configDifference, as JSON', () => {
  it('writes only what differs from the defaults', () => {
    expect(written(parseConfig({ updateIssuers: [], expiryDays: 30 }))).toBe('{}');
    expect(configDifference(parseConfig({ orgs: [ORG], auditTrust: false }))).toEqual({
      orgs: [ORG],
      auditTrust: false,
    });
  });

  it.each(['all', 'circleci', 'none'])(
    'writes discover if it is %s, since updates depend on it',
    (discover) => {
      expect(configDifference(parseConfig({ discover }))).toEqual({ discover });
    },
  );

  it('parses back to the same configuration', () => {
    const config = parseConfig({
      orgs: [ORG],
      issuers: [SERVER, 'https://gitlab.com', 'https://other.example.com:8443/a'],
      discover: 'all',
      update: 'guarded',
      updateIssuers: [SERVER],
      holdDownHours: 1,
      expiryDays: 7,
      trustAnchors: PEM,
      accept: [ACCEPTED],
      allowPrivateNetworks: true,
      auditTrust: false,
      accountName: 'prod',
      docsUrl: 'https://example.com/docs',
      topicArn: TOPIC,
      chatTopicArn: TOPIC,
      stateTable: 'State',
    });
    expect(parseConfigText(written(config))).toEqual(config);
    expect(Object.keys(configDifference(config)).sort()).toEqual([...CONFIG_KEYS].sort());
  });
});

/** The message of the ConfigError that `act` throws. */
function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
}
