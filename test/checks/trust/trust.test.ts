import { describe, expect, it } from '@jest/globals';
import type { Finding, Role } from '../../../lambda/domain/types';
import { findingsWith, trustOfTarget } from '../../support/target-trust';
import type { TargetTrust } from '../../../lambda/checks/trust/trust';
import { CONTROL_POLICIES } from '../../../lambda/checks/trust/words';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../../../lambda/domain/logins';
import { remedySteps } from '../../../lambda/remedies/steps';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { policiesIn } from '../../support/corrected-policy';
import { PROJECT, allow, keyOf, narrow, narrowRole, policyOf, roleWith } from '../../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const USER = '11111111-2222-4333-8444-555555555555';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const SERVER = `${IAM}ci.example.com/org/${ORG}`;
const ROOT = `${IAM}oidc.circleci.com`;
const GITHUB = `${IAM}token.actions.githubusercontent.com`;
const OKTA = `${IAM}acme.okta.com`;
const ROLE = 'arn:aws:iam::123456789012:role/ci';

interface More {
  readonly audiences?: readonly string[] | null;
  readonly sameOrg?: readonly string[];
  readonly exists?: boolean;
}

function judge(providerArn: string, roles: readonly Role[] | null, more: More = {}): TargetTrust {
  const issuer = `https://${providerArn.slice(IAM.length)}`;
  return trustOfTarget({
    target: { issuer, providerArn, configured: true },
    exists: true,
    audiences: [ORG],
    sameOrg: [],
    index: roles === null ? null : indexRoles(roles),
    ...more,
  });
}

/** The findings of one role beside the provider's own. */
const ofPolicy = (providerArn: string, policy: string, name = 'ci', more: More = {}): readonly Finding[] =>
  findingsWith(judge(providerArn, [roleWith(providerArn, name, policy)], more)).filter(({ check }) =>
    check.startsWith('TRUST'),
  );
const ofCondition = (providerArn: string, condition?: unknown): readonly Finding[] =>
  ofPolicy(providerArn, policyOf(allow(providerArn, condition))).filter(({ check }) => check !== 'TRUST004');
const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

const like = (providerArn: string, sub: unknown): object => ({
  StringLike: { [keyOf(providerArn, 'sub')]: sub },
});
const equals = (providerArn: string, claim: string, value: unknown): object => ({
  StringEquals: { [keyOf(providerArn, claim)]: value },
});
const project = (value: unknown, providerArn = CLOUD): object =>
  equals(providerArn, 'oidc.circleci.com/project-id', value);
const SUB = keyOf(CLOUD, 'sub');
const ANY_USER = '????????-????-????-????-????????????';
const V2 = `org/${ORG}/project/${PROJECT}/user/${ANY_USER}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`;
const ZERO = '00000000-0000-0000-0000-000000000000';
const UNLESS =
  'No other condition limits the role to a project: other projects can assume it, unless these conditions refuse the login';

describe('a policy that is scoped to a project has no scope finding', () => {
  it.each([
    ['by project-id', project(PROJECT)],
    ['by several project ids', project([PROJECT, USER])],
    ['by project-id, where sub is open', { ...project(PROJECT), ...like(CLOUD, '*') }],
    [
      'by project-id under StringLike',
      { StringLike: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT } },
    ],
    ['by sub, one value', like(CLOUD, `org/${ORG}/project/${PROJECT}/user/*`)],
    ['by sub, a list', like(CLOUD, [`org/${ORG}/project/${PROJECT}/user/*`, V2])],
    ['by sub without the user', like(CLOUD, `org/${ORG}/project/${PROJECT}/*`)],
    [
      'by a key in other letters',
      { StringLike: { [SUB.toUpperCase()]: `org/${ORG}/project/${PROJECT}/user/*` } },
    ],
    ['by ForAnyValue', { 'ForAnyValue:StringLike': { [SUB]: `org/${ORG}/project/${PROJECT}/user/*` } }],
    [
      'by two conditions that leave one project',
      { ...like(CLOUD, `*${PROJECT.slice(0, 8)}*`), ...project(PROJECT) },
    ],
    [
      'and limited by what is not evaluated',
      { ...project(PROJECT), IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
    ],
  ])('%s', (_how, condition) => {
    expect(ofCondition(CLOUD, condition)).toEqual([]);
  });

  it('by forty projects, each with its ref', () => {
    const projects = Array.from(
      { length: 40 },
      (_, index) => `${String(index).padStart(8, '0')}${PROJECT.slice(8)}`,
    );
    expect(
      ofCondition(
        CLOUD,
        like(
          CLOUD,
          projects.map((id) => V2.replace(PROJECT, id)),
        ),
      ),
    ).toEqual([]);
  });

  it('on CircleCI Server and on the root issuer', () => {
    expect(ofCondition(SERVER, like(SERVER, `org/${ORG}/project/${PROJECT}/user/*`))).toEqual([]);
    expect(ofCondition(ROOT, like(ROOT, `org/${ORG}/project/${PROJECT}/user/*`))).toEqual([]);
  });

  it('by a Deny of everything else', () => {
    const others = { StringNotEquals: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT } };
    const policy = policyOf(
      allow(CLOUD),
      allow(CLOUD, others, { Effect: 'Deny', Principal: '*', Action: 'sts:*' }),
    );
    expect(brief(ofPolicy(CLOUD, policy))).toEqual(['TRUST004 info']);
  });
});

