/** The monitor as a construct: function, schedule, topic, state, and the alarms on them. */
import {
  Duration,
  RemovalPolicy,
  Stack,
  Validations,
  aws_dynamodb as dynamodb,
  aws_logs as logs,
  aws_sns_subscriptions as subscriptions,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import type {
  aws_cloudwatch as cloudwatch,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { configDifference } from '../../lambda/config/config';
import type { MonitorConfig } from '../../lambda/config/config';
import { MonitorAlarms } from './alarms';
import { packageOf } from './code';
import { createDashboard } from './dashboard';
import { validateProps } from './validate';
import { metricsOf } from './metrics';
import type { MonitorMetrics } from './metrics';
import { createFunction } from './monitor-function';
import { MonitorSchedule } from './monitor-schedule';
import { statementsFor } from './permissions';
import type { Statements } from './permissions';
import { DEFAULT_SCHEDULE } from './props';
import type { ThumbprintMonitorProps } from './props';
import { createTopic, createTopicKey, existingTopic, keyStatement } from './topics';

/**
 * Watches the OIDC providers of its account. Deploy it once per account, in one region: IAM is global. Throws
 * ConfigError at synth, naming every problem of the props, one a line.
 */
export class ThumbprintMonitor extends Construct {
  /** The function. Invoke it with `{"action":"audit"}` for a report. */
  readonly function: lambda.Function;
  /** The topic that alerts are published to. */
  readonly topic: sns.ITopic;
  /** The topic for chat applications; undefined without `chat`. */
  readonly chatTopic: sns.Topic | undefined;
  /** What earlier runs found and alerted. Losing it costs one message that repeats what is known. */
  readonly stateTable: dynamodb.Table;
  /** The queue for runs that were not delivered, or whose every attempt failed. */
  readonly deadLetters: sqs.Queue;
  /** The metrics of the function. */
  readonly metrics: MonitorMetrics;
  /** The alarms on the monitor. */
  readonly alarms: MonitorAlarms;
  /** Undefined without `dashboard`. */
  readonly dashboard: cloudwatch.Dashboard | undefined;

  constructor(scope: Construct, id: string, props: ThumbprintMonitorProps = {}) {
    super(scope, id);
    const { emails = [], schedule = DEFAULT_SCHEDULE } = props;
    const { config, minutes } = validateProps(
      { ...props, emails, schedule, watch: watchOf(props) },
      { emailsKey: 'emails', found: [] },
    );
    const key = createTopicKey(this, props.topicKey);
    this.topic = this.findTopic(props, key);
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    this.chatTopic =
      props.chat === true ? createTopic(this, 'Chat', key, 'Thumbprint monitor, for chat') : undefined;
    this.stateTable = this.createStateTable();
    this.deadLetters = this.createDeadLetters();
    this.function = this.createMonitor({ config, minutes }, key, props);
    new MonitorSchedule(this, 'Schedule', {
      function: this.function,
      rate: schedule,
      deadLetters: this.deadLetters,
    });
    this.metrics = metricsOf(this.function);
    this.alarms = new MonitorAlarms(this, 'Alarms', {
      metrics: this.metrics,
      deadLetters: this.deadLetters,
      minutes,
      topics: this.alarmTopics(props),
    });
    this.dashboard = props.dashboard === true ? createDashboard(this, 'Dashboard', this.metrics) : undefined;
  }

  private findTopic({ topicArn }: ThumbprintMonitorProps, key: kms.IKey | undefined): sns.ITopic {
    return topicArn === undefined
      ? createTopic(this, 'Alerts', key, 'Thumbprint monitor')
      : existingTopic(this, 'Alerts', 'topicArn', topicArn);
  }

  private alarmTopics({ alarmTopicArn }: ThumbprintMonitorProps): readonly sns.ITopic[] {
    if (alarmTopicArn === undefined) return [this.topic];
    return [this.topic, existingTopic(this, 'AlarmTopic', 'alarmTopicArn', alarmTopicArn)];
  }

  /**
   * A plain table: StackSets and emulators know it everywhere, and one region needs no global one. It goes with the
   * stack; DynamoDB keeps its last backup for 35 days.
   */
  private createStateTable(): dynamodb.Table {
    return new dynamodb.Table(this, 'State', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private createDeadLetters(): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', {
      enforceSSL: true,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: 'This is the dead-letter queue itself. The alarm DeadLetters watches it.',
    });
    return queue;
  }

  private createMonitor(
    { config, minutes }: { readonly config: MonitorConfig; readonly minutes: number },
    key: kms.IKey | undefined,
    { code, logRetention }: ThumbprintMonitorProps,
  ): lambda.Function {
    const whole = { ...config, ...this.deployedConfig() };
    const built = packageOf(configDifference(config), code);
    const monitor = createFunction(this, {
      code: built.code,
      config: Stack.of(this).toJsonString({ ...built.environment, ...this.deployedConfig() }),
      minutes,
      statements: withKey(statementsFor(whole, this.deployedResources()), key),
      retention: logRetention ?? logs.RetentionDays.THREE_MONTHS,
      deadLetters: this.deadLetters,
    });
    built.dispose();
    return monitor;
  }

  /** The values that only the deployment knows. */
  private deployedConfig(): Pick<MonitorConfig, 'topicArn' | 'stateTable'> & Partial<MonitorConfig> {
    return {
      topicArn: this.topic.topicArn,
      stateTable: this.stateTable.tableName,
      ...(this.chatTopic === undefined ? {} : { chatTopicArn: this.chatTopic.topicArn }),
    };
  }

  private deployedResources(): Parameters<typeof statementsFor>[1] {
    return {
      topic: this.topic.topicArn,
      chatTopic: this.chatTopic?.topicArn ?? null,
      stateTable: this.stateTable.tableArn,
    };
  }
}

/** The props that are configuration; the rest is deployment. */
function watchOf(props: ThumbprintMonitorProps): unknown {
  const {
    emails,
    schedule,
    topicArn,
    alarmTopicArn,
    topicKey,
    chat,
    dashboard,
    logRetention,
    code,
    ...watch
  } = props;
  return watch;
}

const withKey = (statements: Statements, key: kms.IKey | undefined): Statements =>
  key === undefined
    ? statements
    : {
        ...statements,
        run: { ...statements.run, statements: [...statements.run.statements, keyStatement(key)] },
      };
