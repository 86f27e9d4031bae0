/** The monitor as a construct: function, schedule, topic. */
import {
  Duration,
  RemovalPolicy,
  Stack,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  aws_scheduler as scheduler,
  aws_scheduler_targets as targets,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { configDifference } from '../lambda/core/config';
import type { MonitorConfig } from '../lambda/core/config';
import { functionFolder } from './bundle';
import { iamStatements } from './permissions';
import { DEFAULT_SCHEDULE, judgeProps } from './props';
import type { ThumbprintMonitorProps } from './props';

/** Runs are a few seconds; the rest is for slow issuers and a throttling IAM. */
const TIMEOUT = Duration.minutes(5);
const FLEXIBLE_WINDOW = Duration.minutes(10);

/**
 * Watches the OIDC providers of its account. Deploy it once per account, in one region: IAM is global. Throws
 * ConfigError at synth, naming every problem of the props, one a line.
 */
export class ThumbprintMonitor extends Construct {
  /** The function. Invoke it with `{"action":"audit"}` for a report. */
  readonly function: lambda.Function;
  /** The topic that alerts are published to. */
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: ThumbprintMonitorProps = {}) {
    super(scope, id);
    const { emails = [], schedule = DEFAULT_SCHEDULE, logRetention, ...watch } = props;
    const config = judgeProps({ emails, schedule, watch });
    this.topic = new sns.Topic(this, 'Alerts', { enforceSSL: true, displayName: 'Thumbprint monitor' });
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    this.function = this.createFunction(config, logRetention ?? logs.RetentionDays.THREE_MONTHS);
    this.topic.grantPublish(this.function);
    this.createSchedule(schedule);
  }

  private createFunction(config: MonitorConfig, retention: logs.RetentionDays): lambda.Function {
    const logGroup = new logs.LogGroup(this, 'Log', { retention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Reads OIDC providers, publishes to one topic, writes one log group',
    });
    for (const statement of iamStatements()) role.addToPolicy(statement);
    logGroup.grantWrite(role);
    return new lambda.Function(this, 'Function', {
      description:
        'Compares the thumbprints of OIDC providers with the certificates that their issuers serve',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(functionFolder()),
      handler: 'index.handler',
      memorySize: 256,
      timeout: TIMEOUT,
      role,
      logGroup,
      environment: {
        MONITOR_CONFIG: Stack.of(this).toJsonString({
          ...configDifference(config),
          topicArn: this.topic.topicArn,
        }),
      },
    });
  }

  private createSchedule(rate: string): void {
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Runs the thumbprint monitor',
      schedule: scheduler.ScheduleExpression.expression(rate),
      timeWindow: scheduler.TimeWindow.flexible(FLEXIBLE_WINDOW),
      target: new targets.LambdaInvoke(this.function, {
        input: scheduler.ScheduleTargetInput.fromObject({ action: 'monitor' }),
      }),
    });
  }
}
