import { describe, expect, it } from '@jest/globals';
import type { ThumbprintMonitorProps } from '../../../infra/monitor/props';
import { permissionsOf, stackOf, templateOf } from '../../support/stack';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const ACCOUNT = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:';
const UPDATE = 'iam:UpdateOpenIDConnectProviderThumbprint';

/** `action resource` of everything that the function may do. */
const allowed = (props: ThumbprintMonitorProps = {}, role = 'MonitorRole'): readonly string[] =>
  permissionsOf(templateOf(props))
    .filter((one) => one.role === role)
    .map(({ action, resource }) => `${action} ${resource}`);

const updatable = (props: ThumbprintMonitorProps): readonly string[] =>
  allowed(props)
    .filter((line) => line.startsWith(UPDATE))
    .map((line) => line.slice(UPDATE.length + 1));

const ROLES = [`iam:ListAttachedRolePolicies ${ACCOUNT}role/*`, 'iam:ListRoles *'];

describe('the policy of the function', () => {
  it('allows these actions by default, and no others', () => {
    expect(allowed()).toEqual([
      'dynamodb:GetItem ${MonitorState.Arn}',
      'dynamodb:PutItem ${MonitorState.Arn}',
      `iam:GetOpenIDConnectProvider ${ACCOUNT}oidc-provider/*`,
      'iam:ListAccountAliases *',
      `iam:ListAttachedRolePolicies ${ACCOUNT}role/*`,
      'iam:ListOpenIDConnectProviders *',
      'iam:ListRoles *',
      'logs:CreateLogStream ${MonitorLog.Arn}',
      'logs:PutLogEvents ${MonitorLog.Arn}',
      'sns:ListSubscriptionsByTopic ${MonitorAlerts}',
      'sns:Publish ${MonitorAlerts}',
      'sqs:SendMessage ${MonitorDeadLetters.Arn}',
    ]);
  });

  it('grows by what is switched on, and by nothing else', () => {
    const grown = (props: ThumbprintMonitorProps): readonly string[] => {
      const before = new Set(allowed());
      return allowed(props).filter((line) => !before.has(line));
    };
    expect(grown({ chat: true })).toEqual(['sns:Publish ${MonitorChat}']);
    expect(grown({ topicKey: true })).toEqual([
      'kms:Decrypt ${MonitorTopicKey.Arn}',
      'kms:GenerateDataKey ${MonitorTopicKey.Arn}',
    ]);
    expect(grown({ dashboard: true })).toEqual([]);
    expect(grown({ update: 'guarded' })).toHaveLength(1);
  });

  it('has no permission on roles if they are not audited', () => {
    const without = allowed({ auditTrust: false });
    expect(allowed().filter((line) => !without.includes(line))).toEqual(ROLES);
  });

  it.each([
    [{}, []],
    [{ update: 'guarded' }, ['oidc-provider/oidc.circleci.com/org/*']],
    [{ update: 'guarded', discover: 'all' }, []],
    [
      { update: 'guarded', discover: 'all', orgs: [ORG], updateIssuers: ['https://gitlab.com'] },
      ['oidc-provider/gitlab.com', `oidc-provider/oidc.circleci.com/org/${ORG}`],
    ],
    [
      { update: 'enforced-only', discover: 'none', orgs: [ORG], issuers: ['https://ci.example.com/*'] },
      ['oidc-provider/ci.example.com/${*}', `oidc-provider/oidc.circleci.com/org/${ORG}`],
    ],
  ] satisfies [ThumbprintMonitorProps, string[]][])('lets %j update %j', (props, resources) => {
    expect(updatable(props)).toEqual(resources.map((resource) => ACCOUNT + resource));
  });

  it('refuses more named providers than a policy can contain', () => {
    const orgs = Array.from({ length: 61 }, (_, index) => ORG.slice(0, -3) + String(100 + index));
    expect(() => stackOf({ update: 'guarded', discover: 'none', orgs })).toThrow(
      /^update: 61 configured providers do not fit into the policy of a role\. Set discover to circleci, /,
    );
    expect(updatable({ update: 'guarded', discover: 'none', orgs: orgs.slice(1) })).toHaveLength(60);
    expect(updatable({ update: 'guarded', orgs })).toHaveLength(1);
    expect(() => stackOf({ update: 'guarded', discover: 'all', orgs })).toThrow(/^update: 61 configured /);
  });

  it('has the resource `*` only for List actions without a resource', () => {
    const most = allowed({ update: 'guarded', chat: true, topicKey: true, dashboard: true });
    expect(most.filter((line) => line.endsWith(' *'))).toEqual([
      'iam:ListAccountAliases *',
      'iam:ListOpenIDConnectProviders *',
      'iam:ListRoles *',
    ]);
  });
});

describe('the role of the schedule', () => {
  it('may invoke the function and send failed invocations to the queue', () => {
    expect(allowed({}, 'MonitorScheduleRole')).toEqual([
      'lambda:InvokeFunction ${MonitorFunction.Arn}',
      'sqs:SendMessage ${MonitorDeadLetters.Arn}',
    ]);
  });

  it('is the only other role', () => {
    const roles = permissionsOf(templateOf({ chat: true, update: 'guarded', dashboard: true })).map(
      ({ role }) => role,
    );
    expect([...new Set(roles)].sort()).toEqual(['MonitorRole', 'MonitorScheduleRole']);
  });
});