describe('TRUST007: Deny statements refuse every token', () => {
  const denied = (conditions: unknown): readonly string[] =>
    brief(
      ofPolicy(
        CLOUD,
        policyOf(
          allow(CLOUD, narrow(CLOUD)),
          allow(CLOUD, conditions, { Effect: 'Deny', Principal: '*', Action: 'sts:*' }),
        ),
      ),
    ).filter((line) => line.startsWith('TRUST007'));

  it.each<[string, unknown]>([
    ['without a condition', undefined],
    ['of the only project', like(CLOUD, `org/${ORG}/project/${PROJECT}/*`)],
    ['of each other organization, with a wrong id', { StringNotLike: { [SUB]: `org/${PROJECT}/*` } }],
    ['of each audience but a wrong one', { StringNotEquals: { [keyOf(CLOUD, 'aud')]: 'sts.amazonaws.com' } }],
  ])('%s', (_, conditions) => {
    expect(denied(conditions)).toEqual(['TRUST007 high']);
  });

  it.each<[string, unknown]>([
    ['of other projects', { StringNotLike: { [SUB]: `org/${ORG}/project/${PROJECT}/*` } }],
    ['of one branch', like(CLOUD, '*/vcs-ref/refs/heads/next')],
    ['that is not evaluated', { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }],
    ['that never applies', equals(CLOUD, 'vcs-ref', 'refs/heads/main')],
  ])('but not %s', (_, conditions) => {
    expect(denied(conditions)).toEqual([]);
  });
});

