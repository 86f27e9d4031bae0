import { describe, expect, it } from '@jest/globals';
import { App, Aws, CfnParameter, Duration, Stack, Token, aws_iam as iam, aws_s3 as s3 } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type {
  BuildkiteTrust,
  EksTrust,
  GitHubTrust,
  GitLabTrust,
  HcpTerraformTrust,
  OidcRoleProps,
  OidcTrust,
} from '../../../infra/federation/oidc-props';
import { OidcRole } from '../../../infra/federation/oidc-role';
import { ownFindings } from '../../../infra/federation/own-findings';
import { ConfigError } from '../../../lambda/domain/errors';

const GITHUB = 'token.actions.githubusercontent.com';
const CLUSTER = 'oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF';
const AUD = 'sts.amazonaws.com';

const arnOf = (url: string): string => `arn:aws:iam::123456789012:oidc-provider/${url}`;

const APP: GitHubTrust = {
  owner: 'acme',
  repository: 'app',
  ownerId: '12',
  repositoryId: '345',
  refs: ['refs/heads/main'],
};
const PROJECT: GitLabTrust = {
  projectPath: 'acme/backend/app',
  projectId: '345',
  refType: 'branch',
  refs: ['main'],
};
const WORKSPACE: HcpTerraformTrust = { organization: 'acme', workspace: 'network', runPhases: ['apply'] };
const PIPELINE: BuildkiteTrust = {
  organization: 'acme',
  pipeline: 'app',
  pipelineId: '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58',
  refs: ['refs/heads/main'],
};
const POD: EksTrust = { namespace: 'web', serviceAccount: 'app' };

type Given = Omit<OidcRoleProps, 'provider'> & Partial<Pick<OidcRoleProps, 'provider'>>;

/** A role of the provider with this URL, unless the props name another one. */
const roleIn = (stack: Stack, url: string, props: Given): OidcRole =>
  new OidcRole(stack, 'Role', { provider: arnOf(url), ...props });

/** The statements of a role. */
const expectConditions = (url: string, props: Given, ...conditions: readonly object[]): void => {
  const stack = new Stack();
  roleIn(stack, url, props);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: conditions.map((Condition) => ({
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: arnOf(url) },
        Condition,
      })),
    },
  });
};

const messageOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing was thrown';
};

const warningsOf = (url: string, props: Given): readonly unknown[] => {
  const stack = new Stack(new App(), 'S');
  roleIn(stack, url, props);
  return Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => entry.data);
};

