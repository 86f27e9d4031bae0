/** A line of the log that CloudWatch takes metrics from. */
import * as v from 'valibot';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const METRIC_LINE = v.looseObject({
  service: v.string(),
  _aws: v.object({
    Timestamp: v.number(),
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string(), Unit: v.string() })),
      }),
    ),
  }),
});

export type MetricLine = v.InferOutput<typeof METRIC_LINE>;

/** Those among the lines of a log. Throws if one has another form. */
export const metricLinesOf = (lines: readonly string[]): readonly MetricLine[] =>
  lines.filter((line) => line.includes('"_aws"')).map((line) => v.parse(METRIC_LINE, JSON.parse(line)));