describe('TRUST001: a token of any project can assume the role', () => {
  it.each<[string, unknown]>([
    ['without a condition', undefined],
    ['with a condition on aud alone', equals(CLOUD, 'aud', ORG)],
    ['with an operator that only excludes', { StringNotLike: { [SUB]: `org/${ORG}/project/${PROJECT}/*` } }],
    [
      'with IfExists on a claim that no token has',
      { StringEqualsIfExists: { [keyOf(CLOUD, 'oidc.circleci.com/vcs-ref')]: 'x' } },
    ],
    [
      'with ForAllValues on a claim that no token has',
      { 'ForAllValues:StringEquals': { [keyOf(CLOUD, 'x')]: 'x' } },
    ],
    ['with Null', { Null: { [SUB]: 'false' } }],
  ])('an org, %s', (_how, condition) => {
    expect(ofCondition(CLOUD, condition)).toEqual([
      {
        check: 'TRUST001',
        severity: 'high',
        subject: ROLE,
        message: `Any project of organization ${ORG} can assume ${ROLE}: statement 1 has no effective condition on sub or oidc.circleci.com/project-id. Example: a token with the subject "org/${ORG}/project/${ZERO}/user/${ZERO}". ${CONTROL_POLICIES}`,
        remedy: expect.any(String),
      },
    ]);
  });

  it('has a remedy with the corrected policy and the command, each under its own sentence', () => {
    const [finding] = ofCondition(CLOUD);
    const [advice, save, replace, ...others] = remedySteps(finding?.remedy ?? '');
    expect(others).toEqual([]);
    expect(advice).toEqual({
      prose: 'Limit the statement to each project that needs the role.',
      command: null,
    });
    expect(save?.prose).toBe(
      'In the corrected trust policy, replace PROJECT_ID with the value of the claim "oidc.circleci.com/project-id" (the project id in the settings of the project), in double quotes. Then save it:',
    );
    expect(replace).toEqual({
      prose: 'Then replace the policy of the role:',
      command: [
        'aws iam update-assume-role-policy \\',
        '  --role-name ci \\',
        '  --policy-document file://trust-policy-ci.json',
      ].join('\n'),
    });
    const [corrected] = policiesIn(finding?.remedy ?? '');
    expect(corrected).toMatchObject({ file: 'trust-policy-ci.json', placeholders: ['PROJECT_ID'] });
    expect(JSON.parse(corrected?.filledIn({ PROJECT_ID: PROJECT }) ?? '')).toEqual(
      JSON.parse(
        policyOf(
          allow(CLOUD, {
            StringEquals: {
              [keyOf(CLOUD, 'aud')]: ORG,
              [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT,
            },
          }),
        ),
      ),
    );
  });

  it.each([
    ['an org of circleci.com', CLOUD, { PROJECT_ID: PROJECT }],
    ['CircleCI Server', SERVER, { SUBJECT: `org/${ORG}/project/${PROJECT}/user/*` }],
    ['the root issuer', ROOT, { SUBJECT: `org/${ORG}/project/${PROJECT}/user/*` }],
  ] as const)('has a corrected policy without a finding: %s', (_what, provider, values) => {
    const [finding] = ofCondition(provider);
    const [corrected] = policiesIn(finding?.remedy ?? '');
    const names = Object.keys(values);
    expect(corrected?.placeholders).toEqual(names);
    for (const name of names) expect(corrected?.prose).toContain(`replace ${name} with `);
    expect(ofPolicy(provider, corrected?.filledIn(values) ?? '')).toEqual([]);
  });

  it('CircleCI Server, where project-id under IfExists opens the role', () => {
    const condition = { StringEqualsIfExists: { [keyOf(SERVER, 'oidc.circleci.com/project-id')]: PROJECT } };
    const [finding, ...others] = ofCondition(SERVER, condition);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      check: 'TRUST001',
      severity: 'high',
      message: expect.stringContaining('statement 1 has no effective condition on sub. Example'),
    });
    const [corrected] = policiesIn(finding?.remedy ?? '');
    expect(corrected?.placeholders).toEqual(['SUBJECT']);
    // What the sentence suggests has no finding either.
    const [, suggested = ''] = /a subject such as "([^"]*)"/.exec(corrected?.prose ?? '') ?? [];
    expect(suggested).toContain(`org/${ORG}/project/PROJECT/user/`);
    const subject = suggested
      .replace('PROJECT', PROJECT)
      .replace('ORIGIN', 'github.com/acme/app')
      .replace('REF', 'main');
    expect(ofPolicy(SERVER, corrected?.filledIn({ SUBJECT: subject }) ?? '')).toEqual([]);
  });

  it('the root issuer: any token', () => {
    expect(ofCondition(ROOT)).toMatchObject([
      {
        check: 'TRUST001',
        severity: 'critical',
        message: `Any CircleCI customer can assume ${ROLE}: statement 1 does not restrict the organization. Example: a token with the subject "org/${ZERO}/project/${ZERO}/user/${ZERO}". ${CONTROL_POLICIES}`,
      },
    ]);
    expect(brief(ofCondition(ROOT, like(ROOT, 'org/*')))).toEqual(['TRUST002 critical']);
    expect(brief(ofCondition(ROOT, like(ROOT, `org/*/project/${PROJECT}/user/*`)))).toEqual([
      'TRUST002 critical',
    ]);
    expect(brief(ofCondition(ROOT, like(ROOT, `org/${ORG}/project/*`)))).toEqual(['TRUST002 high']);
  });

  it.each<[string, object, string]>([
    [
      'an unknown operator',
      { StringMatches: { [SUB]: V2 } },
      `statement 1: the condition StringMatches on "${SUB}" is not evaluated`,
    ],
    [
      'a policy variable',
      like(CLOUD, 'org/${aws:PrincipalTag/org}/*'),
      `statement 1: the condition StringLike on "${SUB}" is not evaluated`,
    ],
    [
      'an ARN operator on a claim',
      { ArnLike: { [SUB]: V2 } },
      `statement 1: the condition ArnLike on "${SUB}" is not evaluated`,
    ],
    [
      'an address',
      { IpAddress: { 'aws:SourceIp': '192.0.2.1' } },
      `statement 1: the condition IpAddress on "aws:sourceip" is not evaluated. ${UNLESS}`,
    ],
    [
      'amr',
      equals(CLOUD, 'amr', 'x'),
      `statement 1: the condition StringEquals on "${keyOf(CLOUD, 'amr')}" is not evaluated`,
    ],
  ])('is not evaluated with %s', (_what, condition, reason) => {
    expect(ofCondition(CLOUD, condition)).toMatchObject([
      {
        check: 'TRUST001',
        severity: 'medium',
        message: `${ROLE} could not be evaluated completely, so it is not known whether other projects can assume it: ${reason}. ${CONTROL_POLICIES}`,
      },
    ]);
  });

  it.each<[string, string, string]>([
    [
      'NotPrincipal that names the provider',
      policyOf(allow(CLOUD, like(CLOUD, '*'), { Principal: undefined, NotPrincipal: { Federated: CLOUD } })),
      'statement 1: its principal uses NotPrincipal or a wildcard',
    ],
    [
      'a wildcard in a principal',
      policyOf(allow(CLOUD, undefined, { Principal: { Federated: `${CLOUD.slice(0, -1)}?` } })),
      'statement 1: its principal uses NotPrincipal or a wildcard',
    ],
    [
      'a Deny that is not evaluated',
      policyOf(allow(CLOUD), allow(CLOUD, { IpAddress: { 'aws:SourceIp': 'x' } }, { Effect: 'Deny' })),
      `statement 2: the condition IpAddress on "aws:sourceip" is not evaluated. ${UNLESS}`,
    ],
  ])('is not evaluated with %s, and the role is listed', (_what, policy, reason) => {
    const { roles, findings } = judge(CLOUD, [roleWith(CLOUD, 'ci', policy)]);
    expect(roles).toEqual([ROLE]);
    expect(findings.filter(({ check }) => check !== 'TRUST004')).toMatchObject([
      {
        check: 'TRUST001',
        severity: 'medium',
        message: `${ROLE} could not be evaluated completely, so it is not known whether other projects can assume it: ${reason}. ${CONTROL_POLICIES}`,
      },
    ]);
  });

  it('is not evaluated if there are too many wildcards', () => {
    const tangled = { [SUB]: `*a${'?'.repeat(40)}b*` };
    expect(ofCondition(CLOUD, { StringLike: tangled, StringNotLike: tangled })).toMatchObject([
      {
        check: 'TRUST001',
        severity: 'medium',
        message: expect.stringContaining('statement 1: its conditions are too complex to evaluate'),
      },
    ]);
  });

  it('is open to everyone by "*" as principal', () => {
    const policy = policyOf(allow(CLOUD, undefined, { Principal: '*', Action: ['STS:assumerole*'] }));
    expect(brief(ofPolicy(CLOUD, policy))).toEqual(['TRUST001 critical', 'TRUST004 info']);
  });
});