describe('OidcRole: the trust policy', () => {
  const ids = { [`${GITHUB}:repository_owner_id`]: '12', [`${GITHUB}:repository_id`]: '345' };

  it('accepts both subjects of GitHub with exact ids, for refs', () => {
    expectConditions(
      GITHUB,
      { trust: { github: { ...APP, refs: ['refs/heads/main', 'refs/tags/v*', 'refs/heads/main'] } } },
      {
        StringEquals: { [`${GITHUB}:aud`]: AUD, ...ids },
        StringLike: {
          [`${GITHUB}:sub`]: [
            'repo:acme/app:ref:refs/heads/main',
            'repo:acme@12/app@345:ref:refs/heads/main',
            'repo:acme/app:ref:refs/tags/v*',
            'repo:acme@12/app@345:ref:refs/tags/v*',
          ],
        },
      },
    );
  });

  it('has a statement for each repository, so that its refs are not those of another one', () => {
    const { refs, ...other } = APP;
    expectConditions(
      GITHUB,
      {
        trust: {
          github: [
            APP,
            { ...other, repository: 'site', repositoryId: '346', environments: ['production'] },
            APP,
          ],
        },
      },
      {
        StringEquals: {
          [`${GITHUB}:aud`]: AUD,
          [`${GITHUB}:sub`]: [
            'repo:acme/app:ref:refs/heads/main',
            'repo:acme@12/app@345:ref:refs/heads/main',
          ],
          ...ids,
        },
      },
      {
        StringEquals: {
          [`${GITHUB}:aud`]: AUD,
          [`${GITHUB}:sub`]: [
            'repo:acme/site:environment:production',
            'repo:acme@12/site@346:environment:production',
          ],
          ...ids,
          [`${GITHUB}:repository_id`]: '346',
        },
      },
    );
  });

  it('has no ids for GitHub Enterprise Server, which AWS STS does not support there', () => {
    const { ownerId, repositoryId, ...names } = APP;
    const url = 'git.example.com/_services/token';
    expectConditions(
      url,
      { trust: { github: names } },
      { StringEquals: { [`${url}:aud`]: AUD, [`${url}:sub`]: 'repo:acme/app:ref:refs/heads/main' } },
    );
  });

  it('names the type of the ref for GitLab, and the project id on gitlab.com', () => {
    const { projectId, ...names } = PROJECT;
    expectConditions(
      'gitlab.com',
      { audience: AUD, trust: { gitlab: { ...PROJECT, refs: ['main', 'release/*'] } } },
      {
        StringEquals: { 'gitlab.com:aud': AUD, 'gitlab.com:project_id': '345' },
        StringLike: {
          'gitlab.com:sub': [
            'project_path:acme/backend/app:ref_type:branch:ref:main',
            'project_path:acme/backend/app:ref_type:branch:ref:release/*',
          ],
        },
      },
    );
    expectConditions(
      'code.example.com',
      { audience: AUD, trust: { gitlab: { ...names, refType: 'tag' } } },
      {
        StringEquals: {
          'code.example.com:aud': AUD,
          'code.example.com:sub': 'project_path:acme/backend/app:ref_type:tag:ref:main',
        },
      },
    );
  });

  it('names the run phases of HCP Terraform, and the project if it is given', () => {
    expectConditions(
      'app.terraform.io',
      { trust: { hcpTerraform: WORKSPACE } },
      {
        StringEquals: { 'app.terraform.io:aud': 'aws.workload.identity' },
        StringLike: {
          'app.terraform.io:sub': 'organization:acme:project:*:workspace:network:run_phase:apply',
        },
      },
    );
    const begin = 'organization:acme:project:Default Project:workspace:network:run_phase';
    expectConditions(
      'app.terraform.io',
      { trust: { hcpTerraform: { ...WORKSPACE, project: 'Default Project', runPhases: ['plan', 'apply'] } } },
      {
        StringEquals: {
          'app.terraform.io:aud': 'aws.workload.identity',
          'app.terraform.io:sub': [`${begin}:plan`, `${begin}:apply`],
        },
      },
    );
  });

  it('leaves the commit and the step of Buildkite open', () => {
    expectConditions(
      'agent.buildkite.com',
      { audience: AUD, trust: { buildkite: PIPELINE } },
      {
        StringEquals: {
          'agent.buildkite.com:aud': AUD,
          'agent.buildkite.com:pipeline_id': PIPELINE.pipelineId,
        },
        StringLike: {
          'agent.buildkite.com:sub': 'organization:acme:pipeline:app:ref:refs/heads/main:commit:*:step:*',
        },
      },
    );
  });

  it('names a service account of EKS, with the letters of the issuer as they are', () => {
    expectConditions(
      CLUSTER,
      { trust: { eks: POD } },
      { StringEquals: { [`${CLUSTER}:aud`]: AUD, [`${CLUSTER}:sub`]: 'system:serviceaccount:web:app' } },
    );
  });
});

