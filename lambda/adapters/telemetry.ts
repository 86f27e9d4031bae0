/** Metrics (CloudWatch's embedded metric format) and the structured log, both written to standard output. */
import { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { isNativeError } from 'node:util/types';
import type { TargetReport } from '../domain/types';
import type { RunFacts } from '../domain/run-facts';
import { escapeForeign } from '../text/escape';
import { abridgeMiddle } from '../text/quote';
import { detailOf } from './error-detail';

/**
 * The namespace of all metrics. Their only dimension is `service`, the function's name, which separates two
 * stacks.
 */
export const NAMESPACE = 'ThumbprintDriftMonitor';

/** Writes the metrics and the log of a run. */
export interface Telemetry {
  /** A `monitor` run that finished. */
  readonly finished: (facts: RunFacts) => void;
  /** A `monitor` run that failed. Lambda logs the error by itself, but not its cause. */
  readonly failed: (error: unknown) => void;
}

/** Opens metrics and log of one function. */
export function openTelemetry(functionName: string): Telemetry {
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: functionName });
  const logger = new Logger({ serviceName: functionName });
  return {
    finished: (facts) => {
      measure(metrics, facts);
      for (const target of facts.targets) logger.info('target', lineOf(target));
      for (const { message, ...failure } of facts.failures) logger.warn(short(message), detailed(failure));
    },
    failed: (error) => {
      const cause = causeOf(error);
      if (cause !== null) logger.error('The run failed.', cause);
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

/** Longer than any message whose every part is bounded by itself. */
const MAX_LOGGED = 1_000;

const short = (text: string): string => abridgeMiddle(text, MAX_LOGGED);

const detailed = <T extends { readonly detail?: string }>(failure: T): T =>
  failure.detail === undefined ? failure : { ...failure, detail: short(failure.detail) };

/** The original words behind an error; null: there are none. The cause is a failure or an exception. */
function causeOf(error: unknown): { readonly errorType: string; readonly detail: string } | null {
  if (!isNativeError(error)) return null;
  const { name: errorType, cause } = error;
  const isFailure = typeof cause === 'object' && cause !== null && 'detail' in cause;
  const detail = isFailure && typeof cause.detail === 'string' ? short(cause.detail) : detailOf(cause);
  return detail === '' ? null : { errorType, detail };
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
  ...(failure?.detail === undefined ? {} : { detail: short(failure.detail) }),
});
