/** Random trust policies for CircleCI's providers: as people write them, as they get them wrong, and as they never would. */
import type { Random } from '../support/random';
import { uuid } from './provider';
import type { Provider } from './provider';

/** A provider, and a role's trust policy as text. */
export interface PolicyCase {
  readonly provider: Provider;
  readonly text: string;
}

/** The names that a policy is about. */
interface Cast {
  readonly provider: Provider;
  /** The org that is meant; of the root issuer the policy has to name it. */
  readonly org: string;
  readonly otherOrg: string;
  readonly project: string;
  readonly otherProject: string;
  readonly user: string;
  readonly random: Random;
}

type Choice<T> = readonly [weight: number, make: () => T];

/** One of several, by weight. */
function choose<T>(random: Random, first: Choice<T>, ...others: readonly Choice<T>[]): T {
  const all = [first, ...others];
  let at = random.next() * all.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of all) {
    at -= weight;
    if (at < 0) return make();
  }
  return first[1]();
}

const ACCOUNT = 'arn:aws:iam::123456789012';
const GITHUB = 'token.actions.githubusercontent.com';

/** One random policy. */
export function randomPolicy(random: Random): PolicyCase {
  const org = uuid(random);
  const kind = choose<Provider['kind']>(random, [5, () => 'cloud'], [3, () => 'server'], [3, () => 'root']);
  const url = {
    cloud: `oidc.circleci.com/org/${org}`,
    server: `ci.example.com/org/${org}`,
    root: 'oidc.circleci.com',
  }[kind];
  const provider: Provider = {
    kind,
    url,
    arn: `${ACCOUNT}:oidc-provider/${url}`,
    org: kind === 'root' ? null : org,
    audiences: choose<Provider['audiences']>(
      random,
      [6, () => [org]],
      [3, () => [org, 'sts.amazonaws.com']],
      [1, () => null],
    ),
  };
  const cast: Cast = {
    provider,
    org,
    otherOrg: uuid(random),
    project: uuid(random),
    otherProject: uuid(random),
    user: uuid(random),
    random,
  };
  return { provider, text: documentOf(cast) };
}

function documentOf(cast: Cast): string {
  const { random } = cast;
  const statements = Array.from({ length: random.pick([1, 1, 1, 2, 2, 2, 3, 4]) }, (_, index) =>
    statementOf(cast, index),
  );
  const [only] = statements;
  const policy = {
    ...choose<object>(
      random,
      [12, () => ({ Version: '2012-10-17' })],
      [1, () => ({ Version: '2008-10-17' })],
      [1, () => ({})],
    ),
    ...(random.chance(0.1) ? { Id: 'trust' } : {}),
    ...(random.chance(0.004) ? { Comment: 'deploys' } : {}),
    Statement: statements.length === 1 && random.chance(0.4) ? only : statements,
  };
  const text = JSON.stringify(policy, null, random.pick([0, 2]));
  return choose(
    random,
    [60, () => text],
    [2, () => text.replaceAll('/', '\\/')],
    [2, () => text.replaceAll('sub', '\\u0073ub')],
    [0.3, () => text.slice(0, -random.between(1, 40))],
  );
}

function statementOf(cast: Cast, index: number): unknown {
  const { random } = cast;
  const effect = choose(random, [index === 0 ? 9 : 3, () => 'Allow'], [2, () => 'Deny']);
  const condition = choose<unknown>(
    random,
    [4, () => narrowCondition(cast)],
    [7, () => conditionsOf(cast, effect)],
    [1, () => undefined],
  );
  const statement: Record<string, unknown> = {
    ...(random.chance(0.4) ? { Sid: `s${index}` } : {}),
    Effect: effect,
    ...principalOf(cast, effect),
    ...actionOf(random),
    ...(condition === undefined ? {} : { Condition: condition }),
  };
  return random.chance(0.05) ? damaged(statement, random) : statement;
}

/** As the documentation of CircleCI recommends it. */
function narrowCondition({ provider, org, project, random }: Cast): object {
  const { url } = provider;
  const sub = `org/${org}/project/${project}/user/*`;
  const aud = random.chance(0.6) ? { [`${url}:aud`]: org } : {};
  return choose<object>(
    random,
    [3, () => ({ StringLike: { [`${url}:sub`]: sub }, StringEquals: aud })],
    [
      2,
      () => ({
        StringLike: {
          [`${url}:sub`]: `${sub}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`,
          ...aud,
        },
      }),
    ],
    [
      provider.kind === 'cloud' ? 4 : 1,
      () => ({ StringEquals: { ...aud, [`${url}:oidc.circleci.com/project-id`]: project } }),
    ],
    [
      1,
      () => ({
        StringNotLike: { [`${url}:sub`]: '*/vcs-ref/refs/pull/*' },
        StringLike: { [`${url}:sub`]: sub },
      }),
    ],
    [1, () => ({ StringLike: { [`${url}:sub`]: `org/${org}/project/*` } })],
  );
}

