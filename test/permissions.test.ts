import { describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { SNSClient } from '@aws-sdk/client-sns';
import { storeIn } from '../lambda/adapters/dynamodb';
import {
  accountAlias,
  attachedPolicies,
  listProviders,
  listRoles,
  readProvider,
  updateThumbprints,
} from '../lambda/adapters/iam';
import { countRecipients, publish } from '../lambda/adapters/sns';
import { composeTest } from '../lambda/alerting/message/message';
import { parseConfig } from '../lambda/config/config';
import { PERMISSIONS } from '../lambda/permissions';
import { reportOf } from './support/reports';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alerts';

/** `action resource` of all that a configuration asks for. */
const asked = (config: object): readonly string[] =>
  PERMISSIONS.flatMap(({ action, resources: places }) =>
    places(parseConfig(config)).map((place) => `${action} ${place}`),
  );

const READING = [
  'iam:ListOpenIDConnectProviders *',
  'iam:ListAccountAliases *',
  'iam:GetOpenIDConnectProvider iam:oidc-provider/*',
];
const ROLES = ['iam:ListRoles *', 'iam:ListAttachedRolePolicies iam:role/*'];

describe('permissions of the function', () => {
  it.each<[string, object, readonly string[]]>([
    ['reads providers and roles', {}, ROLES],
    ['reads no roles where they are not audited', { auditTrust: false }, []],
    [
      'remembers where there is a table',
      { auditTrust: false, stateTable: 'state' },
      ['dynamodb:GetItem stateTable', 'dynamodb:PutItem stateTable'],
    ],
    [
      'tells people where there is a topic, and counts those who listen to it',
      { auditTrust: false, topicArn: TOPIC },
      ['sns:Publish topic', 'sns:ListSubscriptionsByTopic topic'],
    ],
    [
      'tells a chat where there is one',
      { auditTrust: false, chatTopicArn: TOPIC },
      ['sns:Publish chatTopic'],
    ],
  ])('%s', (_, config, more) => {
    expect(asked(config)).toEqual([...READING, ...more]);
  });

  it('reads no alias of the account if its name is configured', () => {
    expect(asked({ accountName: 'prod' })).not.toContain('iam:ListAccountAliases *');
  });

  it.each<[object, readonly string[]]>([
    [{ update: 'off', discover: 'all', orgs: [ORG] }, []],
    [{ update: 'guarded' }, ['oidc-provider/oidc.circleci.com/org/*']],
    [{ update: 'guarded', discover: 'circleci' }, ['oidc-provider/oidc.circleci.com/org/*']],
    [{ update: 'guarded', discover: 'all' }, []],
    [
      {
        update: 'guarded',
        discover: 'all',
        orgs: [ORG],
        issuers: ['https://ci.example.com'],
        updateIssuers: ['https://gitlab.com', 'https://ci.example.com'],
      },
      [
        `oidc-provider/oidc.circleci.com/org/${ORG}`,
        'oidc-provider/ci.example.com',
        'oidc-provider/gitlab.com',
      ],
    ],
    [
      { update: 'guarded', updateIssuers: ['https://gitlab.com', `https://oidc.circleci.com/org/${ORG}`] },
      ['oidc-provider/oidc.circleci.com/org/*', 'oidc-provider/gitlab.com'],
    ],
    [{ update: 'off', updateIssuers: ['https://gitlab.com'] }, []],
    [{ update: 'enforced-only', orgs: [ORG] }, ['oidc-provider/oidc.circleci.com/org/*']],
    [
      { update: 'guarded', issuers: ['https://ci.example.com:8443/a'] },
      ['oidc-provider/oidc.circleci.com/org/*', 'oidc-provider/ci.example.com:8443/a'],
    ],
    [
      { update: 'guarded', discover: 'none', orgs: [ORG], issuers: ['https://ci.example.com/https://'] },
      [`oidc-provider/oidc.circleci.com/org/${ORG}`, 'oidc-provider/ci.example.com/https://'],
    ],
    // A star in a path is a star, not a pattern.
    [
      { update: 'guarded', discover: 'none', issuers: ['https://ci.example.com/*/*'] },
      ['oidc-provider/ci.example.com/${*}/${*}'],
    ],
  ])('lets %j update %j', (config, places) => {
    const update = 'iam:UpdateOpenIDConnectProviderThumbprint ';
    expect(asked(config).filter((line) => line.startsWith(update))).toEqual(
      places.map((place) => `${update}iam:${place}`),
    );
  });
});

describe('PERMISSIONS', () => {
  it('names each action once', () => {
    const actions = PERMISSIONS.map(({ action }) => action);
    expect(new Set(actions).size).toBe(actions.length);
  });

  it('has every action that the function calls', async () => {
    const called = new Set<string>();
    /** Notes the action of a command in place of a request. */
    const note =
      (
        _next: unknown,
        {
          clientName = '',
          commandName = '',
        }: { readonly clientName?: string; readonly commandName?: string },
      ) =>
      (): Promise<never> => {
        const service = clientName.replace('Client', '').toLowerCase();
        called.add(`${service}:${commandName.replace('Command', '')}`);
        return Promise.reject(new Error('No request is made.'));
      };
    const settings = { region: 'eu-west-1', maxAttempts: 1 };
    const iam = new IAMClient(settings);
    const sns = new SNSClient(settings);
    const dynamo = new DynamoDBClient(settings);
    iam.middlewareStack.add(note, { step: 'initialize' });
    sns.middlewareStack.add(note, { step: 'initialize' });
    dynamo.middlewareStack.add(note, { step: 'initialize' });
    const store = storeIn(dynamo, 'state');
    const data = new Uint8Array();
    await Promise.allSettled([
      accountAlias(iam),
      listProviders(iam),
      readProvider(iam, 'arn'),
      updateThumbprints(iam, 'arn', []),
      listRoles(iam),
      attachedPolicies(iam, 'ci'),
      publish(sns, TOPIC, composeTest(reportOf([]), null)),
      countRecipients(sns, TOPIC),
      store.load('id'),
      store.save({ id: 'id', readVersion: null, data }),
    ]);
    const actions = PERMISSIONS.map(({ action }) => action);
    expect([...called].sort()).toEqual([...actions].sort());
  });
});
