/**
 * Metrics (CloudWatch's embedded metric format) and the structured log, both lines of JSON on standard output:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * Written by hand: the libraries for it cost each start more code than judging the trust policies does.
 */
import type { TargetReport } from '../core/domain';
import type { RunFacts } from '../core/run-facts';

/** The namespace of all metrics. Their only dimension is `service`, the function's name: two stacks stay apart. */
export const NAMESPACE = 'ThumbprintDriftMonitor';

/** What a run leaves in metrics and log. */
export interface Telemetry {
  /** A `monitor` run that came to its end. */
  readonly finished: (facts: RunFacts) => void;
  /** A `monitor` run that failed. */
  readonly failed: () => void;
}

/** Opens metrics and log of one function. */
export function openTelemetry(functionName: string, now: () => Date): Telemetry {
  const service = functionName;
  return {
    finished: (facts) => {
      write(metricsLine(service, now(), metricsOf(facts)));
      const timestamp = now().toISOString();
      for (const target of facts.targets) {
        write({ level: 'INFO', message: 'target', timestamp, service, ...lineOf(target) });
      }
    },
    failed: () => {
      write(metricsLine(service, now(), [['RunFailed', 'Count', 1]]));
    },
  };
}

/** The console would put time and request in front of it, and CloudWatch would take it for text. */
const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

type Metric = readonly [name: string, unit: 'Count' | 'Milliseconds', value: number];

function metricsOf(facts: RunFacts): readonly Metric[] {
  return [
    ['RunCompleted', 'Count', 1],
    ['TargetsChecked', 'Count', facts.targetsChecked],
    ['TargetsDrifted', 'Count', facts.targetsDrifted],
    ['TargetsUnknown', 'Count', facts.targetsUnknown],
    ['StateItemsCorrupt', 'Count', facts.unreadableItems],
    ['StateConflicts', 'Count', facts.conflicts],
    ['RunDuration', 'Milliseconds', facts.milliseconds],
    ...(facts.daysToExpiry === null ? [] : [['DaysToExpiry', 'Count', facts.daysToExpiry] as const]),
    ...(facts.nobodyListens === null
      ? []
      : [['NoRecipients', 'Count', facts.nobodyListens ? 1 : 0] as const]),
  ];
}

const metricsLine = (service: string, now: Date, metrics: readonly Metric[]): object => ({
  _aws: {
    Timestamp: now.getTime(),
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [['service']],
        Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
      },
    ],
  },
  service,
  ...Object.fromEntries(metrics.map(([name, , value]) => [name, value])),
});

/** Nothing here is secret: issuers, ARNs and thumbprints of public certificates. */
const lineOf = ({ issuer, providerArn, status, enforced, findings, failure }: TargetReport) => ({
  issuer,
  providerArn,
  status,
  enforced,
  findings: findings.map(({ check, severity }) => `${check} ${severity}`),
  ...(failure === undefined ? {} : { failure: failure.code }),
});
