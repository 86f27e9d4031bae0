/** Every cause of TRUST007, and every other finding about a role, with its message and its whole remedy. */
import { describe, expect, it } from '@jest/globals';
import type { CauseKind } from '../../../lambda/checks/trust/causes';
import { expectGolden } from '../../support/golden';
import { ORG, OTHER_ORG, PROJECT, roleOf } from '../../support/issuers/sections';
import type { Conditions, Mistake, TrustedIssuer } from '../../support/issuers/sections';
import { principalOf, trustFindings } from '../../support/trust-findings';
import type { RoleOfProvider } from '../../support/trust-findings';

const CIRCLECI: TrustedIssuer = { issuers: [`https://oidc.circleci.com/org/${ORG}`], audience: ORG };
const CIRCLECI_ROOT: TrustedIssuer = { issuers: ['https://oidc.circleci.com'], audience: ORG };
const GITHUB: TrustedIssuer = {
  issuers: ['https://token.actions.githubusercontent.com'],
  audience: 'sts.amazonaws.com',
};
const GITHUB_ENTERPRISE: TrustedIssuer = {
  issuers: ['https://token.actions.githubusercontent.com/acme-corp'],
  audience: 'sts.amazonaws.com',
};
const GITLAB: TrustedIssuer = { issuers: ['https://gitlab.com'], audience: 'https://gitlab.com' };
const TERRAFORM: TrustedIssuer = {
  issuers: ['https://app.terraform.io'],
  audience: 'aws.workload.identity',
};
const BUILDKITE: TrustedIssuer = { issuers: ['https://agent.buildkite.com'], audience: 'sts.amazonaws.com' };
const EKS: TrustedIssuer = {
  issuers: ['https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF'],
  audience: 'sts.amazonaws.com',
};
const OKTA: TrustedIssuer = { issuers: ['https://acme.okta.com'], audience: 'aws' };

const JOBS = `org/${ORG}/project/${PROJECT}/user/*`;
const MAIN = 'vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';
const like = (key: string, value: string | readonly string[]): Conditions => ({
  StringLike: { [key]: value },
});
const equals = (key: string, value: string | readonly string[]): Conditions => ({
  StringEquals: { [key]: value },
});

const role = (
  issuer: TrustedIssuer,
  conditions: Conditions,
  more: Pick<Mistake, 'isPrivileged' | 'hasNoAudience'> = {},
): RoleOfProvider => roleOf(issuer, { conditions, ...more });

/** A role whose only statement has other elements. */
const changed = (one: RoleOfProvider, change: object): RoleOfProvider => ({
  ...one,
  trustPolicy: JSON.parse(
    JSON.stringify(one.trustPolicy, (name, value: unknown) =>
      name === 'Statement' && Array.isArray(value)
        ? value.map((statement: object) => ({ ...statement, ...change }))
        : value,
    ),
  ),
});

/** A role with one more statement. */
const withStatement = (one: RoleOfProvider, added: object): RoleOfProvider => ({
  ...one,
  trustPolicy: JSON.parse(
    JSON.stringify(one.trustPolicy, (name, value: unknown) =>
      name === 'Statement' && Array.isArray(value) ? [...value.map((other: object) => other), added] : value,
    ),
  ),
});