describe('OidcRole: the provider', () => {
  it('is one of the app, whose issuer and client IDs are compared', () => {
    const stack = new Stack();
    const provider = new iam.OidcProviderNative(stack, 'GitHub', {
      url: `https://${GITHUB}`,
      clientIds: [AUD],
    });
    new OidcRole(stack, 'Role', { provider, trust: { github: APP } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Principal: { Federated: { Ref: Match.stringLikeRegexp('^GitHub') } } }],
      },
    });
    const wrong = (props: Partial<OidcRoleProps>): string =>
      messageOf(() => new OidcRole(stack, 'Wrong', { provider, trust: { github: APP }, ...props }));
    expect(wrong({ audience: 'https://github.com/acme' })).toBe(
      'audience: "https://github.com/acme" is not among the client IDs of the provider, so all logins would fail. Add it there.',
    );
    expect(wrong({ issuer: `https://${GITHUB}/acme` })).toBe(
      `issuer: "https://${GITHUB}/acme" is not the issuer of the provider, "https://${GITHUB}". Remove it.`,
    );
  });

  it('is one that the account has already, also if only the deployment knows the account', () => {
    const stack = new Stack();
    const arn = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${GITHUB}`;
    const provider = iam.OidcProviderNative.fromOidcProviderArn(stack, 'GitHub', arn);
    new OidcRole(stack, 'One', { provider, trust: { github: APP } });
    new OidcRole(stack, 'Other', { provider: arn, trust: { github: APP } });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 2);
  });

  it('may be known only at deployment, if the issuer is written out', () => {
    const stack = new Stack();
    const provider = new CfnParameter(stack, 'Provider').valueAsString;
    expect(messageOf(() => new OidcRole(stack, 'Without', { provider, trust: { github: APP } }))).toBe(
      `issuer: is missing: the provider names its issuer only at deployment. Write it as in the claim iss of the tokens, such as https://${GITHUB}.`,
    );
    new OidcRole(stack, 'With', { provider, issuer: `https://${GITHUB}`, trust: { github: APP } });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 1);
  });
});

