/** The function's metrics. Only the action `monitor` writes them, so an audit can neither raise nor hide an alarm. */
import { Duration, aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { aws_lambda as lambda } from 'aws-cdk-lib';

/** Namespace of all metrics. Their one dimension, `service`, is the function's name: two monitors never mix. */
export const NAMESPACE = 'ThumbprintDriftMonitor';

/** One value a run each, but `NoRecipients`: once a day. */
export interface MonitorMetrics {
  /** 1 for a run that reached its end. */
  readonly runCompleted: cloudwatch.Metric;
  /** 1 for a run that failed. */
  readonly runFailed: cloudwatch.Metric;
  /** Milliseconds. */
  readonly runDuration: cloudwatch.Metric;
  readonly targetsChecked: cloudwatch.Metric;
  readonly targetsDrifted: cloudwatch.Metric;
  /** Targets that could not be audited. */
  readonly targetsUnknown: cloudwatch.Metric;
  /** Until the first of the served certificates expires. */
  readonly daysToExpiry: cloudwatch.Metric;
  /** 1 if nobody has confirmed a subscription, else 0. */
  readonly noRecipients: cloudwatch.Metric;
  /** Items of the state table that could not be read. */
  readonly stateItemsCorrupt: cloudwatch.Metric;
  /** Items that another run had written in the meantime. */
  readonly stateConflicts: cloudwatch.Metric;
  /** 1 for a run whose state the table did not take: the next run alerts again. Written only then. */
  readonly stateNotSaved: cloudwatch.Metric;
}

/** The metrics of a function. */
export function metricsOf({ functionName }: lambda.IFunction): MonitorMetrics {
  const metric = (metricName: string, statistic: string): cloudwatch.Metric =>
    new cloudwatch.Metric({
      namespace: NAMESPACE,
      metricName,
      statistic,
      period: Duration.minutes(5),
      dimensionsMap: { service: functionName },
    });
  return {
    runCompleted: metric('RunCompleted', 'Sum'),
    runFailed: metric('RunFailed', 'Sum'),
    runDuration: metric('RunDuration', 'Maximum'),
    targetsChecked: metric('TargetsChecked', 'Maximum'),
    targetsDrifted: metric('TargetsDrifted', 'Maximum'),
    targetsUnknown: metric('TargetsUnknown', 'Minimum'),
    daysToExpiry: metric('DaysToExpiry', 'Minimum'),
    noRecipients: metric('NoRecipients', 'Maximum'),
    stateItemsCorrupt: metric('StateItemsCorrupt', 'Sum'),
    stateConflicts: metric('StateConflicts', 'Sum'),
    stateNotSaved: metric('StateNotSaved', 'Sum'),
  };
}
