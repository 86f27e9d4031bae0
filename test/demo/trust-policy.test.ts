/** Examples and sentences of AWS's documentation, as the embedded STS evaluates them. */
import { describe, expect, it } from '@jest/globals';
import type { KeyValue } from '../../demo/aws/conditions';
import { evaluateTrust, parseTrustPolicy } from '../../demo/aws/trust-policy';
import type { TrustDecision, TrustRequest } from '../../demo/aws/trust-policy';

const ARN = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
const KEY = 'token.actions.githubusercontent.com';

type Keys = Readonly<Record<string, KeyValue>>;

const request = (keys: Keys, more: Partial<TrustRequest> = {}): TrustRequest => ({
  action: 'sts:AssumeRoleWithWebIdentity',
  providerArn: ARN,
  keys: new Map(Object.entries(keys)),
  sessionName: 'build-7',
  ...more,
});

const policy = (...statements: readonly object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: 'Allow',
      Principal: { Federated: ARN },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...statement,
    })),
  });

const decisionOf = (text: string, keys: Keys = {}, more: Partial<TrustRequest> = {}): string =>
  evaluateTrust(text, request(keys, more)).decision;

type Decision = TrustDecision['decision'];

describe('a statement of a trust policy', () => {
  const sub = { [`${KEY}:sub`]: 'repo:octo-org/octo-repo:ref:refs/heads/main' };

  it.each<[string, object, Decision]>([
    ['the ARN of the provider', {}, 'allowed'],
    ['the ARN in a list', { Principal: { Federated: ['accounts.google.com', ARN] } }, 'allowed'],
    ['another provider', { Principal: { Federated: `${ARN}/octo` } }, 'denied'],
    ['an ARN in other letters', { Principal: { Federated: ARN.toUpperCase() } }, 'denied'],
    [
      'an AWS account and a service',
      { Principal: { AWS: '123456789012', Service: 'ec2.amazonaws.com' } },
      'denied',
    ],
    ['everyone', { Principal: '*' }, 'allowed'],
    ['everyone, written as AWS', { Principal: { AWS: '*' } }, 'allowed'],
    [
      'an ARN with a wildcard',
      { Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/*' } },
      'unsupported',
    ],
    ['all but a principal', { Principal: undefined, NotPrincipal: { AWS: '123456789012' } }, 'unsupported'],
    ['the action in other letters', { Action: 'STS:assumerolewithwebidentity' }, 'allowed'],
    ['actions with a wildcard', { Action: ['sts:TagSession', 'sts:Assume*'] }, 'allowed'],
    ['all actions', { Action: '*' }, 'allowed'],
    ['one character for each question mark', { Action: 'sts:AssumeRoleWith???Identity' }, 'allowed'],
    ['another action', { Action: 'sts:AssumeRole' }, 'denied'],
    ['all but another action', { Action: undefined, NotAction: 'sts:AssumeRole' }, 'allowed'],
    ['all but the action', { Action: undefined, NotAction: 'sts:*' }, 'denied'],
    [
      'a key in other letters',
      { Condition: { StringLike: { [`${KEY.toUpperCase()}:SUB`]: 'repo:octo-org/*' } } },
      'allowed',
    ],
    [
      'a value in other letters',
      { Condition: { StringLike: { [`${KEY}:sub`]: 'repo:Octo-Org/*' } } },
      'denied',
    ],
    [
      'the name of the session',
      { Condition: { StringEquals: { 'sts:RoleSessionName': 'build-7' } } },
      'allowed',
    ],
    ['the provider as a key', { Condition: { ArnEquals: { 'aws:FederatedProvider': ARN } } }, 'allowed'],
    [
      'two conditions of which one holds',
      { Condition: { StringLike: { [`${KEY}:sub`]: ['x', 'repo:*'], [`${KEY}:aud`]: '*' } } },
      'denied',
    ],
    [
      'an address, which the request does not tell',
      { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } },
      'unsupported',
    ],
  ])('is about %s', (_, statement, decision) => {
    expect(decisionOf(policy(statement), sub)).toBe(decision);
  });

  it('denies whatever others allow, and says which statement decides', () => {
    const deny = { Effect: 'Deny', Condition: { StringLike: { [`${KEY}:sub`]: '*:pull_request' } } };
    const text = policy({}, deny);
    expect(evaluateTrust(text, request(sub))).toEqual({ decision: 'allowed', statement: 1 });
    const pull = request({ [`${KEY}:sub`]: 'repo:octo-org/octo-repo:pull_request' });
    expect(evaluateTrust(text, pull)).toEqual({ decision: 'denied', statement: 2 });
    expect(evaluateTrust(policy(deny), request(sub))).toEqual({ decision: 'denied', statement: null });
  });

  it('leaves open only what matters, and says why', () => {
    const variable = { Condition: { StringLike: { [`${KEY}:sub`]: 'repo:${aws:PrincipalTag/org}/*' } } };
    const open = evaluateTrust(policy(variable), request(sub));
    expect(open).toEqual({
      decision: 'unsupported',
      reasons: [`StringLike on ${KEY}:sub in statement 1`],
    });
    expect(decisionOf(policy(variable, {}), sub)).toBe('allowed');
    expect(decisionOf(policy({}, { ...variable, Effect: 'Deny' }), sub)).toBe('unsupported');
    expect(decisionOf(policy({}, { ...variable, Effect: 'Deny' }, { Effect: 'Deny' }), sub)).toBe('denied');
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['an unknown element', policy({ Resource: '*' })],
    ['no principal', policy({ Principal: undefined })],
    ['no action', policy({ Action: undefined })],
    ['an effect in other letters', policy({ Effect: 'allow' })],
    ['an empty list', policy({ Condition: { StringEquals: { [`${KEY}:sub`]: [] } } })],
    ['a condition twice', policy({ Condition: { StringEquals: { a: 'x' }, stringequals: { A: 'y' } } })],
  ])('is not evaluated if the policy is malformed: %s', (_, text) => {
    expect(parseTrustPolicy(text).kind).toBe('malformed');
    expect(decisionOf(text, sub)).toBe('unsupported');
  });
});

/** Whether a condition of an Allow statement lets a request in. */
const holds = (
  operator: string,
  wanted: unknown,
  given: KeyValue | undefined,
  key = 'aws:TagKeys',
): Decision =>
  evaluateTrust(
    policy({ Condition: { [operator]: { [key]: wanted } } }),
    request(given === undefined ? {} : { [key.toLowerCase()]: given }),
  ).decision;

describe('an operator', () => {
  it.each<[string, unknown, KeyValue | undefined, Decision]>([
    // reference_policies_elements_condition_operators.html: string operators.
    ['StringEquals', 'iamuser-admin', 'iamuser-admin', 'allowed'],
    ['StringEquals', 'iamuser-admin', 'IamUser-Admin', 'denied'],
    ['StringEquals', 'iamuser-*', 'iamuser-admin', 'denied'],
    ['StringEquals', ['jane', 'iamuser-admin'], 'iamuser-admin', 'allowed'],
    ['StringNotEquals', ['jane', 'iamuser-admin'], 'iamuser-admin', 'denied'],
    ['StringNotEquals', 'jane', 'iamuser-admin', 'allowed'],
    ['StringEqualsIgnoreCase', 'IAMUSER-admin', 'iamuser-ADMIN', 'allowed'],
    ['StringEqualsIgnoreCase', 'straße', 'STRASSE', 'unsupported'],
    ['StringNotEqualsIgnoreCase', 'IAMUSER-admin', 'iamuser-ADMIN', 'denied'],
    ['StringLike', 'home/*', 'home/', 'allowed'],
    ['StringLike', 'home/?', 'home/', 'denied'],
    ['StringLike', 'home/?', 'home/x', 'allowed'],
    ['StringLike', '*a*b*a', 'xxaybybaza', 'allowed'],
    ['StringLike', '*a*b*a', 'xxaybybaz', 'denied'],
    ['StringNotLike', 'home/*', 'home/x', 'denied'],
    // reference_policies_variables.html: "special characters".
    ['StringLike', 'home/${*}', 'home/*', 'allowed'],
    ['StringLike', 'home/${*}', 'home/x', 'denied'],
    ['StringLike', 'home/${?}${$}', 'home/?$', 'allowed'],
    ['StringEquals', 'home/${aws:username}', 'home/x', 'unsupported'],
    // Numeric and date operators.
    ['NumericLessThanEquals', '10', '10', 'allowed'],
    ['NumericLessThanEquals', 10, '11', 'denied'],
    ['NumericEquals', '5', '5.0', 'allowed'],
    ['NumericNotEquals', ['4', '5'], '5', 'denied'],
    ['NumericGreaterThan', '5', 'five', 'unsupported'],
    ['DateGreaterThan', '2020-01-01T00:00:01Z', '2020-01-01T00:00:02Z', 'allowed'],
    ['DateGreaterThan', '2020-01-01T00:00:01Z', '2020-01-01T00:00:01Z', 'denied'],
    ['DateGreaterThanEquals', '2020-01-01T00:00:01Z', '1577836801', 'allowed'],
    ['DateLessThan', '2020-01-01', '2019-12-31T23:59:59Z', 'allowed'],
    ['DateNotEquals', '2020-01-01', '2020-01-01T00:00:00Z', 'denied'],
    ['DateLessThan', 'tomorrow', '2019-12-31T23:59:59Z', 'unsupported'],
    ['Bool', 'true', 'true', 'allowed'],
    ['Bool', false, 'true', 'denied'],
    ['Bool', 'yes', 'true', 'unsupported'],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'x', 'unsupported'],
    // "If you specify an IP address without the associated routing prefix, IAM uses the default prefix value of /32."
    ['IpAddress', '203.0.113.0/24', '203.0.113.42', 'allowed'],
    ['IpAddress', '203.0.113.0/24', '203.0.112.42', 'denied'],
    ['IpAddress', '203.0.113.42', '203.0.113.42', 'allowed'],
    ['IpAddress', ['203.0.113.0/24', '2001:DB8:1234:5678::/64'], '2001:DB8:1234:5678:2::1', 'allowed'],
    ['IpAddress', '0.0.0.0/0', '2001:DB8::1', 'denied'],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.42', 'denied'],
    ['IpAddress', '203.0.113.0/33', '203.0.113.42', 'unsupported'],
    // "Each of the six colon-delimited components of the ARN is checked separately."
    ['ArnLike', 'arn:aws:sns:*:123456789012:my-*', 'arn:aws:sns:us-east-2:123456789012:my-topic', 'allowed'],
    ['ArnEquals', 'arn:aws:sns:*:123456789012:*', 'arn:aws:sns:us-east-2:123456789012:a:b', 'allowed'],
    ['ArnLike', 'arn:aws:*:my-topic', 'arn:aws:sns:us-east-2:123456789012:my-topic', 'unsupported'],
    ['ArnLike', 'arn:aws:sns:us-*:*:x', 'arn:aws:sns:eu-west-1:123456789012:us-:x', 'denied'],
    ['ArnNotLike', 'arn:aws:sns:*:*:my-topic', 'arn:aws:sns:us-east-2:123456789012:my-topic', 'denied'],
    ['ArnLike', 'arn:aws:sns:*:*:x', 'my-topic', 'unsupported'],
    // Without the key: "the values do not match"; with a negated operator they do; with IfExists the element is true.
    ['StringEquals', 'x', undefined, 'denied'],
    ['StringNotEquals', 'x', undefined, 'allowed'],
    ['StringLike', '*', undefined, 'denied'],
    ['StringLikeIfExists', 'x', undefined, 'allowed'],
    ['StringLikeIfExists', 'x', 'y', 'denied'],
    ['NumericLessThan', '5', undefined, 'denied'],
    ['Bool', 'false', undefined, 'denied'],
    ['Null', 'true', undefined, 'allowed'],
    ['Null', 'true', 'x', 'denied'],
    ['Null', false, 'x', 'allowed'],
    ['Null', ['true', 'false'], undefined, 'allowed'],
    ['NullIfExists', 'true', undefined, 'unsupported'],
    // reference_policies_condition-single-vs-multi-valued-context-keys.html
    ['ForAllValues:StringEquals', ['environment', 'webserver'], ['environment'], 'allowed'],
    ['ForAllValues:StringEquals', ['environment', 'webserver'], ['environment', 'costcenter'], 'denied'],
    ['ForAllValues:StringEquals', ['environment', 'webserver'], undefined, 'allowed'],
    ['ForAllValues:StringEquals', ['environment', 'webserver'], '', 'allowed'],
    ['ForAllValues:StringNotEquals', ['environment'], ['webserver', 'environment'], 'denied'],
    ['ForAnyValue:StringEquals', ['environment', 'webserver'], ['webserver', 'costcenter'], 'allowed'],
    ['ForAnyValue:StringEquals', ['environment', 'webserver'], ['costcenter'], 'denied'],
    ['ForAnyValue:StringEquals', ['environment', 'webserver'], undefined, 'denied'],
    ['ForAnyValue:StringNotEquals', ['environment'], ['webserver', 'environment'], 'allowed'],
    ['ForAnyValue:StringNotEquals', ['environment'], undefined, 'denied'],
    ['ForAnyValue:StringEqualsIfExists', ['environment'], undefined, 'unsupported'],
    ['StringEquals', ['environment'], ['environment'], 'unsupported'],
    ['ForSomeValues:StringEquals', 'x', 'x', 'unsupported'],
  ])('%s %j, given %j: %s', (operator, wanted, given, decision) => {
    expect(holds(operator, wanted, given)).toBe(decision);
  });

  it('takes variables for text in a policy of an earlier version', () => {
    const condition = { StringLike: { [`${KEY}:sub`]: '${aws:username}*' } };
    const text = policy({ Condition: condition }).replace('2012-10-17', '2008-10-17');
    expect(decisionOf(text, { [`${KEY}:sub`]: '${aws:username}/x' })).toBe('allowed');
    expect(decisionOf(text, { [`${KEY}:sub`]: 'x' })).toBe('denied');
  });
});

describe('the evaluation of a trust policy', () => {
  it('takes less than a millisecond of processor time', () => {
    const condition = {
      StringLike: { [`${KEY}:sub`]: ['repo:*/a:*', 'repo:*x*:ref:*main', 'repo:octo-org/*'] },
    };
    const text = policy({ Condition: condition }, { Effect: 'Deny', Condition: condition });
    const begin = process.cpuUsage();
    for (let count = 0; count < 2_000; count += 1) {
      decisionOf(text, { [`${KEY}:sub`]: `repo:octo-org/octo-repo:ref:refs/heads/${count}` });
    }
    expect(process.cpuUsage(begin).user / 2_000).toBeLessThan(1_000);
  });
});
