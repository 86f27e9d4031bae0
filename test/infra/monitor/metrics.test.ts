import { describe, expect, it } from '@jest/globals';
import { App, Stack, aws_lambda as lambda } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMESPACE, metricsOf } from '../../../infra/monitor/metrics';

describe('the metrics of the construct', () => {
  it('are those that the function writes', () => {
    const source = readFileSync(
      join(__dirname, '..', '..', '..', 'lambda', 'adapters', 'telemetry.ts'),
      'utf8',
    );
    const written = [...source.matchAll(/(?:count|addMetric)\('(\w+)'/g)].map(([, name = '']) => name);
    const fn = lambda.Function.fromFunctionName(new Stack(new App(), 'S'), 'F', 'f');
    const metrics = Object.values({ ...metricsOf(fn) });
    expect(metrics.map(({ metricName }) => metricName).sort()).toEqual([...new Set(written)].sort());
    expect(source).toContain(`NAMESPACE = '${NAMESPACE}'`);
    for (const { namespace, dimensions } of metrics) {
      expect(namespace).toBe(NAMESPACE);
      expect(dimensions).toEqual({ service: fn.functionName });
    }
  });
});
