import { beforeAll, describe, expect, it } from '@jest/globals';
import { aws_logs as logs } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import type { Template } from 'aws-cdk-lib/assertions';
import { buildFunction } from '../../infra/build';
import { ConfigError } from '../../lambda/core/errors';
import { permissionsOf, stackOf, templateOf } from '../support/stack';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

let template: Template;

beforeAll(() => {
  buildFunction();
  template = templateOf({ emails: ['you@example.com', 'ops@example.com'], orgs: [ORG] });
});

describe('the stack', () => {
  it('runs the bundle on the newest Node and the cheaper processor', () => {
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 300,
    });
  });

  it('gives the function its configuration and the topic', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          MONITOR_CONFIG: {
            'Fn::Join': [
              '',
              [
                `{"orgs":["${ORG}"],"topicArn":"`,
                { Ref: Match.stringLikeRegexp('MonitorAlerts') },
                Match.stringLikeRegexp('^"'),
              ],
            ],
          },
        },
      },
    });
  });

  it('asks every six hours for the action monitor, and for nothing else', () => {
    template.resourceCountIs('AWS::Scheduler::Schedule', 1);
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(6 hours)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 },
      Target: Match.objectLike({ Input: '{"action":"monitor"}' }),
    });
  });

  it('takes another schedule', () => {
    templateOf({ schedule: 'rate(15 minutes)' }).hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(15 minutes)',
    });
  });

  it('refuses to publish without TLS', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      }),
    });
  });

  it('subscribes each address', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 2);
    for (const Endpoint of ['you@example.com', 'ops@example.com']) {
      template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
    }
  });

  it('keeps logs for three months, or as long as is said, and takes them along when it goes', () => {
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 90 },
      DeletionPolicy: 'Delete',
    });
    templateOf({ logRetention: logs.RetentionDays.ONE_YEAR }).hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 365,
    });
  });

  it('names function and topic, and whose mail must be confirmed', () => {
    template.hasOutput('MonitorFunctionName', { Value: { Ref: Match.stringLikeRegexp('MonitorFunction') } });
    template.hasOutput('TopicArn', { Value: { Ref: Match.stringLikeRegexp('MonitorAlerts') } });
    template.hasOutput('ConfirmSubscription', {
      Value: Match.stringLikeRegexp('you@example.com, ops@example.com'),
    });
  });

  it('says so where nobody is told', () => {
    templateOf().hasOutput('ConfirmSubscription', { Value: Match.stringLikeRegexp('nobody is told') });
  });

  it('allows the function these actions, and no others', () => {
    expect(permissionsOf(template).filter(({ role }) => role === 'MonitorRole')).toEqual([
      {
        role: 'MonitorRole',
        action: 'iam:GetOpenIDConnectProvider',
        resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/*',
      },
      { role: 'MonitorRole', action: 'iam:ListOpenIDConnectProviders', resource: '*' },
      { role: 'MonitorRole', action: 'logs:CreateLogStream', resource: '${MonitorLog.Arn}' },
      { role: 'MonitorRole', action: 'logs:PutLogEvents', resource: '${MonitorLog.Arn}' },
      { role: 'MonitorRole', action: 'sns:Publish', resource: '${MonitorAlerts}' },
    ]);
  });

  it('refuses wrong props at synth, all at once', () => {
    expect(() => stackOf({ emails: ['x'], schedule: 'daily', orgs: ['y'] })).toThrow(
      new ConfigError(
        [
          'email[0]: "x" is not an e-mail address such as you@example.com.',
          'schedule: "daily" is not a schedule such as rate(6 hours).',
          'orgs[0]: "y" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
        ].join('\n'),
      ),
    );
  });
});
