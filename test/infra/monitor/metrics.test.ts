import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { App, Stack, aws_lambda as lambda } from 'aws-cdk-lib';
import { NAMESPACE, metricsOf } from '../../../infra/monitor/metrics';
import { openTelemetry } from '../../../lambda/adapters/telemetry';
import { factsOf } from '../../../lambda/domain/run-facts';
import { metricLinesOf } from '../../support/metric-line';
import { drifted, reportOf } from '../../support/reports';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the metrics of the construct', () => {
  it('are those that the function writes', () => {
    const lines: string[] = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const telemetry = openTelemetry('f');
    telemetry.finished(
      factsOf(reportOf([drifted('a')]), {
        hasNoRecipients: true,
        unreadableItems: 1,
        conflicts: 1,
        isNotSaved: true,
      }),
    );
    telemetry.failed(new Error('failed'));
    jest.restoreAllMocks();
    const written = metricLinesOf(lines).flatMap(({ _aws }) => _aws.CloudWatchMetrics);
    const fn = lambda.Function.fromFunctionName(new Stack(new App(), 'S'), 'F', 'f');
    const metrics = Object.values({ ...metricsOf(fn) });
    const names = new Set(written.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)));
    expect(metrics.map(({ metricName }) => metricName).sort()).toEqual([...names].sort());
    expect(new Set(written.map(({ Namespace }) => Namespace))).toEqual(new Set([NAMESPACE]));
    for (const { namespace, dimensions } of metrics) {
      expect(namespace).toBe(NAMESPACE);
      expect(dimensions).toEqual({ service: fn.functionName });
    }
  });
});
