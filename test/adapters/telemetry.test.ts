import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as v from 'valibot';
import { AccessError, ConfigError, PublishError } from '../../lambda/domain/errors';
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
  for (const stream of [process.stdout, process.stderr]) {
    mocks.push(
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        written.push(...String(text).trim().split('\n'));
        return true;
      }),
    );
  }
});

afterEach(() => {
  for (const mock of mocks.splice(0)) mock.mockRestore();
});

const metricLines = (): readonly MetricLine[] => metricLinesOf(written);
const logLines = (): v.InferOutput<typeof LINE>[] =>
  written.filter((line) => !line.includes('"_aws"')).map((line) => v.parse(LINE, JSON.parse(line)));

const none = { hasNoRecipients: null, unreadableItems: 0, conflicts: 0, isNotSaved: false };

const NOT_SAVED = {
  step: 'state',
  code: 'AWS_ACCESS_DENIED',
  message: "AWS denied dynamodb:PutItem on state: extend the caller's permissions boundary.",
  detail: 'User: r is not authorized to perform: dynamodb:PutItem because no permissions boundary allows it',
} as const;

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
    openTelemetry('monitor-1').failed(new ConfigError('topicArn: is not set.'));
    const [line] = metricLines();
    expect(line?._aws.CloudWatchMetrics[0]?.Metrics).toEqual([{ Name: 'RunFailed', Unit: 'Count' }]);
    expect(line).toMatchObject({ RunFailed: 1 });
    expect(logLines()).toEqual([]);
  });

  it.each([
    ['a failure', new AccessError('AWS denied it.', { cause: NOT_SAVED })],
    ['an exception', new PublishError('Not published.', { cause: new Error(NOT_SAVED.detail) })],
  ])('logs what AWS said if a run failed because of %s', (_, error) => {
    openTelemetry('monitor-1').failed(error);
    expect(logLines()).toMatchObject([
      { level: 'ERROR', message: 'The run failed.', errorType: error.name, detail: NOT_SAVED.detail },
    ]);
  });

  it('writes one log line for each failure of the run, with the words of AWS', () => {
    const { detail, ...plain } = NOT_SAVED;
    const report = reportOf([inSync('a')], { failures: [NOT_SAVED, { ...plain, step: 'sns' }] });
    openTelemetry('monitor-1').finished(factsOf(report, none));
    const [, first, second, ...others] = logLines();
    expect(others).toEqual([]);
    expect(first).toMatchObject({ level: 'WARN', ...NOT_SAVED });
    expect(second).toMatchObject({ level: 'WARN', ...plain, step: 'sns' });
    expect(second).not.toHaveProperty('detail');
    expect(detail).not.toBe('');
  });

  it('adds the words of the network to the line of a target', () => {
    const target = unseen('a');
    const failure = { ...NOT_SAVED, detail: 'connect ETIMEDOUT 192.0.2.1:443' };
    openTelemetry('monitor-1').finished(factsOf(reportOf([{ ...target, failure }]), none));
    expect(logLines()).toMatchObject([{ message: 'target', failure: failure.code, detail: failure.detail }]);
  });

  it('escapes and bounds what it logs about a failure', () => {
    const long = `\u202e${'x'.repeat(5_000)}`;
    const report = reportOf([], { failures: [{ ...NOT_SAVED, message: long, detail: long }] });
    openTelemetry('monitor-1').finished(factsOf(report, none));
    const [line] = logLines();
    expect(line?.message).toMatch(/^\\u\{202e\}x+…x+$/);
    expect(line?.message.length).toBeLessThanOrEqual(1_000);
    expect(line?.['detail']).toBe(line?.message);
  });
});