const CAUSES: Readonly<Record<CauseKind, RoleOfProvider>> = {
  'scheme in key': role(CIRCLECI, like(`https://oidc.circleci.com/org/${ORG}:sub`, JOBS)),
  'placeholder in key': role(CIRCLECI, like('oidc.circleci.com/org/<ORG_ID>:sub', JOBS)),
  'key without its path': role(
    GITHUB_ENTERPRISE,
    equals('token.actions.githubusercontent.com:sub', 'repo:acme/app:ref:refs/heads/main'),
  ),
  'two issuers': changed(
    role(CIRCLECI, {
      StringLike: {
        sub: JOBS,
        'token.actions.githubusercontent.com:sub': 'repo:acme/app:ref:refs/heads/main',
      },
    }),
    {
      Principal: { Federated: [CIRCLECI, GITHUB].map(({ issuers: [issuer] }) => principalOf(issuer)) },
    },
  ),
  'absent claim': role(GITHUB, {
    StringEquals: { repository_owner: 'acme' },
    StringLike: { sub: 'repo:acme/app:*' },
  }),
  'claim for AWS': role(CIRCLECI, {
    StringLike: { sub: JOBS },
    Bool: { 'sts:RoleAuthorizedByIdp': 'true' },
  }),
  'session tag': role(BUILDKITE, {
    StringLike: { sub: 'organization:acme:pipeline:app:*' },
    StringEquals: { 'aws:RequestTag/organization_slug': 'acme' },
  }),
  'null operator': role(CIRCLECI, { Null: { sub: 'true' } }),
  audience: role(CIRCLECI, { StringEquals: { aud: 'sts.amazonaws.com' }, StringLike: { sub: JOBS } }),
  'wildcard without StringLike': role(GITHUB, equals('sub', 'repo:acme/app:*')),
  'upper-case id': role(CIRCLECI, equals('oidc.circleci.com/project-id', PROJECT.toUpperCase())),
  subject: role(EKS, equals('sub', 'apps:uploader')),
  'session name': role(CIRCLECI, {
    StringLike: { sub: JOBS },
    StringEquals: { 'sts:RoleSessionName': 'deploy job' },
  }),
  contradiction: role(CIRCLECI, {
    StringLike: { sub: `org/${ORG}/project/${PROJECT}/user/*` },
    StringEquals: { 'oidc.circleci.com/project-id': OTHER_ORG },
  }),
  action: changed(role(CIRCLECI, like('sub', JOBS)), { Action: 'sts:AssumeRole' }),
};

