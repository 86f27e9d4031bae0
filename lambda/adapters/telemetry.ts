/** Metrics (CloudWatch's embedded metric format) and the structured log, both written to standard output. */
import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import type { TargetReport } from '../domain/types';
import type { RunFacts } from '../domain/run-facts';
import { escapeForeign } from '../text/escape';

/**
 * The namespace of all metrics. Their only dimension is `service`, the function's name, which separates two
 * stacks.
 */
export const NAMESPACE = 'ThumbprintDriftMonitor';

/** Writes the metrics and the log of a run. */
export interface Telemetry {
  /** A `monitor` run that finished. */
  readonly finished: (facts: RunFacts) => void;
  /** A `monitor` run that failed. */
  readonly failed: () => void;
}

/** Opens metrics and log of one function. */
export function openTelemetry(functionName: string): Telemetry {
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: functionName });
  const logger = new Logger({ serviceName: functionName });
  return {
    finished: (facts) => {
      measure(metrics, facts);
      for (const target of facts.targets) logger.info('target', lineOf(target));
    },
    failed: () => {
      metrics.addMetric('RunFailed', MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
  };
}

function measure(metrics: Metrics, facts: RunFacts): void {
  const count = (name: string, value: number): void => void metrics.addMetric(name, MetricUnit.Count, value);
  count('RunCompleted', 1);
  count('TargetsChecked', facts.targetsChecked);
  count('TargetsDrifted', facts.targetsDrifted);
  count('TargetsUnknown', facts.targetsUnknown);
  count('StateItemsCorrupt', facts.unreadableItems);
  count('StateConflicts', facts.conflicts);
  // A metric costs by the hour in which it is written, so rare events are written only if they happened.
  if (facts.isNotSaved) count('StateNotSaved', 1);
  metrics.addMetric('RunDuration', MetricUnit.Milliseconds, facts.milliseconds);
  if (facts.daysToExpiry !== null) count('DaysToExpiry', facts.daysToExpiry);
  if (facts.hasNoRecipients !== null) count('NoRecipients', facts.hasNoRecipients ? 1 : 0);
  metrics.publishStoredMetrics();
}

/**
 * Nothing here is secret: issuers, ARNs and thumbprints of public certificates. JSON by itself does not
 * escape 8-bit control characters and bidirectional marks.
 */
const lineOf = ({ issuer, providerArn, status, enforced, findings, failure }: TargetReport) => ({
  issuer: escapeForeign(issuer),
  providerArn: providerArn === null ? null : escapeForeign(providerArn),
  status,
  enforced,
  findings: findings.map(({ check, severity }) => `${check} ${severity}`),
  ...(failure === undefined ? {} : { failure: failure.code }),
});
