import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { readDocument } from '../support/headings';
import { templateOf } from '../support/stack';

const [, SHOWN = ''] = readDocument('docs/organizations.md').split('```json\n');
const CONDITION = v.record(v.string(), v.record(v.string(), v.string()));
const POLICY = v.object({
  Statement: v.array(
    v.object({
      Sid: v.string(),
      Effect: v.string(),
      Principal: v.unknown(),
      Action: v.unknown(),
      Resource: v.literal('TOPIC'),
      Condition: CONDITION,
    }),
  ),
});
const { Statement } = v.parse(POLICY, JSON.parse(SHOWN.split('```')[0] ?? ''));
const ROLE = v.object({ Properties: v.object({ Path: v.string() }) });

const ORG = 'o-exampleorgid';

/** Whether a condition of ArnLike and StringEquals holds: both compare each key, and every key must hold. */
function holds(
  condition: v.InferOutput<typeof CONDITION>,
  context: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => {
      const found = context[key];
      if (found === undefined) return false;
      if (operator === 'StringEquals') return found === value;
      if (operator !== 'ArnLike') throw new TypeError(`The test does not know ${operator}.`);
      return arnLike(value, found);
    }),
  );
}

/** Part by part, as IAM compares ARNs. The sixth part holds all that follows. */
function arnLike(pattern: string, arn: string): boolean {
  const parts = (text: string): readonly string[] => {
    const all = text.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const found = parts(arn);
  return parts(pattern).every((part, index) => {
    const literal = part.split('*').map((one) => one.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
    return new RegExp(`^${literal.join('.*')}$`).test(found[index] ?? '');
  });
}

const allowing = (principal: unknown) =>
  Statement.filter(
    (one) => one.Effect === 'Allow' && JSON.stringify(one.Principal) === JSON.stringify(principal),
  );

describe('the policy of the shared topic in docs/organizations.md', () => {
  const publishers = allowing({ AWS: '*' });
  const isPermitted = (role: string, org = ORG): boolean =>
    publishers.some(({ Condition }) =>
      holds(Condition, {
        'aws:PrincipalOrgID': org,
        'aws:PrincipalArn': `arn:aws:iam::123456789012:${role}`,
      }),
    );

  it('permits the role of the monitor, as it is deployed', () => {
    const all = Object.values(templateOf().findResources('AWS::IAM::Role'));
    const paths = all
      .map((role) => v.safeParse(ROLE, role))
      .flatMap((role) => (role.success ? [role.output] : []));
    expect(paths.map(({ Properties: { Path } }) => isPermitted(`role${Path}stack-MonitorRole-ABC`))).toEqual([
      true,
    ]);
  });

  it.each([
    'role/Admin',
    'role/stack-MonitorRole-ABC',
    'role/other/thumbprint-drift-monitor/x',
    'role/thumbprint-drift-monitor',
    'user/thumbprint-drift-monitor/x',
    'root',
  ])('does not permit %s of the organization', (principal) => {
    expect(isPermitted(principal)).toBe(false);
  });

  it('does not permit such a role of another organization', () => {
    expect(isPermitted('role/thumbprint-drift-monitor/x', 'o-other')).toBe(false);
  });

  it('permits alarms of the monitors, and no others of the organization', () => {
    const alarms = allowing({ Service: 'cloudwatch.amazonaws.com' });
    const isAlarm = (name: string, org = ORG): boolean =>
      alarms.some(({ Condition }) =>
        holds(Condition, {
          'aws:SourceOrgID': org,
          'aws:SourceArn': `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
        }),
      );
    expect(isAlarm('StackSet-thumbprint-drift-monitor-0c1e4a52-MonitorAlarmsErrors-ABC')).toBe(true);
    expect(isAlarm('thumbprint-drift-monitor-MonitorAlarmsErrors-ABC')).toBe(true);
    expect(isAlarm('billing')).toBe(false);
    expect(isAlarm('thumbprint-drift-monitor-MonitorAlarmsErrors-ABC', 'o-other')).toBe(false);
  });

  it('has no other statement that allows', () => {
    expect(Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Sid }) => Sid)).toEqual([
      'Monitors',
      'Alarms',
    ]);
  });
});