/** The findings that are not about a cause: by their check, their severity and what they show. */
const OTHERS: Readonly<Record<string, RoleOfProvider>> = {
  'TRUST001 critical, the principal names no provider': changed(role(CIRCLECI, {}, { hasNoAudience: true }), {
    Principal: '*',
  }),
  'TRUST001 critical, any customer of GitHub': role(GITHUB, {}),
  'TRUST002 critical, any customer of GitHub whose name begins alike': role(
    GITHUB,
    like('sub', 'repo:acme*'),
  ),
  'TRUST001 critical, any customer of CircleCI': role(CIRCLECI_ROOT, {}),
  'TRUST001 high, any project of a CircleCI organization': role(CIRCLECI, {}),
  'TRUST001 high, any repository of a GitHub owner': role(GITHUB, equals('repository_owner_id', '4711')),
  'TRUST001 medium, an issuer whose tokens are not known': role(OKTA, {}),
  'TRUST001 medium, a claim of GitLab that AWS may support': role(GITLAB, equals('project_path', 'acme/app')),
  'TRUST002 high, CircleCI': role(CIRCLECI, like('sub', `org/${ORG}/project/*/user/*/${MAIN}`)),
  'TRUST002 high, GitHub': role(GITHUB, like('sub', 'repo:acme/*')),
  'TRUST002 high, HCP Terraform': role(TERRAFORM, like('sub', 'organization:acme:*')),
  'TRUST003 high, a subject of another organization': role(
    CIRCLECI,
    like('sub', `org/${OTHER_ORG}/project/${PROJECT}/user/*`),
  ),
  'TRUST003 high, a key of another issuer': role(GITHUB, like('gitlab.com:sub', 'project_path:acme/app:*')),
  'TRUST003 low': role(CIRCLECI, { 'ForAllValues:StringLike': { sub: JOBS } }),
  'TRUST004 info': role(CIRCLECI, like('sub', JOBS), { hasNoAudience: true }),
  'TRUST005 medium, every branch of a CircleCI project': role(CIRCLECI, like('sub', JOBS), {
    isPrivileged: true,
  }),
  'TRUST005 medium, every branch of a GitHub repository': role(
    GITHUB,
    like('sub', ['repo:acme/app:*', 'repo:acme@4711/app@815:*']),
    { isPrivileged: true },
  ),
  'TRUST005 medium, every run phase of HCP Terraform': role(
    TERRAFORM,
    like('sub', 'organization:acme:project:main:workspace:app:run_phase:*'),
    { isPrivileged: true },
  ),
  'TRUST005 medium, a restriction that does not hold': role(CIRCLECI, like('sub', `${JOBS}/${MAIN}`), {
    isPrivileged: true,
  }),
  'TRUST005 low, a restriction that does not hold': role(CIRCLECI, like('sub', `${JOBS}/${MAIN}`)),
  'TRUST005 medium, a key that no token has': role(
    CIRCLECI,
    {
      StringLike: { sub: JOBS },
      StringEqualsIfExists: { 'oidc.circleci.com/vcs-ref': 'refs/heads/main' },
      IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
    },
    { isPrivileged: true },
  ),
  'TRUST005 low, a key that no token has': role(CIRCLECI, {
    StringLike: { sub: JOBS },
    StringEqualsIfExists: { 'oidc.circleci.com/vcs-ref': 'refs/heads/main' },
  }),
  'TRUST006 low': changed(role(CIRCLECI, like('sub', JOBS)), {
    Principal: { Federated: principalOf(CIRCLECI.issuers[0]).replace('111122223333', '444455556666') },
  }),
  'TRUST001 medium, a Deny whose principal is not evaluated': withStatement(
    role(CIRCLECI, like('sub', JOBS)),
    {
      Effect: 'Deny',
      NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'sts:*',
    },
  ),
  'TRUST007 high, everything is denied': withStatement(role(CIRCLECI, like('sub', JOBS)), {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringNotLike: { [`oidc.circleci.com/org/${ORG}:sub`]: `org/${OTHER_ORG}/*` } },
  }),
  'TRUST007 medium, one value of a list': role(
    EKS,
    equals('sub', ['system:serviceaccount:apps:uploader', 'apps:reader']),
  ),
  'TRUST007 medium, one of two formats': role(
    CIRCLECI,
    like('sub', `org/${ORG}/project/${PROJECT}/user/????????-????-????-????-????????????`),
  ),
  'TRUST007 info': role(GITLAB, {
    StringEquals: { sub: 'project_path:acme/app:ref_type:branch:ref:main', project_id: '815' },
  }),
  'TRUST008 low, GitHub': role(GITHUB, like('sub', 'repo:acme@*/app@*:ref:refs/heads/main')),
  'TRUST008 medium, GitLab': role(GITLAB, equals('sub', 'project_path:acme/app:ref_type:branch:ref:main'), {
    isPrivileged: true,
  }),
  'TRUST009 low': role(GITHUB, equals('sub', 'repo:acme/app:ref:refs/heads/main')),
  'TRUST010 medium, GitHub': role(GITHUB, like('sub', ['repo:acme/app:*', 'repo:acme@4711/app@815:*']), {
    isPrivileged: true,
  }),
  'TRUST010 medium, HCP Terraform': role(
    TERRAFORM,
    like('sub', 'organization:acme:project:main:workspace:app:run_phase:*'),
    { isPrivileged: true },
  ),
};

const ENTRIES = [
  ...Object.entries(CAUSES).map(([kind, one]) => ({ title: `cause: ${kind}`, wanted: /^TRUST00[37] /, one })),
  ...Object.entries(OTHERS).map(([title, one]) => ({
    title,
    wanted: new RegExp(`^${title.replace(/,.*$/, '')} `),
    one,
  })),
];

describe('the findings about trust policies', () => {
  it('say what is wrong and how to correct it', async () => {
    const sections: string[] = [];
    for (const { title, wanted, one } of ENTRIES) {
      const found = (await trustFindings(one)).filter(({ check, severity }) =>
        wanted.test(`${check} ${severity} `),
      );
      expect([title, found.length]).toEqual([title, 1]);
      sections.push(
        ...found.map(
          ({ check, severity, message, remedy }) =>
            `${'='.repeat(100)}\n${title} (${check} ${severity})\n\n${message}\n\n${remedy}\n`,
        ),
      );
    }
    expectGolden('causes.txt', sections.join('\n'));
  });
});
