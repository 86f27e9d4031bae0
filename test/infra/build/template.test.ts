import { beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { parseSchedule } from '../../../infra/monitor/schedule';
import { buildTemplate } from '../../../infra/build/template';
import { RATES } from '../../../infra/monitor/template-stack';
import { arnText } from '../../support/stack';

const RESOURCE = v.looseObject({
  Type: v.string(),
  Condition: v.optional(v.string()),
  Properties: v.looseObject({}),
});
const TEMPLATE = v.looseObject({
  Parameters: v.record(
    v.string(),
    v.looseObject({ Default: v.string(), AllowedPattern: v.optional(v.string()) }),
  ),
  Conditions: v.record(v.string(), v.unknown()),
  Rules: v.record(v.string(), v.unknown()),
  Mappings: v.object({
    Rates: v.record(v.string(), v.record(v.string(), v.union([v.string(), v.number()]))),
  }),
  Resources: v.record(v.string(), RESOURCE),
});
const FUNCTION = v.object({
  Environment: v.object({ Variables: v.object({ MONITOR_CONFIG: v.unknown() }) }),
});

/** test/slow tests the function that it runs. */
const CODE = 'exports.handler = () => undefined;';

let text: string;
let template: v.InferOutput<typeof TEMPLATE>;

beforeAll(() => {
  text = buildTemplate(CODE);
  template = v.parse(TEMPLATE, JSON.parse(text));
});

const ofType = (type: string): readonly v.InferOutput<typeof RESOURCE>[] =>
  Object.values(template.Resources).filter(({ Type }) => Type === type);
const monitor = (): v.InferOutput<typeof FUNCTION> =>
  v.parse(FUNCTION, ofType('AWS::Lambda::Function')[0]?.Properties);

describe('the CloudFormation template without CDK', () => {
  it('needs no bucket, no bootstrap and no asset', () => {
    expect(Object.keys(template.Parameters).sort()).toEqual([
      'Discover',
      'Email',
      'ExistingTopicArn',
      'Mode',
      'Orgs',
      'Schedule',
    ]);
    expect(text).not.toMatch(/S3Bucket|cdk-hnb659fds|BootstrapVersion|AWS::CDK::Metadata/);
  });

  it('passes the parameters to the function', () => {
    const config = JSON.stringify(monitor().Environment.Variables.MONITOR_CONFIG);
    for (const name of ['Mode', 'Orgs']) expect(config).toContain(`{"Ref":"${name}"}`);
    expect(arnText(monitor().Environment.Variables.MONITOR_CONFIG)).toMatch(
      /^\{"orgs":\[.*\].*,"update":"\$\{Mode\}"/,
    );
  });

  it('restricts reading if asked to, and permits the same updates with each value of Discover', () => {
    expect(template.Parameters['Discover']).toMatchObject({
      Default: 'all',
      AllowedValues: ['all', 'circleci'],
    });
    expect(template.Conditions['ReadsCircleCiOnly']).toEqual({
      'Fn::Equals': [{ Ref: 'Discover' }, 'circleci'],
    });
    const config = JSON.stringify(monitor().Environment.Variables.MONITOR_CONFIG);
    expect(config).toContain(
      JSON.stringify({ 'Fn::If': ['ReadsCircleCiOnly', ',"discover":"circleci"', ''] }),
    );
  });

  it('lets the function write to IAM only if the mode says so, and only to CircleCI providers', () => {
    const policies = ofType('AWS::IAM::Policy').map((one) => JSON.stringify(one));
    const writing = policies.filter((policy) => policy.includes('UpdateOpenIDConnectProviderThumbprint'));
    expect(writing).toHaveLength(1);
    expect(writing[0]).toContain('"Condition":"Updates"');
    expect(writing[0]).toContain(':oidc-provider/oidc.circleci.com/org/*');
    expect(template.Conditions['Updates']).toEqual({
      'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Mode' }, 'off'] }],
    });
  });

  it('creates its own topic only if none is named, and a subscription only for a given address', () => {
    expect(ofType('AWS::SNS::Topic')).toMatchObject([{ Condition: 'OwnTopic' }]);
    expect(ofType('AWS::SNS::TopicPolicy')).toMatchObject([{ Condition: 'OwnTopic' }]);
    expect(ofType('AWS::SNS::Subscription')).toMatchObject([{ Condition: 'Subscribed' }]);
  });

  it('has an alarm window for each rate', () => {
    expect(Object.keys(template.Mappings.Rates)).toEqual(Object.keys(RATES));
    for (const [key, rate] of Object.entries(RATES)) {
      const schedule = parseSchedule(rate);
      const values = template.Mappings.Rates[key];
      const seconds = Number(values?.['SilencePeriod']) * Number(values?.['SilencePeriods']);
      expect(values?.['Rate']).toBe(rate);
      expect(seconds).toBeGreaterThanOrEqual(schedule.ok ? (2 * schedule.value + 10) * 60 : Infinity);
      expect(seconds).toBeLessThanOrEqual(7 * 24 * 3600);
    }
  });

  it.each([
    ['Orgs', 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', true],
    ['Orgs', 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34,0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608', true],
    ['Orgs', '', true],
    ['Orgs', 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34,', false],
    ['Orgs', 'x","update":"guarded', false],
    ['Email', 'you@example.com', true],
    ['Email', 'you', false],
    ['ExistingTopicArn', 'arn:aws:sns:eu-west-1:123456789012:central', true],
    ['ExistingTopicArn', 'x","a":"', false],
  ])('validates parameter %s with %j: %s', (name, value, good) => {
    // CloudFormation matches the whole value: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    const pattern = template.Parameters[name]?.AllowedPattern ?? '';
    expect(new RegExp(`^(?:${pattern})$`).test(value)).toBe(good);
  });
});