describe('OidcRole refuses', () => {
  const COMPUTED =
    'must be a literal value, not a token, because the trust policy is validated before it is deployed.';
  const WILDCARD = 'contains a wildcard, which would also match other names. Write out each name.';
  const ID =
    'Subjects of newer repositories contain it, and whoever registers the name later has another one. To see it: gh api repos/OWNER/NAME --jq';

  it.each<[string, Given | OidcTrust, string | readonly string[]]>([
    [GITHUB, { github: { ...APP, owner: '*' } }, `trust.github.owner: "*" ${WILDCARD}`],
    [GITHUB, { github: { ...APP, repository: 'ap?' } }, `trust.github.repository: "ap?" ${WILDCARD}`],
    [
      GITHUB,
      { github: { ...APP, repository: 'acme/app' } },
      'trust.github.repository: "acme/app" contains "/", which no token has there.',
    ],
    [
      GITHUB,
      { github: { ...APP, owner: '' } },
      'trust.github.owner: "" is empty, so all logins would fail. Write the name.',
    ],
    [
      GITHUB,
      { github: { ...APP, owner: '${aws:username}' } },
      'trust.github.owner: "${aws:username}" contains ${, which starts a variable in IAM policies. Use another name.',
    ],
    [GITHUB, { github: { ...APP, owner: Aws.STACK_NAME } }, `trust.github.owner: ${COMPUTED}`],
    [
      GITHUB,
      { github: { ...APP, refs: [Token.asString({ Ref: 'Ref' })] } },
      `trust.github.refs: ${COMPUTED}`,
    ],
    [
      GITHUB,
      { github: { ...APP, ownerId: undefined, repositoryId: undefined } },
      [
        `trust.github.ownerId: is missing. ${ID} .owner.id`,
        `trust.github.repositoryId: is missing. ${ID} .id`,
      ],
    ],
    [
      GITHUB,
      { github: { ...APP, ownerId: 'acme', repositoryId: '*' } },
      ['trust.github.ownerId: "acme" is not a number.', 'trust.github.repositoryId: "*" is not a number.'],
    ],
    [
      'git.example.com/_services/token',
      { github: APP },
      ['ownerId', 'repositoryId'].map(
        (id) =>
          `trust.github.${id}: AWS STS has no condition key for it with GitHub Enterprise Server, so all logins would fail. Remove it.`,
      ),
    ],
    [
      GITHUB,
      { github: { ...APP, refs: [] } },
      'trust.github.refs: is empty, so all logins would fail. Name each ref, or refs/heads/* for every branch.',
    ],
    [
      GITHUB,
      { github: { ...APP, refs: ['main', 'refs/heads/*/x', 'refs/pull/7/merge', 'refs/heads/a..b'] } },
      [
        'trust.github.refs: "main" is not a full ref. Write refs/heads/main for a branch, or refs/tags/v1 for a tag.',
        'trust.github.refs: "refs/heads/*/x" contains a wildcard other than one * at its end. Name each ref, or use a common prefix such as refs/tags/v*.',
        'trust.github.refs: "refs/pull/7/merge" is neither a branch nor a tag. Write refs/heads/main or refs/tags/v1.',
        'trust.github.refs: "refs/heads/a..b" is not a valid git ref, so no build can match it. Correct it.',
      ],
    ],
    [
      GITHUB,
      { github: { ...APP, refs: undefined, environments: ['prod*', 'a:b', ''] } },
      [
        `trust.github.environments: "prod*" ${WILDCARD}`,
        'trust.github.environments: "a:b" contains ":", which no token has there.',
        'trust.github.environments: "" is empty, so all logins would fail. Write the name.',
      ],
    ],
    [GITHUB, { github: [] }, 'trust: names no repository, so nobody could assume the role.'],
    [
      GITHUB,
      { github: [APP, { ...APP, owner: 'a b' }] },
      'trust.github[1].owner: "a b" contains " ", which no token has there.',
    ],
    [
      'gitlab.com',
      { audience: AUD, trust: { gitlab: { ...PROJECT, projectPath: 'acme/*' } } },
      `trust.gitlab.projectPath: "acme/*" ${WILDCARD}`,
    ],
    ...['app', '/acme/app', 'acme//app', 'acme/app/'].map((projectPath): [string, Given, string] => [
      'gitlab.com',
      { audience: AUD, trust: { gitlab: { ...PROJECT, projectPath } } },
      `trust.gitlab.projectPath: "${projectPath}" is not the path of a project. Write it with all groups, such as acme/backend/app.`,
    ]),
    [
      'gitlab.com',
      { gitlab: { ...PROJECT, projectPath: Aws.STACK_NAME, refs: ['refs/heads/main', 'a*b', 'a b'] } },
      [
        'audience: is missing: tokens of GitLab have no usual audience, because each job chooses one. Write the one that the jobs request, such as sts.amazonaws.com.',
        `trust.gitlab.projectPath: ${COMPUTED}`,
        'trust.gitlab.refs: "refs/heads/main" is not the name of a branch or tag. Write it as in the token, without refs/heads/: main.',
        'trust.gitlab.refs: "a*b" contains a wildcard other than one * at its end. Name each ref, or use a common prefix such as refs/tags/v*.',
        'trust.gitlab.refs: "a b" is not a valid git ref, so no build can match it. Correct it.',
      ],
    ],
    [
      'gitlab.example.com',
      { audience: AUD, trust: { gitlab: PROJECT } },
      'trust.gitlab.projectId: AWS STS has no condition key for it with GitLab self-managed, so all logins would fail. Remove it.',
    ],
    [
      'app.terraform.io',
      { hcpTerraform: { ...WORKSPACE, organization: 'acme*', project: 'a:b', workspace: '', runPhases: [] } },
      [
        `trust.hcpTerraform.organization: "acme*" ${WILDCARD}`,
        'trust.hcpTerraform.project: "a:b" contains ":", which no token has there.',
        'trust.hcpTerraform.workspace: "" is empty, so all logins would fail. Write the name.',
        'trust.hcpTerraform.runPhases: is empty, so all logins would fail. Name at least one.',
      ],
    ],
    [
      'agent.buildkite.com',
      { audience: AUD, trust: { buildkite: { ...PIPELINE, pipeline: 'my app', pipelineId: '345' } } },
      [
        'trust.buildkite.pipeline: "my app" contains " ", which no token has there.',
        'trust.buildkite.pipelineId: "345" is not a UUID in lower case.',
      ],
    ],
    [CLUSTER, { eks: { ...POD, namespace: '*' } }, `trust.eks.namespace: "*" ${WILDCARD}`],
    [
      CLUSTER,
      { eks: [{ ...POD, serviceAccount: 'a:b' }] },
      'trust.eks[0].serviceAccount: "a:b" contains ":", which no token has there.',
    ],
    ['gitlab.com', { audience: '*', trust: { gitlab: PROJECT } }, `audience: "*" ${WILDCARD}`],
    [GITHUB, { audience: Aws.STACK_NAME, trust: { github: APP } }, `audience: ${COMPUTED}`],
    [
      'gitlab.com',
      { github: APP },
      `issuer: "https://gitlab.com" is not an issuer of GitHub Actions. Write it as in the claim iss of the tokens, such as https://${GITHUB}.`,
    ],
    [
      `${GITHUB}/`,
      { github: APP },
      `issuer: "https://${GITHUB}/" ends in a slash. The claim iss of the tokens does not. Remove it.`,
    ],
    [
      GITHUB,
      { issuer: `https://${GITHUB}:8443`, trust: { github: APP } },
      `issuer: "https://${GITHUB}:8443" contains port 8443. IAM accepts no port. Serve the issuer on port 443.`,
    ],
    [
      GITHUB,
      { issuer: 'http://x', trust: { github: APP } },
      'issuer: "http://x" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.',
    ],
    [
      GITHUB,
      { provider: 'arn:aws:iam::123456789012:role/ci', issuer: `https://${GITHUB}`, trust: { github: APP } },
      'provider: "arn:aws:iam::123456789012:role/ci" is not the ARN of an OIDC provider.',
    ],
    [
      GITHUB,
      { provider: arnOf(GITHUB), issuer: Aws.STACK_NAME, trust: { github: APP } },
      `issuer: ${COMPUTED}`,
    ],
    [
      GITHUB,
      { provider: 'x', trust: { github: { ...APP, owner: '*' } } },
      [
        'provider: "x" is not the ARN of an OIDC provider.',
        `issuer: is missing: the provider names its issuer only at deployment. Write it as in the claim iss of the tokens, such as https://${GITHUB}.`,
        `trust.github.owner: "*" ${WILDCARD}`,
      ],
    ],
  ])('for %s: %j', (url, given, message) => {
    const props = 'trust' in given ? given : { trust: given };
    expect(messageOf(() => roleIn(new Stack(), url, props))).toBe([message].flat().join('\n'));
  });

  it('two vendors at once, and a provider of another account', () => {
    const both = { github: APP, gitlab: PROJECT };
    expect(messageOf(() => roleIn(new Stack(), GITHUB, { trust: both }))).toBe(
      'trust: names github and gitlab. A role of this construct trusts one provider. Create one role for each.',
    );
    const stack = new Stack(new App(), 'S', { env: { account: '210987654321', region: 'eu-west-1' } });
    expect(messageOf(() => roleIn(stack, GITHUB, { trust: { github: APP } }))).toBe(
      `provider: "${arnOf(GITHUB)}" is in account 123456789012, but the stack is in 210987654321. Only roles of the same account can use a provider. Use a provider of account 210987654321.`,
    );
  });

  it('a trust policy that no quota of IAM permits', () => {
    const github = Array.from({ length: 10 }, (_, index) => ({ ...APP, repository: `app${index}` }));
    expect(messageOf(() => roleIn(new Stack(), GITHUB, { trust: { github } }))).toBe(
      'trust: the trust policy has more than the 4,096 characters that IAM accepts. Create several roles, or name fewer refs: one * may end a ref.',
    );
  });
});