function principalOf({ provider, random }: Cast, effect: string): object {
  const named = (principal: unknown): object => ({ Principal: principal });
  const other = `${ACCOUNT}:oidc-provider/${GITHUB}`;
  return choose<object>(
    random,
    [40, () => named({ Federated: provider.arn })],
    [4, () => named({ Federated: [other, provider.arn] })],
    [3, () => named({ Federated: provider.arn, Service: 'lambda.amazonaws.com' })],
    [effect === 'Deny' ? 14 : 3, () => named('*')],
    [effect === 'Deny' ? 5 : 1.5, () => named({ AWS: '*' })],
    [1, () => named({ AWS: ['*', `${ACCOUNT}:root`] })],
    [2, () => named({ Federated: other })],
    [1, () => named({ Federated: 'cognito-identity.amazonaws.com' })],
    [1, () => named({ AWS: `${ACCOUNT}:root`, Service: ['ec2.amazonaws.com'] })],
    [0.5, () => named({ Federated: `${ACCOUNT}:oidc-provider/*` })],
    [2, () => ({ NotPrincipal: { Federated: other } })],
    [0.7, () => ({ NotPrincipal: { Federated: [other, provider.arn] } })],
    [0.7, () => ({ NotPrincipal: { AWS: `${ACCOUNT}:root` } })],
    [0.3, () => ({ NotPrincipal: '*' })],
    [0.3, () => ({ NotPrincipal: { AWS: '*' } })],
    [0.3, () => ({ NotPrincipal: { Federated: `${ACCOUNT}:oidc-provider/?*` } })],
  );
}

const actionOf = (random: Random): object =>
  choose<object>(
    random,
    [20, () => ({ Action: 'sts:AssumeRoleWithWebIdentity' })],
    [3, () => ({ Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] })],
    [2, () => ({ Action: random.pick(['sts:*', '*', 'STS:assumerolewithwebidentity', 'sts:AssumeRole*']) })],
    [1, () => ({ Action: random.pick(['sts:AssumeRoleWith???Identity', '*:Assume*Web*', '?ts:*Identity']) })],
    [
      1.5,
      () => ({
        Action: random.pick(['sts:AssumeRole', 'sts:TagSession', 's3:*', 'sts:AssumeRoleWithWeb?Identity']),
      }),
    ],
    [0.5, () => ({ NotAction: 'sts:AssumeRole' })],
    [0.5, () => ({ NotAction: ['sts:TagSession', random.pick(['sts:AssumeRoleWith*', 'iam:*'])] })],
  );

type Condition = Record<string, Record<string, unknown>>;

function conditionsOf(cast: Cast, effect: string): Condition {
  const { random } = cast;
  const condition: Condition = {};
  for (let left = random.pick([0, 1, 1, 1, 2, 2, 3]); left > 0; left -= 1) {
    const [operator, key, values] = conditionOf(cast, effect);
    condition[operator] = { ...condition[operator], [key]: values };
  }
  return condition;
}

type Written = readonly [operator: string, key: string, values: unknown];

function conditionOf(cast: Cast, effect: string): Written {
  const { random, provider } = cast;
  const { url } = provider;
  const key = (claim: string): string => {
    const written = `${url}:${claim}`;
    return random.chance(0.06) ? written.toUpperCase() : written;
  };
  return choose<Written>(
    random,
    [10, () => [stringOperator(random), key('sub'), some(random, () => subjectValue(cast))]],
    [
      4,
      () => [stringOperator(random), key('oidc.circleci.com/project-id'), some(random, () => idValue(cast))],
    ],
    [2, () => [stringOperator(random), key('aud'), some(random, () => audienceValue(cast))]],
    [
      0.7,
      () => [
        decoratedOperator(random),
        key(random.pick(['oaud', 'oaud', 'email'])),
        some(random, () => audienceValue(cast)),
      ],
    ],
    [
      1,
      () => [
        decoratedOperator(random),
        random.pick([
          key('oidc.circleci.com/vcs-ref'),
          key('oidc.circleci.com/context-ids'),
          key('iss'),
          'aws:RequestTag/team',
          'sts:RoleAuthorizedByIdp',
        ]),
        some(random, () => idValue(cast)),
      ],
    ],
    [
      1.2,
      () => [
        decoratedOperator(random),
        random.pick([
          `${GITHUB}:sub`,
          'accounts.google.com:aud',
          `oidc.circleci.com/org/${cast.otherOrg}:sub`,
          `oidc.circleci.com/org/${cast.otherOrg}:aud`,
        ]),
        some(random, () => subjectValue(cast)),
      ],
    ],
    [
      1,
      () => [
        'Null',
        random.pick([key('sub'), key('oidc.circleci.com/project-id'), `${GITHUB}:sub`, 'aws:TokenIssueTime']),
        random.pick<unknown>(['true', 'false', true, ['true', 'false']]),
      ],
    ],
    [2.2, () => unchangingCondition(random, effect)],
    [6, () => unknownCondition(cast)],
  );
}