describe('TRUST002: a wildcard in place of the project', () => {
  it.each([
    '*',
    'org/*',
    `org/${ORG}/*`,
    `org/${ORG}/project/*`,
    `org/${ORG}*`,
    `org/${ORG}/project/${PROJECT.slice(0, 8)}*`,
    `org/${ORG}/project/${PROJECT.slice(0, -1)}?/user/*`,
    `*${PROJECT}*`,
    // A branch can have a name that looks like the rest of a subject.
    `org/*/project/${PROJECT}/user/*`,
    `org/${ORG}/project/*/user/${USER}`,
    `org/${ORG}/project/*${PROJECT}*`,
    `org/${ORG}/project/*/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`,
    '?*',
  ])('%s', (sub) => {
    expect(ofCondition(CLOUD, like(CLOUD, [sub, V2]))).toMatchObject([
      {
        check: 'TRUST002',
        severity: 'high',
        message: expect.stringMatching(
          /^Projects that statement 1 does not name can assume \S+, because ".+" also match(es)? their tokens\.( The limit to .+ does not hold either, because .+\.)? Example: a token with the subject "org\/.+"\. Service /,
        ),
      },
    ]);
  });

  it('names the values and statements that match it, and no other', () => {
    const policy = policyOf(
      allow(CLOUD, like(CLOUD, [`org/${ORG}/project/${PROJECT}/user/*`, 'org/*']), { Sid: 'Wide' }),
      allow(CLOUD, narrow(CLOUD)),
    );
    expect(ofPolicy(CLOUD, policy)[0]).toMatchObject({
      message: `Projects that "Wide" does not name can assume ${ROLE}, because "org/*" also matches their tokens. Example: a token with the subject "org/${ORG}/project/${ZERO}/user/${ZERO}". ${CONTROL_POLICIES}`,
    });
  });

  it('a wildcard in project-id', () => {
    const condition = { StringLike: { [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: '*' } };
    expect(brief(ofCondition(CLOUD, condition))).toEqual(['TRUST002 high']);
  });
});

describe('TRUST003: a condition of another org, or one that reads wrong', () => {
  it('a subject of another org', () => {
    const foreign = `org/${OTHER_ORG}/project/${PROJECT}/user/*`;
    expect(ofCondition(CLOUD, like(CLOUD, foreign))).toMatchObject([
      {
        check: 'TRUST003',
        severity: 'high',
        message: `${ROLE} has a condition for another organization: statement 1 has "${foreign}". Its provider accepts tokens of organization ${ORG} only. ${LOGINS_FAIL}`,
      },
    ]);
    expect(brief(ofCondition(CLOUD, { StringNotLike: { [SUB]: foreign } }))).toEqual([
      'TRUST001 high',
      'TRUST003 high',
    ]);
  });

  it('a key of another org, unless the statement trusts that one, too', () => {
    const other = `${IAM}oidc.circleci.com/org/${OTHER_ORG}`;
    expect(ofCondition(CLOUD, like(other, '*'))).toMatchObject([
      {
        check: 'TRUST003',
        severity: 'high',
        message: expect.stringContaining(`statement 1 has "${keyOf(other, 'sub')}"`),
      },
    ]);
    const both = { ...project(PROJECT), StringLikeIfExists: { [keyOf(other, 'sub')]: '*' } };
    const policy = policyOf(allow(CLOUD, both, { Principal: { Federated: [CLOUD, other] } }));
    expect(brief(ofPolicy(CLOUD, policy))).toEqual(['TRUST004 info']);
  });

  it.each(['ForAllValues:StringLike', 'StringLikeIfExists'])('%s, which opens nothing today', (operator) => {
    expect(ofCondition(CLOUD, { [operator]: { [SUB]: V2 } })).toMatchObject([
      {
        check: 'TRUST003',
        severity: 'low',
        message: `${ROLE} uses an operator that also accepts tokens without the claim: statement 1 has ${operator} on "${SUB}". Every token has the claim today, so the role is not open.`,
      },
    ]);
  });
});

describe('TRUST003: the org that a provider is for', () => {
  it.each([
    [ROOT, 'oidc.circleci.com'],
    [SERVER, `organization ${ORG}`],
  ])('%s', (provider, org) => {
    const statement = {
      ...like(provider, `org/${ORG}/project/${PROJECT}/*`),
      StringLikeIfExists: { [SUB]: '*' },
    };
    expect(ofCondition(provider, statement)).toMatchObject([
      {
        check: 'TRUST003',
        message: `${ROLE} has a condition for another issuer: statement 1 has "${SUB}". Its provider accepts tokens of ${org} only.`,
      },
    ]);
  });
});

describe('TRUST003 is not reported', () => {
  it.each<[string, string, object, readonly string[]]>([
    [
      'of an audience that looks like the subject of another org',
      CLOUD,
      equals(CLOUD, 'aud', `org/${OTHER_ORG}/project/x`),
      ['TRUST007 high'],
    ],
    [
      'of an operator on aud',
      CLOUD,
      { ...project(PROJECT), StringLikeIfExists: { [keyOf(CLOUD, 'aud')]: ORG } },
      [],
    ],
    ['of an operator that nobody knows', CLOUD, { ...project(PROJECT), StringMatches: { [SUB]: V2 } }, []],
    [
      'of an operator in a statement that is open anyway',
      CLOUD,
      { StringLikeIfExists: { [SUB]: '*' } },
      ['TRUST002 high'],
    ],
    [
      'of an operator in a statement that is open to other orgs',
      ROOT,
      {
        StringLikeIfExists: {
          [keyOf(ROOT, 'sub')]: `org/${'?'.repeat(36)}/project/${'?'.repeat(36)}/user/${USER}`,
        },
      },
      ['TRUST002 critical', 'TRUST007 medium'],
    ],
  ])('%s', (_what, provider, condition, said) => {
    expect(brief(ofCondition(provider, condition))).toEqual(said);
  });

  it('but is of an operator if the project, which belongs to one org, is named', () => {
    const named = `org/${'?'.repeat(36)}/project/${PROJECT}/user/${USER}`;
    const condition = { StringLikeIfExists: { [keyOf(ROOT, 'sub')]: named } };
    expect(brief(ofCondition(ROOT, condition))).toEqual(['TRUST003 low', 'TRUST007 medium']);
  });

  it('but is for a key of another org if the principal is not evaluated', () => {
    const other = keyOf(`${IAM}oidc.circleci.com/org/${OTHER_ORG}`, 'sub');
    const statement = { Principal: undefined, NotPrincipal: { AWS: 'x' } };
    const policy = policyOf(allow(CLOUD, { StringLikeIfExists: { [other]: '*' } }, statement));
    expect(brief(ofPolicy(CLOUD, policy))).toContain('TRUST003 high');
  });
});

describe('TRUST004: no condition on the audience', () => {
  it('no condition on aud', () => {
    expect(ofPolicy(CLOUD, policyOf(allow(CLOUD, like(CLOUD, V2))))).toEqual([
      {
        check: 'TRUST004',
        severity: 'info',
        subject: ROLE,
        message: `${ROLE} has no condition on aud in statement 1. IAM still compares the audience with the client ID list of the provider.`,
        remedy: expect.any(String),
      },
    ]);
  });
});

describe('TRUST005: other builds of the project can assume a deploy role', () => {
  const scoped = policyOf(allow(CLOUD, { ...project(PROJECT), StringLike: { [keyOf(CLOUD, 'aud')]: ORG } }));
  const SOURCE = { ORIGIN: 'github.com/acme/app', REF: 'main' };

  it.each(['deploy-app', 'AppRelease', 'web-prod', 'terraform', 'OrgAdmin'])('a role called %s', (name) => {
    const findings = ofPolicy(CLOUD, policyOf(allow(CLOUD, project(PROJECT))), name);
    const found = findings.find(({ check }) => check === 'TRUST005');
    expect(found).toEqual({
      check: 'TRUST005',
      severity: 'medium',
      subject: `arn:aws:iam::123456789012:role/${name}`,
      message: `arn:aws:iam::123456789012:role/${name} looks like a deployment role (by its name), and builds of a branch, a tag or (if the project passes secrets to forks) a fork that it does not name can assume it. Example: a token with the subject "org/${ORG}/project/${PROJECT}/user/${ZERO}". ${CONTROL_POLICIES}`,
      remedy: expect.stringContaining(`--role-name ${name}`),
    });
    const [corrected] = policiesIn(found?.remedy ?? '');
    expect(corrected?.placeholders).toEqual(['SUBJECT']);
    const [, example = ''] = /replace SUBJECT with .*"(org\/.*)"/.exec(corrected?.prose ?? '') ?? [];
    const subject = Object.entries(SOURCE).reduce(
      (text, [word, value]) => text.replace(word, value),
      example,
    );
    expect(subject).toBe(V2);
    expect(ofPolicy(CLOUD, corrected?.filledIn({ SUBJECT: subject }) ?? '', name)).toEqual([]);
  });

  it.each(['product-tests', 'ci'])('reads the policies of a role called %s', (name) => {
    const role = roleWith(CLOUD, name, scoped);
    expect(judge(CLOUD, [role]).candidates.map(({ role }) => role.name)).toEqual([name]);
  });

  it.each([
    ['names origin and ref', narrow(CLOUD)],
    ['names the origin and a part of the ref', like(CLOUD, V2.replace('main', 'release/*'))],
    ['is open anyway', like(CLOUD, '*')],
  ])('does not report a role that %s', (_what, condition) => {
    const verdict = judge(CLOUD, [roleWith(CLOUD, 'deploy', policyOf(allow(CLOUD, condition)))]);
    expect(verdict.candidates).toEqual([]);
    expect(verdict.findings.map(({ check }) => check)).not.toContain('TRUST005');
  });
});

describe('TRUST005: a restriction to an origin or a ref that does not hold', () => {
  const restricted = (sub: string, name: string): readonly Finding[] => {
    const verdict = judge(CLOUD, [
      roleWith(CLOUD, name, policyOf(allow(CLOUD, { ...like(CLOUD, sub), ...equals(CLOUD, 'aud', ORG) }))),
    ]);
    return findingsWith(verdict);
  };
  const before = `org/${ORG}/project/${PROJECT}/user/*`;

  it.each([
    [
      'the user',
      `${before}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`,
      ['github.com/acme/app', 'refs/heads/main'],
    ],
    [
      'the user, before an origin with any ref',
      `${before}/vcs-origin/github.com/acme/app/vcs-ref/*`,
      ['github.com/acme/app'],
    ],
    ['the origin', V2.replace('github.com/acme/app', '*'), ['refs/heads/main']],
  ])('because of a wildcard in the place of %s', (_what, sub, limits) => {
    const found = restricted(sub, 'ci');
    expect(found).toMatchObject([
      {
        check: 'TRUST005',
        severity: 'low',
        message: expect.stringContaining(
          `is not limited to ${limits.map((limit) => `"${limit}"`).join(' and ')} although its conditions name`,
        ),
      },
    ]);
    expect(brief(restricted(sub, 'deploy'))).toEqual(['TRUST005 medium']);
    for (const name of ['ci', 'deploy']) {
      const [corrected] = policiesIn(restricted(sub, name)[0]?.remedy ?? '');
      const policy = corrected?.filledIn({ SUBJECT: V2 }) ?? '';
      expect(ofPolicy(CLOUD, policy, name)).toEqual([]);
    }
  });
});

describe('TRUST007: no token can satisfy a condition', () => {
  it.each<[string, string, object, string]>([
    [
      '* under StringEquals',
      CLOUD,
      equals(CLOUD, 'sub', `org/${ORG}/project/${PROJECT}/user/*`),
      `"org/${ORG}/project/${PROJECT}/user/*" contains a wildcard, but wildcards need StringLike`,
    ],
    [
      'a claim that STS does not map',
      CLOUD,
      equals(CLOUD, 'oidc.circleci.com/vcs-ref', 'main'),
      `AWS STS does not support the condition key "${keyOf(CLOUD, 'oidc.circleci.com/vcs-ref')}" for these tokens (as of 2026-11-15)`,
    ],
    [
      'Bool on such a claim',
      CLOUD,
      { Bool: { [keyOf(CLOUD, 'oidc.circleci.com/ssh-rerun')]: 'false' } },
      `AWS STS does not support the condition key "${keyOf(CLOUD, 'oidc.circleci.com/ssh-rerun')}" for these tokens (as of 2026-11-15)`,
    ],
    [
      'project-id on CircleCI Server',
      SERVER,
      project(PROJECT, SERVER),
      `AWS STS does not support the condition key "${keyOf(SERVER, 'oidc.circleci.com/project-id')}" for these tokens (as of 2026-11-15)`,
    ],
    [
      'project-id on the root issuer',
      ROOT,
      project(PROJECT, ROOT),
      `AWS STS does not support the condition key "${keyOf(ROOT, 'oidc.circleci.com/project-id')}" for these tokens (as of 2026-11-15)`,
    ],
    [
      'an audience that the provider does not list',
      CLOUD,
      equals(CLOUD, 'aud', 'sts.amazonaws.com'),
      'the provider has no audience that matches "sts.amazonaws.com"',
    ],
    [
      'Null on a claim that all tokens have',
      CLOUD,
      { Null: { [SUB]: 'true' } },
      `it requires that tokens do not have "${SUB}", but every token has it`,
    ],
    [
      'a subject of another form',
      CLOUD,
      like(CLOUD, 'repo:acme/app:*'),
      'no token has a sub that matches "repo:acme/app:*"',
    ],
    [
      'a project id in capitals',
      CLOUD,
      project(PROJECT.toUpperCase()),
      `"${PROJECT.toUpperCase()}" has upper-case letters, but the ids in tokens are in lower case, and values are compared exactly`,
    ],
    [
      'a wildcard in one of two subjects under StringEquals',
      CLOUD,
      equals(CLOUD, 'sub', ['org/x', 'org/*']),
      '"org/x", "org/*" contains a wildcard, but wildcards need StringLike',
    ],
    [
      'conditions that contradict each other',
      CLOUD,
      { ...project(PROJECT), ...like(CLOUD, `org/${ORG}/project/${USER}/*`) },
      'its conditions contradict each other',
    ],
    [
      'a subject of the old token, and the project of another',
      CLOUD,
      { ...project(PROJECT), ...like(CLOUD, `org/${ORG}/project/${USER}/user/${USER}`) },
      'its conditions contradict each other',
    ],
    [
      'a subject of the new token, and the project of another',
      CLOUD,
      { ...project(USER), ...like(CLOUD, V2) },
      'its conditions contradict each other',
    ],
  ])('%s', (_what, provider, condition, cause) => {
    expect(ofCondition(provider, condition)).toMatchObject([
      {
        check: 'TRUST007',
        severity: 'high',
        message: `${ROLE} has a condition that no token satisfies: statement 1: ${cause}. ${LOGINS_FAIL}`,
      },
    ]);
  });

  it('a pattern that ends before the suffix of V2', () => {
    const sub = `org/${ORG}/project/${PROJECT}/user/${USER}`;
    expect(ofCondition(CLOUD, like(CLOUD, sub))).toMatchObject([
      {
        check: 'TRUST007',
        severity: 'medium',
        message: `${ROLE} accepts CIRCLE_OIDC_TOKEN, but not CIRCLE_OIDC_TOKEN_V2: "${sub}" does not match a subject that continues with /vcs-origin/. Jobs that use CIRCLE_OIDC_TOKEN_V2 cannot log in.`,
      },
    ]);
    const two = [sub, sub.replace(USER, PROJECT)];
    const [several] = ofPolicy(CLOUD, policyOf(...[sub, two].map((one) => allow(CLOUD, like(CLOUD, one)))));
    expect(several?.message).toContain(`: "${two.join('" and "')}" do not match a subject that continues`);
    const both = policyOf(allow(CLOUD, like(CLOUD, sub)), allow(CLOUD, like(CLOUD, V2)));
    expect(brief(ofPolicy(CLOUD, both))).toEqual(['TRUST004 info']);
  });

  it('names only patterns that match the old token', () => {
    const sub = `org/${ORG}/project/${PROJECT}/user/${USER}`;
    const policy = policyOf(
      allow(CLOUD, { ...like(CLOUD, sub), ...equals(CLOUD, 'aud', ORG), StringNotLike: { [SUB]: 'x*' } }),
      allow(CLOUD, like(CLOUD, 'repo:acme')),
    );
    expect(ofPolicy(CLOUD, policy)).toContainEqual(
      expect.objectContaining({
        severity: 'medium',
        message: expect.stringContaining(`but not CIRCLE_OIDC_TOKEN_V2: "${sub}" does not match a`),
      }),
    );
  });

  it('does not say that logins fail if another statement admits tokens', () => {
    const policy = policyOf(allow(CLOUD, like(CLOUD, 'repo:acme')), allow(CLOUD, narrow(CLOUD)));
    expect(ofPolicy(CLOUD, policy)).toContainEqual(
      expect.objectContaining({ check: 'TRUST007', message: expect.stringContaining(LOGINS_UNKNOWN) }),
    );
  });

  it('is not reported if the audiences are not known', () => {
    const policy = policyOf(
      allow(CLOUD, { ...project(PROJECT), StringLike: { [keyOf(CLOUD, 'aud')]: 'x' } }),
    );
    expect(ofPolicy(CLOUD, policy, 'ci', { audiences: null })).toEqual([]);
  });
});

describe('TRUST007: a statement that names the provider and permits no login', () => {
  const other = allow(CLOUD, narrow(CLOUD), { Action: 'sts:AssumeRole' });

  it('is reported, and corrected', () => {
    const role = roleWith(CLOUD, 'ci', policyOf(other));
    const { roles, findings } = judge(CLOUD, [role]);
    expect(roles).toEqual([role.arn]);
    expect(findings).toMatchObject([
      {
        check: 'TRUST007',
        severity: 'high',
        subject: role.arn,
        message: `${role.arn} has a statement that no token can use: statement 1: its action is not sts:AssumeRoleWithWebIdentity. ${LOGINS_FAIL}`,
      },
    ]);
    const [corrected] = policiesIn(findings[0]?.remedy ?? '');
    expect(JSON.parse(corrected?.filledIn() ?? '')).toMatchObject({
      Statement: [{ Action: 'sts:AssumeRoleWithWebIdentity' }],
    });
    expect(ofPolicy(CLOUD, corrected?.filledIn() ?? '')).toEqual([]);
  });

  it('does not say that logins fail if another statement permits them', () => {
    const found = ofPolicy(CLOUD, policyOf(allow(CLOUD, narrow(CLOUD)), other));
    expect(found).toMatchObject([
      { check: 'TRUST007', message: expect.stringMatching(/statement 2: its action .* affected\.$/) },
    ]);
  });

  it('is corrected together with a statement that is open', () => {
    const found = ofPolicy(CLOUD, policyOf(allow(CLOUD), other)).filter(({ check }) => check !== 'TRUST004');
    expect(brief(found)).toEqual(['TRUST001 high', 'TRUST007 high']);
    const policies = found.flatMap(({ remedy }) => policiesIn(remedy));
    expect(new Set(policies.map((one) => one.filledIn({ PROJECT_ID: PROJECT }))).size).toBe(1);
    expect(ofPolicy(CLOUD, policies[0]?.filledIn({ PROJECT_ID: PROJECT }) ?? '')).toEqual([]);
  });

  it.each([
    ['actions that go with a login', { Action: ['sts:TagSession', 'sts:SetSourceIdentity'] }],
    ['all actions but some', { Action: undefined, NotAction: 'sts:AssumeRoleWithWebIdentity' }],
    ['a Deny', { Effect: 'Deny', Action: 'sts:AssumeRole' }],
    ['another principal', { Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' }],
    ['every principal', { Principal: '*', Action: 'sts:AssumeRole' }],
  ])('is not reported of %s', (_what, change) => {
    const found = ofPolicy(CLOUD, policyOf(allow(CLOUD, narrow(CLOUD)), allow(CLOUD, narrow(CLOUD), change)));
    expect(found).toEqual([]);
  });
});

describe('PROV002: the audiences of the provider', () => {
  const of = (audiences: readonly string[] | null, provider = CLOUD): readonly Finding[] =>
    judge(provider, [narrowRole(provider)], { audiences }).findings.filter(
      ({ check }) => check === 'PROV002',
    );

  it.each<[readonly string[], string, string]>([
    [[], 'high', `The provider has no audience, so AWS accepts no token. ${LOGINS_FAIL}`],
    [
      ['sts.amazonaws.com'],
      'info',
      `The provider does not accept the organization id ${ORG}, but only "sts.amazonaws.com", so tokens with the default audience cannot log in. ${LOGINS_UNKNOWN}`,
    ],
    [
      [ORG, 'a', 'b'],
      'info',
      `The provider accepts other audiences in addition to the organization id ${ORG}: "a", "b".`,
    ],
  ])('%j', (audiences, severity, message) => {
    expect(of(audiences)).toMatchObject([{ severity, message }]);
    expect(of([ORG, 'a'])[0]?.remedy).toBe('Remove the audiences that no project requests.');
  });

  it.each([
    [[], `Add the organization id ${ORG}:`],
    [['a'], `If jobs use the default audience, add the organization id ${ORG}:`],
  ])('has a command that adds the org id to %j', (audiences, words) => {
    expect(of(audiences)[0]?.remedy).toBe(
      [
        words,
        'aws iam add-client-id-to-open-id-connect-provider \\',
        `  --open-id-connect-provider-arn ${CLOUD} \\`,
        `  --client-id ${ORG}`,
      ].join('\n'),
    );
  });

  it('does not report the org id alone, the root issuer, audiences of other issuers, and unknown ones', () => {
    expect([of([ORG]), of([], ROOT), of([ORG], ROOT), of(['a'], GITHUB), of(null)]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
  });

  it('reports a provider of another issuer without any audience, and adds its default one', () => {
    expect(of([], GITHUB)).toMatchObject([
      {
        severity: 'high',
        message: `The provider has no audience, so AWS accepts no token. ${LOGINS_FAIL}`,
        remedy: expect.stringMatching(/ --client-id sts\.amazonaws\.com$/),
      },
    ]);
    expect(of([], OKTA)).toMatchObject([
      { severity: 'high', remedy: 'Add the claim "aud" of the tokens as an audience.' },
    ]);
  });
});

describe('PROV003: the provider of the root issuer', () => {
  const of = (condition?: unknown): readonly Finding[] =>
    judge(ROOT, [roleWith(ROOT, 'ci', policyOf(allow(ROOT, condition)))]).findings.filter(
      ({ check }) => check === 'PROV003',
    );
  const fact = `The provider ${ROOT} is for CircleCI's root issuer, so it trusts every CircleCI customer.`;

  it('is high if the roles refuse other orgs, critical if one does not', () => {
    expect(of(like(ROOT, `org/${ORG}/project/*`))).toMatchObject([
      {
        severity: 'high',
        message: `${fact} Only the conditions of its roles restrict access.`,
        remedy: expect.stringContaining('https://oidc.circleci.com/org/ORG_ID'),
      },
    ]);
    expect(of(like(ROOT, 'org/*'))).toMatchObject([
      { severity: 'critical', message: `${fact} Any of them can assume ${ROLE}.` },
    ]);
    const two = ['b', 'a'].map((name) => roleWith(ROOT, name, policyOf(allow(ROOT))));
    expect(judge(ROOT, two).findings).toContainEqual(
      expect.objectContaining({
        check: 'PROV003',
        message: `${fact} Any of them can assume ${two.map(({ arn }) => arn).join(', ')}.`,
      }),
    );
    expect(judge(ROOT, null).findings).toMatchObject([
      { check: 'PROV003', severity: 'high', message: `${fact} Its roles were not read.` },
    ]);
  });
});

describe('PROV004 and PROV005: unused and duplicate providers', () => {
  const idle = {
    check: 'PROV004',
    severity: 'low',
    message: `No role of the account trusts the provider ${CLOUD}.`,
  };

  it('a provider that no role trusts', () => {
    const others = [
      roleWith(
        CLOUD,
        'lambda',
        policyOf({
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
      ),
      roleWith(
        CLOUD,
        'cognito',
        policyOf(allow(CLOUD, undefined, { Principal: { Federated: 'cognito-identity.amazonaws.com' } })),
      ),
      roleWith(CLOUD, 'deny', policyOf(allow(CLOUD, undefined, { Effect: 'Deny' }))),
    ];
    expect(judge(CLOUD, others)).toMatchObject({ roles: [], findings: [idle] });
    const unparsed = roleWith(CLOUD, 'unparsed', 'nothing of it');
    expect(judge(CLOUD, [...others, unparsed])).toMatchObject({ roles: [unparsed.arn], findings: [] });
    expect(judge(CLOUD, null)).toMatchObject({ roles: [], findings: [] });
    expect(judge(CLOUD, [], { exists: false })).toMatchObject({ roles: [], findings: [] });
  });

  it('a provider with a duplicate', () => {
    const twins = [`${CLOUD}/`, CLOUD.replace(ORG, ORG.toUpperCase())];
    expect(judge(CLOUD, [narrowRole(CLOUD)], { sameOrg: twins }).findings).toMatchObject([
      {
        check: 'PROV005',
        severity: 'low',
        message: `The account has 3 providers for the same organization: ${[CLOUD, ...twins].sort().join(', ')}. A token matches exactly one spelling of the issuer.`,
      },
    ]);
  });
});

describe('providers of other issuers', () => {
  it('have the same findings about their roles', () => {
    const role = roleWith(GITHUB, 'gh', policyOf(allow(GITHUB)));
    const verdict = judge(GITHUB, [role, narrowRole(CLOUD)]);
    expect(verdict).toMatchObject({ roles: [role.arn], candidates: [], notEvaluated: [] });
    expect(verdict.findings).toMatchObject([
      {
        check: 'TRUST001',
        severity: 'critical',
        subject: role.arn,
        message: `Any repository on GitHub can assume ${role.arn}: statement 1 does not restrict the owner. Example: a token with the subject "repo:a/a:ref:refs/heads/unnamed". ${CONTROL_POLICIES}`,
      },
      { check: 'TRUST004', severity: 'info', subject: role.arn },
    ]);
  });

  it('are named by roles even if the provider was deleted', () => {
    const lost = narrowRole(CLOUD);
    const verdict = trustOfTarget({
      target: { issuer: `https://oidc.circleci.com/org/${ORG}`, providerArn: null, configured: true },
      exists: true,
      audiences: null,
      sameOrg: [],
      index: indexRoles([lost]),
    });
    expect(verdict).toMatchObject({ roles: [lost.arn], findings: [] });
  });
});
