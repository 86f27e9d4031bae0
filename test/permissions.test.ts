import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../lambda/config/config';
import { PERMISSIONS, checksOf } from '../lambda/permissions';
import { CHECK_IDS } from '../lambda/domain/checks';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alerts';

/** `action resource` of all that a configuration asks for. */
const asked = (config: object): readonly string[] =>
  PERMISSIONS.flatMap(({ action, resources: places }) =>
    places(parseConfig(config)).map((place) => `${action} ${place}`),
  );

const READING = ['iam:ListOpenIDConnectProviders *', 'iam:GetOpenIDConnectProvider iam:oidc-provider/*'];
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

  it.each<[object, readonly string[]]>([
    [{ update: 'off', discover: 'all', orgs: [ORG] }, []],
    [{ update: 'guarded', discover: 'all', orgs: [ORG] }, ['oidc-provider/*']],
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
  it('names each action once, and existing checks', () => {
    const actions = PERMISSIONS.map(({ action }) => action);
    expect(new Set(actions).size).toBe(actions.length);
    for (const { checks } of PERMISSIONS) for (const check of checks) expect(CHECK_IDS).toContain(check);
  });

  it('has every action that the function calls', () => {
    const io = join(__dirname, '..', 'lambda', 'adapters');
    const called = readdirSync(io, { encoding: 'utf8', recursive: true }).flatMap((file) => {
      if (!file.endsWith('.ts')) return [];
      const source = readFileSync(join(io, file), 'utf8');
      const [, service = ''] = /from '@aws-sdk\/client-(\w+)'/.exec(source) ?? [];
      const calls = [...source.matchAll(/new (\w+)Command\(|\bpaginate(\w+)\(/g)];
      return calls.map(([, command, pages]) => `${service}:${command ?? pages ?? ''}`);
    });
    const actions = PERMISSIONS.map(({ action }) => action);
    expect(called.filter((action) => !actions.includes(action))).toEqual([]);
    expect(called.length).toBeGreaterThan(5);
  });

  it('names the checks that need an action', () => {
    expect(checksOf('iam:ListAttachedRolePolicies')).toEqual(['TRUST005']);
    expect(checksOf('sns:ListSubscriptionsByTopic')).toEqual(['OPS001']);
    expect(checksOf('s3:GetObject')).toEqual([]);
  });
});
