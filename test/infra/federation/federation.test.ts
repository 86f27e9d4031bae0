import { describe, expect, it } from '@jest/globals';
import { App, Aws, Duration, Stack, Token, aws_ecr as ecr, aws_iam as iam, aws_s3 as s3 } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { CircleCiFederation } from '../../../infra/federation/circleci-federation';
import { CircleCiRole } from '../../../infra/federation/circleci-role';
import type { CircleCiFederationProps, CircleCiRoleProps } from '../../../infra/federation/props';
import { FederationStack } from '../../../infra/federation/federation-stack';
import type { FederationStackProps } from '../../../infra/federation/federation-stack';
import { ConfigError } from '../../../lambda/domain/errors';
import { federated } from '../../support/federated';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const PREFIX = `oidc.circleci.com/org/${ORG}`;
const CLOUD = `https://${PREFIX}`;
const SERVER = `https://ci.example.com/org/${ORG}`;
const ARN = `arn:aws:iam::123456789012:oidc-provider/${PREFIX}`;
const ORIGIN = 'github.com/acme/app';
const SHA1 = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const USER = '????????-????-????-????-????????????';

const templateOf = (props: FederationStackProps): Template =>
  Template.fromStack(new FederationStack(new App(), 'CircleCiFederation', props));

type RoleMore = Partial<CircleCiRoleProps>;
const roleIn = (stack: Stack, props: RoleMore = {}): CircleCiRole =>
  new CircleCiRole(stack, 'Role', {
    federation: new CircleCiFederation(stack, 'Federation', { org: ORG }),
    project: PROJECT,
    ...props,
  });

const TRUST = v.object({ Statement: v.tuple([v.looseObject({ Condition: v.unknown() })]) });

/** The conditions of the role in a stack with these props. */
function conditionsOf(props: FederationStackProps): unknown {
  const [role] = federated(new FederationStack(new App(), 'CircleCiFederation', props)).roles;
  return v.parse(TRUST, JSON.parse(role?.trustPolicy ?? '')).Statement[0].Condition;
}

const messageOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
};