/** Conditions that no caller fails, or that each caller can meet by choice. */
const unchangingCondition = (random: Random, effect: string): Written =>
  choose<Written>(
    random,
    [2, () => ['Bool', 'aws:SecureTransport', random.pick<unknown>(['true', true, 'false'])]],
    [2, () => ['IpAddress', 'aws:SourceIp', random.pick<unknown>(['0.0.0.0/0', ['0.0.0.0/0', '::/0']])]],
    [effect === 'Deny' ? 1 : 0.2, () => ['NotIpAddress', 'aws:SourceIp', ['0.0.0.0/0', '::/0']]],
    [
      2,
      () => [
        random.pick(['StringLike', 'StringEquals', 'ForAnyValue:StringEquals']),
        'sts:RoleSessionName',
        random.pick<unknown>(['circleci-build', ['deploy', 'release']]),
      ],
    ],
    [1, () => ['StringLike', 'sts:rolesessionname', random.pick(['*', 'ci-*', '??*'])]],
    [0.5, () => ['StringNotEquals', 'sts:RoleSessionName', 'admin']],
  );

/** What only AWS knows at the time of a login, and operators that no documentation has. */
function unknownCondition(cast: Cast): Written {
  const { random, provider } = cast;
  const sub = `${provider.url}:sub`;
  return choose<Written>(
    random,
    [
      2,
      () => [
        'IpAddress',
        'aws:SourceIp',
        random.pick<unknown>(['203.0.113.0/24', ['198.51.100.7', '2001:db8::/32']]),
      ],
    ],
    [1, () => ['NotIpAddress', 'aws:SourceIp', '203.0.113.0/24']],
    [1, () => ['DateLessThan', 'aws:CurrentTime', '2030-01-01T00:00:00Z']],
    [
      2,
      () => [
        stringOperator(random),
        random.pick(['aws:PrincipalOrgID', 'sts:ExternalId', 'aws:userid', `${provider.url}:amr`]),
        some(random, () => random.pick(['platform', 'o-1234567890', '*', cast.project])),
      ],
    ],
    [
      1,
      () => [
        random.pick(['ArnLike', 'NumericEquals', 'Bool', 'DateEquals', 'BinaryEquals', 'ArnNotEquals']),
        sub,
        some(random, () => subjectValue(cast)),
      ],
    ],
    [
      1,
      () => [
        random.pick([
          'StringStartsWith',
          'StringLikes',
          'ForSomeValues:StringLike',
          'NullIfExists',
          'ForAllValues:Null',
        ]),
        sub,
        some(random, () => subjectValue(cast)),
      ],
    ],
    [
      1.5,
      () => [
        random.pick(['StringLike', 'StringEquals', 'StringNotLike']),
        sub,
        some(random, () =>
          random.pick([
            `org/${cast.org}/project/\${aws:PrincipalTag/project}/user/*`,
            "org/${aws:RequestTag/org, 'none'}/*",
            `org/${cast.org}/project/${cast.project}/user/\${*}`,
            '${$}{org}/*',
            subjectValue(cast),
          ]),
        ),
      ],
    ],
    [0.5, () => [random.pick(['StringEquals', 'ArnLike']), 'aws:FederatedProvider', provider.arn]],
  );
}

const stringOperator = (random: Random): string => {
  const name = stringComparison(random);
  const set = choose(random, [14, () => ''], [1, () => 'ForAllValues:'], [1, () => 'ForAnyValue:']);
  const operator = `${set}${name}${random.chance(0.1) ? 'IfExists' : ''}`;
  return random.chance(0.04) ? operator.toLowerCase() : operator;
};

/** Prefix and suffix matter most if the key is missing. */
const decoratedOperator = (random: Random): string =>
  `${random.pick(['', 'ForAllValues:', 'ForAnyValue:'])}${stringComparison(random)}${random.pick(['', '', 'IfExists'])}`;

const stringComparison = (random: Random): string =>
  choose(
    random,
    [6, () => 'StringLike'],
    [4, () => 'StringEquals'],
    [1, () => 'StringEqualsIgnoreCase'],
    [1.5, () => 'StringNotLike'],
    [1.5, () => 'StringNotEquals'],
    [0.5, () => 'StringNotEqualsIgnoreCase'],
  );

