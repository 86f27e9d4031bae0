import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as v from 'valibot';
import { factsOf } from '../../lambda/domain/run-facts';
import { NAMESPACE, openTelemetry } from '../../lambda/adapters/telemetry';
import { metricLinesOf } from '../support/metric-line';
import type { MetricLine } from '../support/metric-line';
import { drifted, inSync, reportOf, unseen } from '../support/reports';

const LINE = v.looseObject({ message: v.string(), service: v.string() });

let written: string[];
const mocks: { mockRestore: () => void }[] = [];

beforeEach(() => {
  written = [];
  mocks.push(
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(...String(text).trim().split('\n'));
      return true;
    }),
  );
});

afterEach(() => {
  for (const mock of mocks.splice(0)) mock.mockRestore();
});

const metricLines = (): readonly MetricLine[] => metricLinesOf(written);
const logLines = (): v.InferOutput<typeof LINE>[] =>
  written.filter((line) => !line.includes('"_aws"')).map((line) => v.parse(LINE, JSON.parse(line)));

const none = { hasNoRecipients: null, unreadableItems: 0, conflicts: 0, isNotSaved: false };

describe('telemetry', () => {
  it('writes the metrics of a run, with the function as their only dimension', () => {
    const report = reportOf([drifted('a'), inSync('b'), unseen('c')]);
    openTelemetry('monitor-1').finished(
      factsOf(report, { ...none, hasNoRecipients: true, unreadableItems: 2 }),
    );
    const [line, ...others] = metricLines();
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      service: 'monitor-1',
      RunCompleted: 1,
      TargetsChecked: 3,
      TargetsDrifted: 1,
      TargetsUnknown: 1,
      RunDuration: 3_000,
      NoRecipients: 1,
      StateItemsCorrupt: 2,
    });
    expect(line?._aws.CloudWatchMetrics).toMatchObject([{ Namespace: NAMESPACE, Dimensions: [['service']] }]);
    // Until 1 March 2027.
    expect(Number(line?.['DaysToExpiry'])).toBeCloseTo(97.5, 0);
  });

  it('leaves out what was not counted', () => {
    openTelemetry('monitor-1').finished(factsOf(reportOf([{ ...inSync('a'), chains: [] }]), none));
    const [line] = metricLines();
    expect(line).not.toHaveProperty('NoRecipients');
    expect(line).not.toHaveProperty('DaysToExpiry');
    expect(line).not.toHaveProperty('StateNotSaved');
  });

  it('counts a run that could not save its state', () => {
    openTelemetry('monitor-1').finished(factsOf(reportOf([inSync('a')]), { ...none, isNotSaved: true }));
    expect(metricLines()).toMatchObject([{ RunCompleted: 1, StateNotSaved: 1 }]);
  });

  it('writes one log line a target', () => {
    openTelemetry('monitor-1').finished(factsOf(reportOf([drifted('a'), unseen('b')]), none));
    expect(logLines()).toMatchObject([
      { message: 'target', status: 'drifted', findings: ['THUMB001 low'] },
      { message: 'target', status: 'not-audited', failure: 'TCP_TIMEOUT' },
    ]);
  });

  it('escapes 8-bit control sequences and bidirectional marks, so that the log steers no terminal', () => {
    const target = { ...inSync('a'), issuer: 'https://a\u009b31m', providerArn: 'arn:\u202enpg.exe' };
    openTelemetry('monitor-1').finished(factsOf(reportOf([target]), none));
    expect(logLines()).toMatchObject([
      { issuer: String.raw`https://a\u{9b}31m`, providerArn: String.raw`arn:\u{202e}npg.exe` },
    ]);
  });

  it('counts a failed run, and no other metric of it', () => {
    openTelemetry('monitor-1').failed();
    const [line] = metricLines();
    expect(line?._aws.CloudWatchMetrics[0]?.Metrics).toEqual([{ Name: 'RunFailed', Unit: 'Count' }]);
    expect(line).toMatchObject({ RunFailed: 1 });
  });
});