describe('CircleCiFederation: the provider', () => {
  it('has the issuer, the org as its only audience, and no thumbprints: IAM fills them in', () => {
    const template = templateOf({ org: ORG.toUpperCase(), project: PROJECT });
    expect(Object.values(template.findResources('AWS::IAM::OIDCProvider'))).toMatchObject([
      { Properties: { Url: CLOUD, ClientIdList: [ORG] } },
    ]);
    template.hasResourceProperties('AWS::IAM::OIDCProvider', { ThumbprintList: Match.absent() });
  });

  it('accepts the issuer of a CircleCI Server, and thumbprints', () => {
    const stack = new Stack();
    const { issuer } = new CircleCiFederation(stack, 'Federation', {
      org: ORG,
      issuer: `https://CI.example.com/org/${ORG}`,
      thumbprints: [SHA1.toUpperCase()],
    });
    expect(issuer).toBe(SERVER);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::OIDCProvider', {
      Url: SERVER,
      ClientIdList: [ORG],
      ThumbprintList: [SHA1],
    });
  });

  it.each<[string, CircleCiFederationProps, string | readonly string[]]>([
    [
      'an org with a digit too many',
      { org: `${ORG}0` },
      `org: "${ORG}0" is not a CircleCI org id: it has 37 characters, a UUID has 36. Copy it from Organization Settings > Overview.`,
    ],
    [
      'every org',
      { org: '*' },
      'org: "*" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
    ],
    [
      'a computed org',
      { org: Token.asString({ Ref: 'Org' }) },
      'org: must be a literal value, not a token, because the trust policy is validated before it is deployed.',
    ],
    [
      'a computed issuer',
      { org: ORG, issuer: Token.asString({ Ref: 'Issuer' }) },
      'issuer: must be a literal value, not a token, because the trust policy is validated before it is deployed.',
    ],
    [
      'http',
      { org: ORG, issuer: 'http://ci.example.com' },
      'issuer: "http://ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [
      'the root issuer',
      { org: ORG, issuer: 'https://oidc.circleci.com' },
      `issuer: "https://oidc.circleci.com" is the root issuer of CircleCI, which signs tokens of every CircleCI customer. Remove issuer: the organization has its own issuer, ${CLOUD}`,
    ],
    [
      'the root issuer with a slash',
      { org: ORG, issuer: 'https://oidc.circleci.com/' },
      `issuer: "https://oidc.circleci.com/" is the root issuer of CircleCI, which signs tokens of every CircleCI customer. Remove issuer: the organization has its own issuer, ${CLOUD}`,
    ],
    [
      'a port',
      { org: ORG, issuer: `https://ci.example.com:8443/org/${ORG}` },
      `issuer: "https://ci.example.com:8443/org/${ORG}" contains port 8443. IAM accepts no port. Serve the issuer on port 443.`,
    ],
    [
      'a server without its org',
      { org: ORG, issuer: 'https://ci.example.com' },
      `issuer: "https://ci.example.com" is not the issuer of organization ${ORG}. Write it as in the claim iss of its tokens: ${SERVER}`,
    ],
    [
      'another org',
      { org: ORG, issuer: `https://ci.example.com/org/${OTHER}` },
      `issuer: "https://ci.example.com/org/${OTHER}" is not the issuer of organization ${ORG}. Write it as in the claim iss of its tokens: ${SERVER}`,
    ],
    [
      'a slash at the end',
      { org: ORG, issuer: `${SERVER}/` },
      `issuer: "${SERVER}/" is not the issuer of organization ${ORG}. Write it as in the claim iss of its tokens: ${SERVER}`,
    ],
    [
      'no thumbprint',
      { org: ORG, thumbprints: [] },
      'thumbprints: is empty. Remove it, and IAM fills the list.',
    ],
    [
      'six thumbprints',
      { org: ORG, thumbprints: Array.from({ length: 6 }, (_, index) => `${SHA1.slice(1)}${index}`) },
      'thumbprints: has 6 entries; IAM accepts at most 5. Remove those that no server uses any more.',
    ],
    [
      'a thumbprint twice',
      { org: ORG, thumbprints: [SHA1, SHA1.toUpperCase(), SHA1] },
      [
        `thumbprints: names "${SHA1.toUpperCase()}" more than once. Remove one.`,
        `thumbprints: names "${SHA1}" more than once. Remove one.`,
      ],
    ],
    [
      'everything at once',
      { org: 'x', issuer: 'y', thumbprints: [SHA1, `${SHA1.slice(0, 2)}:${SHA1.slice(2)}`] },
      [
        'org: "x" is not a CircleCI org id: it has 1 character, a UUID has 36. Copy it from Organization Settings > Overview.',
        `thumbprints[1]: "${SHA1.slice(0, 2)}:${SHA1.slice(2)}" is not a thumbprint. Write the SHA-1 of the certificate as 40 hex digits without colons.`,
      ],
    ],
  ])('refuses %s', (_what, props, message) => {
    expect(messageOf(() => new CircleCiFederation(new Stack(), 'Federation', props))).toBe(
      [message].flat().join('\n'),
    );
  });
});

