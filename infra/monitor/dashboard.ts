/** One page that shows the state of the monitor. */
import { Duration, aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { MonitorMetrics } from './metrics';

/** Drift, unknown targets, days to expiry, duration of the runs. Points, a period a day: runs are hours apart. */
export function createDashboard(scope: Construct, id: string, metrics: MonitorMetrics): cloudwatch.Dashboard {
  const graph = (title: string, ...left: readonly cloudwatch.Metric[]): cloudwatch.GraphWidget =>
    new cloudwatch.GraphWidget({
      title,
      width: 12,
      left: [...left],
      leftYAxis: { min: 0, showUnits: false },
      period: Duration.hours(1),
    });
  const dashboard = new cloudwatch.Dashboard(scope, id, { defaultInterval: Duration.days(14) });
  dashboard.addWidgets(
    graph('Checked targets, and targets with drift', metrics.targetsDrifted, metrics.targetsChecked),
    graph('Targets that could not be audited', metrics.targetsUnknown),
    graph('Days until the next certificate expires', metrics.daysToExpiry),
    graph('Duration of a run in milliseconds', metrics.runDuration),
  );
  return dashboard;
}
