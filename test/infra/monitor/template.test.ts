import { beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, aws_kms as kms, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import type { Template } from 'aws-cdk-lib/assertions';
import { randomUUID } from 'node:crypto';
import { ThumbprintMonitor } from '../../../infra/monitor/thumbprint-monitor';
import { ConfigError } from '../../../lambda/domain/errors';
import type { ThumbprintMonitorProps } from '../../../infra/monitor/props';
import { environmentOf, stackOf, templateOf } from '../../support/stack';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

let template: Template;

beforeAll(() => {
  template = templateOf({ emails: ['you@example.com', 'ops@example.com'], orgs: [ORG] });
});

describe('the stack of the monitor', () => {
  it('runs the bundle on the newest Node and the cheaper processor', () => {
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 512,
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
                '","stateTable":"',
                { Ref: Match.stringLikeRegexp('MonitorState') },
                '"}',
              ],
            ],
          },
        },
      },
    });
  });

  it('invokes the action monitor every six hours, and nothing else', () => {
    template.resourceCountIs('AWS::Scheduler::Schedule', 1);
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(6 hours)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 },
      Target: Match.objectLike({ Input: '{"action":"monitor"}' }),
    });
  });

  it('accepts another schedule', () => {
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

  it('retains logs for three months, or as configured, and deletes them with the stack', () => {
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 90 },
      DeletionPolicy: 'Delete',
    });
    templateOf({ logRetention: logs.RetentionDays.ONE_YEAR }).hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 365,
    });
  });

  it('outputs function and topic, and the addresses that must confirm', () => {
    template.hasOutput('MonitorFunctionName', { Value: { Ref: Match.stringLikeRegexp('MonitorFunction') } });
    template.hasOutput('TopicArn', { Value: { Ref: Match.stringLikeRegexp('MonitorAlerts') } });
    template.hasOutput('ConfirmSubscription', {
      Value: Match.stringLikeRegexp('you@example.com, ops@example.com'),
    });
  });

  it('warns if nobody receives alerts, or only a chat channel could', () => {
    const saying = (words: string): unknown => ({ Value: Match.stringLikeRegexp(words) });
    templateOf().hasOutput('ConfirmSubscription', saying('so nobody receives alerts'));
    templateOf({ chat: true }).hasOutput(
      'ConfirmSubscription',
      saying('Connect a Slack or Microsoft Teams channel'),
    );
  });

  it('saves state in a table of its own, with backups', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
      DeletionPolicy: 'Delete',
    });
  });

  it('sends failed events of both kinds to one queue', () => {
    template.resourceCountIs('AWS::SQS::Queue', 1);
    const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^MonitorDeadLetters'), 'Arn'] };
    template.hasResourceProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ],
      },
    });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: {
        DeadLetterConfig: { Arn: queue },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
  });

  it('creates no key, no chat topic and no dashboard by default', () => {
    for (const type of ['AWS::KMS::Key', 'AWS::CloudWatch::Dashboard']) template.resourceCountIs(type, 0);
    template.resourceCountIs('AWS::SNS::Topic', 1);
  });

  it('creates a topic for chat, and passes it to the function', () => {
    const chatty = templateOf({ chat: true });
    chatty.resourceCountIs('AWS::SNS::Topic', 2);
    chatty.resourceCountIs('AWS::SNS::TopicPolicy', 2);
    chatty.hasOutput('ChatTopicArn', { Value: { Ref: Match.stringLikeRegexp('^MonitorChat') } });
    expect(environmentOf(chatty)).toContain('"chatTopicArn":"${MonitorChat}"');
    expect(environmentOf(template)).not.toContain('chatTopicArn');
  });

  it('creates one dashboard', () => {
    const page = templateOf({ dashboard: true }).findResources('AWS::CloudWatch::Dashboard');
    const [body] = Object.values(page).map((one) => JSON.stringify(one));
    for (const metric of ['TargetsDrifted', 'DaysToExpiry', 'RunDuration', 'TargetsUnknown']) {
      expect(body).toContain(metric);
    }
  });

  it('encrypts its topics with a key that CloudWatch may use', () => {
    const encrypted = templateOf({ topicKey: true, chat: true });
    encrypted.resourceCountIs('AWS::KMS::Key', 1);
    encrypted.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
    for (const topic of Object.values(encrypted.findResources('AWS::SNS::Topic'))) {
      expect(topic).toMatchObject({ Properties: { KmsMasterKeyId: expect.anything() } });
    }
  });

  it("refuses the AWS managed key, also as the CDK's own construct", () => {
    const stack = new Stack();
    const alias = kms.Alias.fromAliasName(stack, 'Managed', 'alias/aws/sns');
    expect(() => new ThumbprintMonitor(stack, 'Monitor', { topicKey: alias })).toThrow(
      /^topicKey: alias\/aws\/sns is the AWS managed key\./,
    );
  });

  it('publishes to an existing topic of another account', () => {
    const topicArn = 'arn:aws:sns:eu-west-1:210987654321:central';
    const central = templateOf({ topicArn, env: { region: 'eu-west-1' } });
    central.resourceCountIs('AWS::SNS::Topic', 0);
    expect(environmentOf(central)).toContain(`"topicArn":"${topicArn}"`);
    central.allResourcesProperties('AWS::CloudWatch::CompositeAlarm', { AlarmActions: [topicArn] });
    expect(() => stackOf({ topicArn, env: { region: 'us-east-1' } })).toThrow(
      new ConfigError(
        'topicArn: the topic is in eu-west-1, but the stack is in us-east-1. Alarms can notify only topics of their own region. Use a topic in us-east-1.',
      ),
    );
  });

  it('keeps the environment of the function below the limit', () => {
    const orgs = Array.from({ length: 60 }, () => randomUUID());
    const environment = environmentOf(templateOf({ orgs, chat: true }));
    expect(environment).toContain(orgs[59]);
    expect(Buffer.byteLength(environment.replaceAll(/\$\{\w+\}/g, 'x'.repeat(330)))).toBeLessThan(4096 - 300);
  });

  it('refuses a configuration that neither fits nor can be a file', () => {
    const orgs = Array.from({ length: 700 }, () => randomUUID());
    const code = lambda.Code.fromInline('exports.handler = () => undefined');
    expect(() => stackOf({ orgs, code })).toThrow(
      /^code: the configuration has \d+ bytes, but only 2500 fit into the environment of the function\. Remove code, /,
    );
  });

  it('deploys to the partitions of China and of the US government', () => {
    for (const region of ['cn-north-1', 'us-gov-west-1']) {
      const env = { region, account: '123456789012' };
      const there = JSON.stringify(templateOf({ env, update: 'guarded', chat: true, dashboard: true }));
      expect(there).not.toMatch(/arn:aws:/);
    }
  });

  it('refuses wrong props at synth, all at once', () => {
    expect(() => stackOf({ emails: ['x'], schedule: 'daily', orgs: ['y'] })).toThrow(
      new ConfigError(
        [
          'emails[0]: "x" is not an e-mail address such as you@example.com.',
          'schedule: "daily" is not a schedule such as rate(6 hours).',
          'orgs[0]: "y" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
        ].join('\n'),
      ),
    );
  });

  it.each<[readonly string[], ThumbprintMonitorProps]>([
    [['emails[1]'], { emails: ['you@example.com', 'x'] }],
    [['emails'], { emails: ['you@example.com'], topicArn: 'arn:aws:sns:eu-west-1:210987654321:central' }],
    [['topicArn'], { topicArn: 'x' }],
    [['alarmTopicArn'], { alarmTopicArn: 'x' }],
    [['topicKey'], { topicKey: 'x' }],
    [['schedule'], { schedule: 'x' }],
    [['orgs[0]', 'issuers[0]', 'holdDownHours'], { orgs: ['x'], issuers: ['x'], holdDownHours: -1 }],
    [['update'], { update: 'guarded', holdDownHours: 1 }],
  ])('names the wrong prop: %j', (named, props) => {
    expect(propsNamed(() => stackOf(props))).toEqual(named);
  });
});

/** What each line of a ConfigError is about. */
function propsNamed(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message.split('\n').map((line) => line.split(':', 1).join());
    throw error;
  }
  return [];
}