describe('CircleCiFederation.fromProviderArn', () => {
  it('uses the provider by its ARN, without another one', () => {
    const template = templateOf({ provider: ARN, project: PROJECT });
    template.resourceCountIs('AWS::IAM::OIDCProvider', 0);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Federated: ARN } }] },
    });
    template.hasOutput('ProviderArn', { Value: ARN });
  });

  it('accepts an account and partition that only the deployment knows', () => {
    const stack = new Stack();
    const arn = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/ci.example.com/org/${ORG}`;
    expect(CircleCiFederation.fromProviderArn(stack, 'Federation', arn)).toMatchObject({
      org: ORG,
      issuer: SERVER,
    });
  });

  const NO_PROVIDER =
    'is not the ARN of the provider of a CircleCI organization, which ends in /org/<org id>. The provider of the root issuer is refused, because it accepts tokens of every CircleCI customer. To list the providers: aws iam list-open-id-connect-providers';
  it.each([
    ['a role', 'arn:aws:iam::123456789012:role/ci', NO_PROVIDER],
    ['the root issuer', 'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com', NO_PROVIDER],
    [
      'another issuer',
      'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      NO_PROVIDER,
    ],
    ['an org in capitals', ARN.replace(ORG, ORG.toUpperCase()), NO_PROVIDER],
    ['a slash at the end', `${ARN}/`, NO_PROVIDER],
    ['a computed issuer', `arn:aws:iam::123456789012:oidc-provider/${Aws.STACK_NAME}`, NO_PROVIDER],
    ['a computed ARN', Aws.STACK_ID, NO_PROVIDER],
    [
      'another account',
      ARN,
      'is in account 123456789012, but the stack is in 210987654321. Only roles of the same account can use a provider. Use a provider of account 210987654321.',
    ],
  ])('refuses %s', (_what, arn, words) => {
    const stack = new Stack(new App(), 'S', { env: { account: '210987654321', region: 'eu-west-1' } });
    expect(messageOf(() => CircleCiFederation.fromProviderArn(stack, 'Federation', arn))).toBe(
      `provider: "${arn}" ${words}`,
    );
  });
});

describe('CircleCiRole: the trust policy', () => {
  const aud = { [`${PREFIX}:aud`]: ORG };
  const projectId = { [`${PREFIX}:oidc.circleci.com/project-id`]: PROJECT };
  const begin = `org/${ORG}/project/${PROJECT}/user`;

  it('is one statement, for the tokens of the provider', () => {
    templateOf({ org: ORG, project: PROJECT.toUpperCase() }).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRoleWithWebIdentity',
            Principal: { Federated: { Ref: Match.stringLikeRegexp('^FederationProvider') } },
            Condition: {
              StringEquals: { ...aud, ...projectId },
              StringLike: { [`${PREFIX}:sub`]: `${begin}/*` },
            },
          },
        ],
      },
    });
  });

  it('names the repository, and refs if wanted', () => {
    const subjects = (props: Partial<FederationStackProps>): unknown =>
      conditionsOf({ org: ORG, project: PROJECT, origin: ORIGIN, ...props });
    const expected = (sub: unknown): unknown => ({
      StringEquals: { ...aud, ...projectId },
      StringLike: { [`${PREFIX}:sub`]: sub },
    });
    const source = `${begin}/${USER}/vcs-origin/${ORIGIN}/vcs-ref`;
    expect(subjects({})).toEqual(expected(`${source}/*`));
    expect(subjects({ ref: 'refs/heads/main' })).toEqual(expected(`${source}/refs/heads/main`));
    expect(subjects({ ref: ['refs/heads/main', 'refs/tags/v*', 'refs/heads/main'] })).toEqual(
      expected([`${source}/refs/heads/main`, `${source}/refs/tags/v*`]),
    );
  });

  it('has no condition on project-id for CircleCI Server, nor if it is switched off', () => {
    expect(conditionsOf({ org: ORG, issuer: SERVER, project: PROJECT })).toEqual({
      StringEquals: { [`ci.example.com/org/${ORG}:aud`]: ORG },
      StringLike: { [`ci.example.com/org/${ORG}:sub`]: `${begin}/*` },
    });
    expect(conditionsOf({ org: ORG, project: PROJECT, projectIdCondition: false })).toMatchObject({
      StringEquals: aud,
    });
  });

  const NEEDS_ORIGIN =
    'ref: requires origin. Without it, a fork could log in with a branch of the same name, or with a branch whose name ends in this ref. Set origin.';
  const COMPUTED =
    'must be a literal value, not a token, because the trust policy is validated before it is deployed.';
  it.each<[RoleMore, string | readonly string[]]>([
    [
      { project: '*' },
      'project: "*" is not a CircleCI project id: it has 1 character, a UUID has 36. Copy it from Project Settings > Overview.',
    ],
    [
      { project: `${PROJECT.slice(0, 35)}*` },
      `project: "${PROJECT.slice(0, 35)}*" is not a CircleCI project id: a UUID has 8-4-4-4-12 hex digits. Copy it from Project Settings > Overview.`,
    ],
    [
      { project: 'gh/acme/app' },
      'project: "gh/acme/app" is not a CircleCI project id: it has 11 characters, a UUID has 36. Copy it from Project Settings > Overview.',
    ],
    [{ project: Aws.STACK_NAME }, `project: ${COMPUTED}`],
    [{ origin: Aws.STACK_NAME }, `origin: ${COMPUTED}`],
    [
      { origin: 'https://github.com/acme/app' },
      'origin: "https://github.com/acme/app" contains a scheme. Write it as in the token, such as github.com/acme/app.',
    ],
    [
      { origin: 'github.com/${aws:username}/app' },
      'origin: "github.com/${aws:username}/app" contains ${, which starts a variable in IAM policies. Use another name.',
    ],
    ...['*', 'github.com/acme/*', 'github.com/acme/ap?'].map((origin): [RoleMore, string] => [
      { origin },
      `origin: "${origin}" contains a wildcard, which a branch of another repository could match. Name one repository, such as github.com/acme/app.`,
    ]),
    [
      { origin: `${ORIGIN}/vcs-ref/refs/heads/main` },
      `origin: "${ORIGIN}/vcs-ref/refs/heads/main" contains a ref. Move it to ref.`,
    ],
    ...['', 'app', 'acme/', '/acme/app', 'github.com//app', 'github.com/acme /app'].map(
      (origin): [RoleMore, string] => [
        { origin },
        `origin: "${origin}" is not a repository. Write it as in the token, such as github.com/acme/app.`,
      ],
    ),
    [{ ref: 'refs/heads/main' }, NEEDS_ORIGIN],
    [{ origin: ORIGIN, ref: [] }, 'ref: is empty, so all logins would fail. Remove it to accept every ref.'],
    [{ origin: ORIGIN, ref: Aws.STACK_NAME }, `ref: ${COMPUTED}`],
    ...['main', '*', 'refs/*', 'refs/*/main', 'refs/heads', 'refs/heads/', 'heads/main'].map(
      (ref): [RoleMore, string] => [
        { origin: ORIGIN, ref },
        `ref: "${ref}" is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.`,
      ],
    ),
    ...['refs/heads/*/deploy', 'refs/heads/mai?', 'refs/heads/**', 'refs/tags/v?*'].map(
      (ref): [RoleMore, string] => [
        { origin: ORIGIN, ref },
        `ref: "${ref}" contains a wildcard other than one * at its end. Name each ref, or use a common prefix such as refs/tags/v*.`,
      ],
    ),
    ...['refs/heads/a b', 'refs/heads/a..b', 'refs/heads/a.lock', 'refs/heads/a/', 'refs/heads/a@{1}'].map(
      (ref): [RoleMore, string] => [
        { origin: ORIGIN, ref },
        `ref: "${ref}" is not a valid git ref, so no build can match it. Correct it.`,
      ],
    ),
    [
      { origin: ORIGIN, ref: 'refs/heads/${*}' },
      'ref: "refs/heads/${*}" contains ${, which starts a variable in IAM policies. Use another name.',
    ],
    [
      { project: 'x', origin: 'y', ref: ['main', 'z'] },
      [
        'project: "x" is not a CircleCI project id: it has 1 character, a UUID has 36. Copy it from Project Settings > Overview.',
        'origin: "y" is not a repository. Write it as in the token, such as github.com/acme/app.',
        'ref: "main" is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.',
        'ref: "z" is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.',
      ],
    ],
  ])('refuses %j', (props, message) => {
    expect(messageOf(() => roleIn(new Stack(), props))).toBe([message].flat().join('\n'));
  });

  it('refuses project-id on CircleCI Server, and a federation of another class', () => {
    const stack = new Stack();
    const federation = new CircleCiFederation(stack, 'Server', { org: ORG, issuer: SERVER });
    expect(messageOf(() => roleIn(stack, { federation, projectIdCondition: true }))).toBe(
      'projectIdCondition: AWS STS supports project-id only for organizations of circleci.com. With CircleCI Server, all logins would fail. Remove it: sub already names the project.',
    );
    for (const [org, issuer] of [
      [OTHER, SERVER],
      [ORG, 'https://oidc.circleci.com'],
      [ORG, 'https://gitlab.com'],
    ] as const) {
      const odd = { provider: federation.provider, org, issuer };
      expect(
        messageOf(() => new CircleCiRole(stack, `Of${issuer}`, { federation: odd, project: PROJECT })),
      ).toBe(
        `federation: ${issuer} is not the issuer of organization ${org}. Use a CircleCiFederation, or CircleCiFederation.fromProviderArn.`,
      );
    }
  });
});

