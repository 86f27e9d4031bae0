/** Alarms on the monitor itself. CloudWatch sends them, so they also arrive if the function cannot run. */
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

/** The first run starts within the flexible window of 10 minutes; then it may be retried, and its metric arrives later. */
const GRACE = Duration.minutes(30);

const { BREACHING, IGNORE, NOT_BREACHING } = cloudwatch.TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;

/** What the alarm means and what to do. `heading`: of the runbook, at the end of the description. */
const describeAlarm = (words: string, heading: string): string => `${words} Runbook: ${heading}.`;

/** The alarms of one monitor. */
export class MonitorAlarms extends Construct {
  /** A run failed. */
  readonly failures: cloudwatch.Alarm;
  /** No run has ended for two intervals, whatever the cause. Suppressed while `failures` is in alarm. */
  readonly notRunning: cloudwatch.CompositeAlarm;
  /** A run was discarded after all retries. */
  readonly deadLetters: cloudwatch.Alarm;
  /** Targets could not be audited for several runs. */
  readonly blind: cloudwatch.Alarm;
  /** No subscription of the topic is confirmed. */
  readonly noRecipients: cloudwatch.Alarm;
  /** A run could not save its state. */
  readonly notSaved: cloudwatch.Alarm;
  /** The input of `notRunning`. It sends no notification. */
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
      alarmDescription: describeAlarm(
        'A run of the thumbprint monitor failed. Search the log of the function for errorType.',
        'Failures',
      ),
      threshold: 1,
      datapointsToAlarm: 1,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Missing data puts this alarm into the state ALARM. */
  private createSilence({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    return this.createAlarm('Silence', metrics.runCompleted, notRunningWindow(minutes), {
      alarmDescription: describeAlarm(
        'No run of the thumbprint monitor has finished for two intervals. This alarm sends no notification: the alarm NotRunning depends on it and sends one.',
        'Silence',
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
        'The thumbprint monitor does not run, so nothing is checked and no alert is sent. Check that its schedule is enabled and that the function can be invoked.',
        'NotRunning',
      ),
      alarmRule: cloudwatch.AlarmRule.fromAlarm(this.silence, cloudwatch.AlarmState.ALARM),
      actionsSuppressor: this.failures,
      actionsSuppressorWaitPeriod: GRACE,
      actionsSuppressorExtensionPeriod: GRACE,
    });
    // Named by CloudFormation like the others, so that two stacks of one template do not use the same name.
    const resource = alarm.node.defaultChild;
    if (resource instanceof cloudwatch.CfnCompositeAlarm) resource.addPropertyDeletionOverride('AlarmName');
    return alarm;
  }

  /** SQS sends no metric of an inactive queue, although the message is still there. */
  private createDeadLetters({ deadLetters }: MonitorAlarmsProps): cloudwatch.Alarm {
    const period = Duration.minutes(5);
    const metric = deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' });
    return this.createAlarm(
      'DeadLetters',
      metric,
      { period, evaluationPeriods: 1 },
      {
        alarmDescription: describeAlarm(
          'A run of the thumbprint monitor was discarded after all retries. The message in its dead-letter queue contains the reason.',
          'DeadLetters',
        ),
        threshold: 1,
        treatMissingData: IGNORE,
      },
    );
  }

  private createBlind({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    const runs = blindRuns(minutes);
    return this.createAlarm('Blind', metrics.targetsUnknown, blindWindow(minutes), {
      alarmDescription: describeAlarm(
        `Some issuers or providers could not be audited in ${runs} consecutive runs, so drift may be undetected. Invoke the function with {"action":"audit"} to see the reasons.`,
        'Blind',
      ),
      threshold: 1,
      datapointsToAlarm: runs,
      treatMissingData: NOT_BREACHING,
    });
  }

  /** Measured once a day: the last value holds until there is another. */
  private createNoRecipients({ metrics }: MonitorAlarmsProps): cloudwatch.Alarm {
    const window = { period: Duration.minutes(5), evaluationPeriods: 1 };
    return this.createAlarm('NoRecipients', metrics.noRecipients, window, {
      alarmDescription: describeAlarm(
        'The alert topic of the thumbprint monitor has no confirmed subscription, so nobody receives alerts. Confirm a subscription.',
        'NoRecipients',
      ),
      threshold: 1,
      treatMissingData: IGNORE,
    });
  }

  /** Written only by a run that could not save, so missing data is good. */
  private createNotSaved({ metrics, minutes }: MonitorAlarmsProps): cloudwatch.Alarm {
    return this.createAlarm('NotSaved', metrics.stateNotSaved, oneRun(minutes), {
      alarmDescription: describeAlarm(
        'A run of the thumbprint monitor could not save its state, so alerts may be repeated. Check the state table, and whether the role of the function can write to it.',
        'NotSaved',
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
