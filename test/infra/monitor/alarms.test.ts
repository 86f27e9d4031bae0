import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { arnText, shortId, templateOf } from '../../support/stack';

const ALARM = v.object({
  Properties: v.looseObject({
    AlarmDescription: v.string(),
    AlarmActions: v.optional(v.array(v.unknown()), []),
    MetricName: v.optional(v.string()),
    Statistic: v.optional(v.string()),
    Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.unknown() })), []),
    Period: v.optional(v.number(), 0),
    EvaluationPeriods: v.optional(v.number(), 0),
    DatapointsToAlarm: v.optional(v.number()),
    TreatMissingData: v.optional(v.string()),
  }),
});
type Alarm = v.InferOutput<typeof ALARM>['Properties'];

/** Every alarm by its name in the construct. */
const alarmsOf = (template: Template): Readonly<Record<string, Alarm>> =>
  Object.fromEntries(
    ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
      .flatMap((type) => Object.entries(template.findResources(type)))
      .map(([id, one]) => [shortId(id).replace('MonitorAlarms', ''), v.parse(ALARM, one).Properties]),
  );

const hours = ({ Period, EvaluationPeriods }: Alarm): number => (Period * EvaluationPeriods) / 3600;

let alarms: Readonly<Record<string, Alarm>>;

beforeAll(() => {
  alarms = alarmsOf(templateOf());
});

describe('the alarms of the monitor', () => {
  it('are these', () => {
    expect(Object.keys(alarms).sort()).toEqual([
      'Blind',
      'DeadLetters',
      'Failures',
      'NoRecipients',
      'NotRunning',
      'NotSaved',
      'Silence',
    ]);
  });

  it('notify the topic, and a second one if there is one', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:123456789012:pager';
    const doubled = alarmsOf(templateOf({ alarmTopicArn }));
    for (const name of ['Blind', 'DeadLetters', 'Failures', 'NoRecipients', 'NotRunning', 'NotSaved']) {
      expect(alarms[name]?.AlarmActions.map(arnText)).toEqual(['${MonitorAlerts}']);
      expect(doubled[name]?.AlarmActions.map(arnText)).toEqual(['${MonitorAlerts}', alarmTopicArn]);
    }
    expect(alarms['Silence']?.AlarmActions).toEqual([]);
  });

  it('may publish to the topic', () => {
    templateOf().hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny' },
          {
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
  });

  it('watch the metrics of their own function alone', () => {
    for (const [name, { Dimensions }] of Object.entries(alarms)) {
      if (name === 'NotRunning') continue;
      expect(Dimensions.map(({ Name, Value }) => `${Name}=${arnText(Value)}`)).toEqual([
        name === 'DeadLetters' ? 'QueueName=${MonitorDeadLetters.QueueName}' : 'service=${MonitorFunction}',
      ]);
    }
  });

  it('treat missing data as a missing run, and only there (fault 43)', () => {
    const treated = Object.entries(alarms).map(([name, { TreatMissingData }]) => [name, TreatMissingData]);
    expect(Object.fromEntries(treated)).toEqual({
      Blind: 'notBreaching',
      DeadLetters: 'ignore',
      Failures: 'notBreaching',
      NoRecipients: 'ignore',
      NotSaved: 'notBreaching',
      NotRunning: undefined,
      Silence: 'breaching',
    });
    expect(alarms['Silence']).toMatchObject({
      MetricName: 'RunCompleted',
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
    });
  });

  it('wait for the first run of a new deployment, and notify nobody if Failures has done so', () => {
    const rest = alarms['NotRunning'];
    expect(arnText(rest?.['AlarmRule'])).toBe('ALARM("${MonitorAlarmsSilence.Arn}")');
    expect(arnText(rest?.['ActionsSuppressor'])).toBe('${MonitorAlarmsFailures.Arn}');
    expect(rest).toMatchObject({ ActionsSuppressorWaitPeriod: 1800, ActionsSuppressorExtensionPeriod: 1800 });
    expect(rest).not.toHaveProperty('AlarmName');
  });

  it.each([
    ['rate(15 minutes)', 0.25],
    ['rate(6 hours)', 6],
    ['rate(11 hours)', 11],
    ['rate(1 day)', 24],
    ['rate(53 hours)', 53],
    ['rate(3 days)', 72],
  ])('have a window long enough for %s, within the limits of CloudWatch', (schedule, interval) => {
    const scheduled = alarmsOf(templateOf({ schedule }));
    for (const alarm of Object.values(scheduled).filter(({ MetricName }) => MetricName !== undefined)) {
      expect(alarm.Period % 60).toBe(0);
      expect(hours(alarm)).toBeLessThanOrEqual(alarm.Period < 3600 ? 24 : 7 * 24);
    }
    const window = 1 / 6;
    const lookBack = (name: string): number => {
      const alarm = scheduled[name];
      return alarm === undefined ? 0 : hours(alarm);
    };
    expect(lookBack('Silence')).toBeGreaterThanOrEqual(2 * interval + window);
    expect(lookBack('Silence')).toBeLessThan(2 * interval + window + 1);
    expect(lookBack('Failures')).toBeGreaterThanOrEqual(interval + window);
    const runs = scheduled['Blind']?.DatapointsToAlarm ?? 0;
    expect(runs).toBe(interval === 72 ? 2 : 3);
    expect(lookBack('Blind')).toBeGreaterThanOrEqual(runs * interval + window);
  });
});