describe('CircleCiRole: the role', () => {
  it('is a role of the CDK: grants, policies, a name, a session duration', () => {
    const stack = new Stack();
    const role = roleIn(stack, {
      roleName: 'ci',
      maxSessionDuration: Duration.hours(2),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
    });
    s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts').grantRead(role);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', { RoleName: 'ci', MaxSessionDuration: 7200 });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'] }] },
    });
  });

  it('refuses session durations that AWS STS does not permit', () => {
    expect(() => roleIn(new Stack(), { maxSessionDuration: Duration.hours(13) })).toThrow(
      /maxSessionDuration/,
    );
  });

  it('has no permissions by default', () => {
    templateOf({ org: ORG, project: PROJECT }).resourceCountIs('AWS::IAM::Policy', 0);
  });

  const LOGIN = { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' };
  const PUSH = [
    'ecr:BatchCheckLayerAvailability',
    'ecr:BatchGetImage',
    'ecr:CompleteLayerUpload',
    'ecr:InitiateLayerUpload',
    'ecr:PutImage',
    'ecr:UploadLayerPart',
  ];
  const POLICY = v.object({
    Properties: v.object({ PolicyDocument: v.object({ Statement: v.array(v.unknown()) }) }),
  });
  const statementsOf = (template: Template): readonly unknown[] =>
    Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      (policy) => v.parse(POLICY, policy).Properties.PolicyDocument.Statement,
    );

  it('pushes to repositories of ECR, own and imported, and logs in to ECR once', () => {
    const stack = new Stack(new App(), 'S', { env: { account: '123456789012', region: 'eu-west-1' } });
    const role = roleIn(stack);
    const far = 'arn:aws:ecr:us-east-1:210987654321:repository/team/far';
    role.grantEcrPush(new ecr.Repository(stack, 'Own'));
    role.grantEcrPush(ecr.Repository.fromRepositoryArn(stack, 'Far', far));
    expect(statementsOf(Template.fromStack(stack))).toEqual([
      LOGIN,
      { Effect: 'Allow', Action: PUSH, Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] } },
      { Effect: 'Allow', Action: PUSH, Resource: far },
    ]);
  });

  it('pushes to the repository that the stack names', () => {
    const resource = [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':ecr:',
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
    ];
    expect(statementsOf(templateOf({ org: ORG, project: PROJECT, repository: 'team/app' }))).toEqual([
      LOGIN,
      {
        Effect: 'Allow',
        Action: PUSH,
        Resource: { 'Fn::Join': ['', [...resource, ':repository/team/app']] },
      },
    ]);
  });

  const warnings = (props: RoleMore): readonly unknown[] => {
    const stack = new Stack(new App(), 'S');
    roleIn(stack, props);
    return Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data);
  };

  it('warns at synth if the trust policy is longer than IAM takes', () => {
    const refs = (amount: number): readonly string[] =>
      Array.from({ length: amount }, (_, index) => `refs/heads/ma${10 + index}`);
    expect(warnings({ origin: ORIGIN, ref: refs(7) })).toEqual([]);
    expect(warnings({ origin: ORIGIN, ref: refs(8) })).toEqual([
      expect.stringMatching(/^The trust policy has 2051 characters\. IAM accepts 2048, or up to/),
    ]);
  });

  it('warns at synth if the monitor would report TRUST005', () => {
    const administrator = [iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')];
    const said = (why: string): unknown => [
      `The role ${why}. Builds of any branch or tag of its project can assume it, and so can builds of forks if the project passes secrets to them. Set origin and ref. [ack: thumbprint-drift-monitor:any-ref]`,
    ];
    expect(warnings({ roleName: 'deploy-app' })).toEqual(said('looks like a deployment role (by its name)'));
    expect(warnings({ managedPolicies: administrator })).toEqual(said('has AdministratorAccess'));
    const main = { origin: ORIGIN, ref: ['refs/heads/main'] };
    expect(warnings({ roleName: 'deploy', origin: ORIGIN })).toEqual([
      'The role looks like a deployment role (by its name). Builds of any branch or tag of its repository can assume it. Set ref. [ack: thumbprint-drift-monitor:any-ref]',
    ]);
    expect(warnings({ roleName: 'deploy', managedPolicies: administrator, ...main })).toEqual([]);
    expect(warnings({ roleName: 'tests' })).toEqual([]);
  });
});

describe('FederationStack', () => {
  it('outputs the provider and the role', () => {
    const template = templateOf({ org: ORG, project: PROJECT });
    template.hasOutput('ProviderArn', { Value: { Ref: Match.stringLikeRegexp('^FederationProvider') } });
    template.hasOutput('RoleArn', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] } });
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual(['ProviderArn', 'RoleArn']);
  });

  it('deploys to the partitions of China and of the US government', () => {
    for (const region of ['cn-north-1', 'us-gov-west-1']) {
      const env = { region, account: '123456789012' };
      const props = { org: ORG, project: PROJECT, repository: 'team/app', env };
      const stack = new FederationStack(new App(), 'CircleCiFederation', props);
      expect(JSON.stringify(Template.fromStack(stack))).not.toMatch(/arn:aws:/);
    }
  });
});