describe('OidcRole: the findings that synth shows', () => {
  const planned = (url: string, ...conditions: readonly iam.Conditions[]) =>
    ownFindings({ issuer: `https://${url}`, audience: AUD, conditions, rights: {} });

  it.each<[string, string, iam.Conditions, RegExp]>([
    [
      'every repository',
      GITHUB,
      { StringEquals: { [`${GITHUB}:aud`]: AUD } },
      /^TRUST001: Any repository on GitHub can assume the role: /,
    ],
    [
      'owners whose name goes on',
      GITHUB,
      { StringEquals: { [`${GITHUB}:aud`]: AUD }, StringLike: { [`${GITHUB}:sub`]: 'repo:acme*' } },
      /^TRUST002: Owners that statement 1 does not name can assume the role, /,
    ],
    [
      'every namespace',
      CLUSTER,
      { StringEquals: { [`${CLUSTER}:aud`]: AUD }, StringLike: { [`${CLUSTER}:sub`]: '*:app' } },
      /^TRUST002: Namespaces that statement 1 does not name can assume the role, /,
    ],
    [
      'nobody',
      CLUSTER,
      { StringEquals: { [`${CLUSTER}:aud`]: AUD, [`${CLUSTER}:sub`]: 'system:serviceaccount:web:*' } },
      /^TRUST007: The role has a condition that no token satisfies: /,
    ],
  ])('are errors for a role that is open to %s', (_, url, conditions, error) => {
    const { errors } = planned(url, conditions);
    expect(errors).toContainEqual(expect.stringMatching(error));
    expect(errors.join('')).not.toContain('000000000000');
  });

  const NAMED = 'The role looks like a deployment role (by its name)';

  it('are warnings if they depend on the rights of the role', () => {
    const all = { github: { ...APP, refs: ['refs/heads/*'] } };
    const administrator = [iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')];
    expect(warningsOf(GITHUB, { trust: all })).toEqual([]);
    expect(warningsOf(GITHUB, { trust: all, roleName: 'deploy-app' })).toEqual([
      expect.stringMatching(
        /^TRUST005: The role looks like a deployment role \(by its name\), and workflows of a branch, tag or environment that/,
      ),
    ]);
    expect(warningsOf(GITHUB, { trust: all, managedPolicies: administrator })).toEqual([
      expect.stringMatching(
        /^TRUST005: The role has the policy AdministratorAccess, and .*\[ack: thumbprint-drift-monitor:trust005\]$/,
      ),
    ]);
    expect(
      warningsOf(GITHUB, { trust: { github: APP }, roleName: 'deploy', managedPolicies: administrator }),
    ).toEqual([]);
    const plan = { hcpTerraform: { ...WORKSPACE, runPhases: ['plan'] as const } };
    expect(warningsOf('app.terraform.io', { trust: plan })).toEqual([]);
    expect(warningsOf('app.terraform.io', { trust: plan, roleName: 'terraform' })).toEqual([
      expect.stringContaining(`TRUST010: ${NAMED}`),
    ]);
  });

  it('are warnings if names alone restrict the role', () => {
    const { projectId, ...names } = PROJECT;
    expect(warningsOf('gitlab.com', { audience: AUD, trust: { gitlab: names } })).toEqual([
      'TRUST008: The role is limited by names only. If the group or project is deleted or renamed, somebody else can register its name and assume the role. Set projectId or pipelineId: ids are never given to somebody else. [ack: thumbprint-drift-monitor:trust008]',
    ]);
    expect(warningsOf('gitlab.example.com', { audience: AUD, trust: { gitlab: names } })).toEqual([]);
  });

  it('warns of a trust policy that is longer than IAM takes without a raised quota', () => {
    const github = ['a', 'b', 'c', 'd', 'e'].map((repository) => ({ ...APP, repository }));
    expect(warningsOf(GITHUB, { trust: { github } })).toEqual([
      expect.stringMatching(
        /^The trust policy has \d+ characters\. IAM accepts 2048, .* Create several roles, or/,
      ),
    ]);
  });
});

describe('OidcRole: the role', () => {
  it('is a role of the CDK: grants, policies, a name, a session duration', () => {
    const stack = new Stack();
    const role = roleIn(stack, GITHUB, {
      trust: { github: APP },
      roleName: 'ci',
      maxSessionDuration: Duration.hours(2),
    });
    s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts').grantRead(role);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Role', { RoleName: 'ci', MaxSessionDuration: 7200 });
    template.resourceCountIs('AWS::IAM::Policy', 1);
  });
});