/** One value, or a list. */
function some(random: Random, make: () => string): unknown {
  const amount = random.pick([0, 0, 0, 1, 2, 2, 3]);
  return amount === 0 ? make() : Array.from({ length: amount }, make);
}

const ENDS: readonly [string, ...string[]] = [
  '',
  '',
  '/*',
  '/vcs-origin/*',
  '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
  '/vcs-origin/github.com/acme/app/vcs-ref/*',
  '/vcs-origin/*/vcs-ref/refs/heads/main',
  '/vcs-origin/github.com/acme/*/vcs-ref/refs/tags/v?.*',
];

function subjectValue(cast: Cast): string {
  const { random, org, otherOrg, project, otherProject, user } = cast;
  const wild = (text: string): string =>
    choose(
      random,
      [8, () => text],
      [2, () => '*'],
      [0.5, () => '?'.repeat(text.length)],
      [0.5, () => '?'.repeat(random.pick([1, 8, 35]))],
      [0.5, () => `${text.slice(0, random.between(1, text.length))}*`],
      [0.5, () => changed(text, random, '?')],
      [0.3, () => changed(text, random, random.between(0, 15).toString(16))],
      [0.3, () => text.toUpperCase()],
    );
  const orgs = wild(random.chance(0.08) ? otherOrg : org);
  const projects = wild(random.chance(0.2) ? otherProject : project);
  const users = choose(random, [6, () => '*'], [1, () => wild(user)], [0.5, () => '?*']);
  const whole = `org/${orgs}/project/${projects}/user/${users}${random.pick(ENDS)}`;
  return choose(
    random,
    [12, () => whole],
    [1, () => `${whole.slice(0, random.between(0, whole.length))}*`],
    [1, () => `*${whole.slice(random.between(0, whole.length))}`],
    [1, () => changed(whole, random, random.pick(['*', '?', '', '**', 'x']))],
    [0.7, () => `*${project}*`],
    [0.7, () => random.pick(['*', '**', '?*', 'org/*', `org/${org}/*`, `org/${org}/project/*`, ''])],
    [0.5, () => whole.replace('project', 'projects')],
    [0.5, () => `org/${org}/file-streaming/audit-logs`],
    [0.4, () => whole.replace('org/', random.pick(['Org/', 'ORG/', '/org/']))],
  );
}

/** Another character at one position. */
function changed(text: string, random: Random, character: string): string {
  const at = random.between(0, text.length - 1);
  return text.slice(0, at) + character + text.slice(at + 1);
}

const idValue = ({ random, project, otherProject, org }: Cast): string =>
  choose(
    random,
    [8, () => project],
    [2, () => otherProject],
    [1, () => '*'],
    [0.6, () => `${project.slice(0, random.between(0, 36))}*`],
    [0.4, () => changed(project, random, '?')],
    [0.4, () => project.toUpperCase()],
    [0.3, () => org],
    [0.3, () => '????????-*'],
  );

const audienceValue = ({ random, org, otherOrg }: Cast): string =>
  random.pick([org, org, org, 'sts.amazonaws.com', 'sts.*', '*', otherOrg, org.toUpperCase()]);

/** A statement with something in it that IAM's grammar does not have, or of which it does not say what it means. */
function damaged(statement: Record<string, unknown>, random: Random): unknown {
  const { Effect: effect, Action: action, Principal: principal, ...rest } = statement;
  const whole = { ...rest, Effect: effect, Action: action, Principal: principal };
  return random.pick<unknown>([
    { ...whole, Action: [] },
    { ...whole, Principal: { '*': '*' } },
    { ...whole, Principal: 'arn:aws:iam::123456789012:root' },
    { ...whole, Principal: { Federated: [] } },
    { ...whole, Condition: { StringLike: { 'oidc.circleci.com:sub': [] } } },
    { ...whole, Condition: { StringEquals: { 'oidc.circleci.com:sub': { like: '*' } } } },
    { ...whole, Condition: { StringEquals: { 'aws:userid': null } } },
    { ...whole, Condition: 'none' },
    {
      ...whole,
      Condition: { StringEquals: { 'a.example.com:sub': 'x' }, stringequals: { 'a.example.com:sub': 'y' } },
    },
    { ...whole, Resource: '*' },
    { ...whole, NotPrincipal: { AWS: '*' } },
    { ...whole, NotAction: 'sts:TagSession' },
    { ...whole, Effect: 'allow' },
    { ...rest, effect, action, principal },
    { ...rest, Effect: effect, Principal: principal },
    { ...rest, Effect: effect, Action: action },
    [whole],
    'Allow',
    null,
  ]);
}
