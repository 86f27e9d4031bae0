/** Alarms on the monitor itself: CloudWatch notifies people, so that a failed function cannot hide its failure. */
import { Duration, aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions } from 'aws-cdk-lib';
import type { aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { MonitorMetrics } from './metrics';
import { blindRuns, blindWindow, oneRun, notRunningWindow } from './windows';
import type { Window } from './windows';

/** What the alarms watch, and the topics that they notify. */
export interface MonitorAlarmsProps {
  readonly metrics: MonitorMetrics;
  readonly deadLetters: sqs.IQueue;
  /** Minutes between two runs. */
  readonly minutes: number;
  readonly topics: readonly sns.ITopic[];
}

/** The first run starts within the flexible window of 10 minutes; then it is retried, and its metric travels. */
const GRACE = Duration.minutes(30);

const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;

/** The description of each alarm ends in the heading that says what to do. */
const describeAlarm = (words: string, heading: string): string =>
  `${words} What to do: docs/runbook.md#${heading}`;

/** The alarms of one monitor. */
export class MonitorAlarms extends Construct {
  /** A run failed. */
  readonly failures: cloudwatch.Alarm;
  /** No run has ended for two intervals, whatever the cause. Quiet while `failures` rings. */
  readonly notRunning: cloudwatch.CompositeAlarm;
  /** A run was given up. */
  readonly deadLetters: cloudwatch.Alarm;
  /** Targets could not be audited for several runs. */
  readonly blind: cloudwatch.Alarm;
  /** Nobody has confirmed a subscription. */
  readonly noRecipients: cloudwatch.Alarm;
  /** The state table did not take what a run had to save. */
  readonly notSaved: cloudwatch.Alarm;
  /** The input of `notRunning`. Notifies nobody by itself. */
  readonly silence: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: MonitorAlarmsProps) {
    super(scope, id);
    this.failures = this.createFailures(props);
    this.silence = this.createSilence(props);
    this.notRunning = this.createNotRunning();
    this.deadLetters = this.createDeadLetters(props);
    this.blind = this.createBlind(props);
    this.noRecipients = this.createNoRecipients(props);
    this.notSaved = this.createNotSaved(props);
    const { failures, notRunning, deadLetters, blind, noRecipients, notSaved } = this;
    for (const alarm of [failures, notRunning, deadLetters, blind, noRecipients, notSaved]) {
      for (const topic of props.topics) alarm.addAlarmAction(new actions.SnsAction(topic));
    }
  }

  private createFailures({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    return this.createAlarm('Failures', metrics.runFailed, oneRun(minutes), {
      alarmDescription: describeAlarm('A run of the thumbprint monitor failed.', 'failures'),
      threshold: 1,
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** This alarm looks for missing data. */
  private createSilence({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    return this.createAlarm('Silence', metrics.runCompleted, notRunningWindow(minutes), {
      alarmDescription: describeAlarm(
        'No run of the thumbprint monitor has ended for two intervals. NotRunning tells it.',
        'notrunning',
      ),
      threshold: 1,
      comparisonOperator: LESS_THAN_THRESHOLD,
      treatMissingData: BREACHING,
    });
  }

  /**
   * A new alarm has no data, so `Silence` breaches until the first run. A rate schedule starts at once; the wait lets
   * that run end before anybody is notified. A schedule that never starts is reported after the wait.
   */
  private createNotRunning(): cloudwatch.CompositeAlarm {
    const alarm = new cloudwatch.CompositeAlarm(this, 'NotRunning', {
      alarmDescription: describeAlarm(
        'The thumbprint monitor does not run. Nothing is watched.',
        'notrunning',
      ),
      alarmRule: cloudwatch.AlarmRule.fromAlarm(this.silence, cloudwatch.AlarmState.ALARM),
      actionsSuppressor: this.failures,
      actionsSuppressorWaitPeriod: GRACE,
      actionsSuppressorExtensionPeriod: GRACE,
    });
    // Named by CloudFormation like the others, so that two stacks of one template do not want the same name.
    const resource = alarm.node.defaultChild;
    if (resource instanceof cloudwatch.CfnCompositeAlarm) resource.addPropertyDeletionOverride('AlarmName');
    return alarm;
  }

  /** SQS stops measuring a queue that nobody touches, though the message is still there. */
  private createDeadLetters({ deadLetters }: MonitorAlarmsProps): cloudwatch.Alarm {
    const period = Duration.minutes(5);
    const metric = deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' });
    return this.createAlarm(
      'DeadLetters',
      metric,
      { period, evaluationPeriods: 1 },
      {
        alarmDescription: describeAlarm('A run of the thumbprint monitor was given up.', 'deadletters'),
        threshold: 1,
        treatMissingData: IGNORE,
      },
    );
  }

  private createBlind({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    const runs = blindRuns(minutes);
    return this.createAlarm('Blind', metrics.targetsUnknown, blindWindow(minutes), {
      alarmDescription: describeAlarm(`Targets could not be audited in ${runs} runs.`, 'blind'),
      threshold: 1,
      datapointsToAlarm: runs,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Measured once a day: the last value holds until there is another. */
  private createNoRecipients({ metrics }: MonitorAlarmsProps): cloudwatch.Alarm {
    const window = { period: Duration.minutes(5), evaluationPeriods: 1 };
    return this.createAlarm('NoRecipients', metrics.noRecipients, window, {
      alarmDescription: describeAlarm('Nobody gets the alerts of the thumbprint monitor.', 'norecipients'),
      threshold: 1,
      treatMissingData: IGNORE,
    });
  }

  /** Written only by a run that could not save, so missing data is good. */
  private createNotSaved({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    return this.createAlarm('NotSaved', metrics.stateNotSaved, oneRun(minutes), {
      alarmDescription: describeAlarm(
        'A run of the thumbprint monitor could not save its state.',
        'notsaved',
      ),
      threshold: 1,
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    });
  }

  private createAlarm(
    id: string,
    metric: cloudwatch.Metric,
    { period, evaluationPeriods }: Window,
    options: Omit<cloudwatch.CreateAlarmOptions, 'evaluationPeriods'>,
  ): cloudwatch.Alarm {
    return metric.with({ period }).createAlarm(this, id, {
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods,
      ...options,
    });
  }
}
