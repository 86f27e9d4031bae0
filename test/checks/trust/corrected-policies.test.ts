/** The corrected policies that findings print: they correct what was found, and nothing else is wrong with them. */
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { compareSeverity } from '../../../lambda/domain/severity';
import type { Finding } from '../../../lambda/domain/types';
import { ONE_AT_A_TIME } from '../../../lambda/checks/trust/remedy';
import { MAX_LENGTH } from '../../../lambda/remedies/policies';
import { policiesIn } from '../../support/corrected-policy';
import type { PrintedPolicy } from '../../support/corrected-policy';
import { FIELD_CASES } from '../../support/field-cases';
import { principalOf, trustFindings } from '../../support/trust-findings';
import type { RoleOfProvider } from '../../support/trust-findings';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
/** What a reader writes for the words in capitals. */
const VALUES: Readonly<Record<string, string>> = {
  GROUP: 'acme',
  NAME: 'app',
  NAMESPACE: 'ci',
  ORG,
  ORGANIZATION: 'acme',
  ORIGIN: 'github.com/acme/app',
  OWNER: 'acme',
  PATH: 'app',
  PROJECT,
  PROJECT_ID: PROJECT,
  REF: 'main',
  REPOSITORY_ID: '123456',
  REPOSITORY_OWNER_ID: '234567',
  SERVICE_ACCOUNT: 'deploy',
  WORKSPACE: 'app',
};

/** The policy with the subjects that its sentence shows as examples. */
function filledIn({ prose, filledIn: fill }: PrintedPolicy): string {
  const subjects = [
    ...prose.matchAll(
      /(SUBJECT(?:_[A-Z])?) with a subject(?: that you meant by "[^"]*",)? such as "([^"]+)"/g,
    ),
  ].map(
    ([, name = '', example = '']) =>
      [name, example.replaceAll(/[A-Z][A-Z_]+/g, (word) => VALUES[word] ?? word)] as const,
  );
  return fill({ ...VALUES, ...Object.fromEntries(subjects) });
}

const correctable = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ remedy }) => policiesIn(remedy).length > 0);
const policiesOf = (findings: readonly Finding[]): readonly string[] => [
  ...new Set(findings.flatMap(({ remedy }) => policiesIn(remedy)).map(filledIn)),
];
const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

/** Whether something is less severe than what was found before. */
const isLess = ({ severity }: Finding, before: readonly Finding[]): boolean =>
  before.some((one) => compareSeverity(severity, one.severity) < 0) || severity === 'info';

/** The role with its policy replaced as the remedies say. */
const corrected = async (role: RoleOfProvider, policy: string): Promise<readonly Finding[]> =>
  trustFindings({ ...role, trustPolicy: JSON.parse(policy) });

describe('the corrected policy of a role', () => {
  it.each(FIELD_CASES)('corrects what was found: %s', async (_, one) => {
    const found = await trustFindings(one);
    const policies = policiesOf(found);
    // Each replaces the whole policy of the role: two would undo each other.
    expect(policies.length).toBeLessThanOrEqual(1);
    for (const policy of policies) {
      const left = await corrected(one, policy);
      // A reader may write a subject of the older of two formats. PROV003 is about the provider.
      const others = left.filter(({ check }) => check !== 'TRUST009' && check !== 'PROV003');
      const checks = correctable(found).map(({ check }) => check);
      expect(brief(others.filter(({ check }) => checks.includes(check)))).toEqual([]);
      expect(brief(others.filter((each) => !isLess(each, found)))).toEqual([]);
    }
  });
});

const CIRCLECI = `https://oidc.circleci.com/org/${ORG}`;
const GITHUB = 'https://token.actions.githubusercontent.com';

const role = (
  issuer: string,
  statements: readonly object[],
  more: Partial<RoleOfProvider> = {},
): RoleOfProvider => ({
  issuer,
  audiences: [issuer === GITHUB ? 'sts.amazonaws.com' : ORG],
  role: 'ci',
  attached: [],
  trustPolicy: {
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: 'Allow',
      Principal: { Federated: principalOf(issuer) },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...statement,
    })),
  },
  ...more,
});
const like = (issuer: string, sub: string | readonly string[]): object => ({
  Condition: { StringLike: { [`${issuer.slice('https://'.length)}:sub`]: sub } },
});

describe('several findings of one role', () => {
  const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

  it('have the same policy, also if the rights of the role decide about some of them', async () => {
    const named = like(GITHUB, 'repo:acme/app:*');
    for (const more of [{ role: 'deploy' }, { attached: [ADMINISTRATOR] }]) {
      const found = correctable(await trustFindings(role(GITHUB, [named], more)));
      expect([...brief(found)].sort()).toEqual([
        'TRUST005 medium',
        'TRUST008 medium',
        'TRUST009 low',
        'TRUST010 medium',
      ]);
      const [policy = '', ...others] = policiesOf(found);
      expect(others).toEqual([]);
      expect(brief(correctable(await corrected(role(GITHUB, [named], more), policy)))).toEqual([]);
    }
  });

  it('correct every statement that one of them is about', async () => {
    const open = role(CIRCLECI, [like(CIRCLECI, 'repo:acme/app:*'), like(CIRCLECI, 'org/*')]);
    const found = correctable(await trustFindings(open));
    expect(brief(found)).toEqual(['TRUST002 high', 'TRUST007 high']);
    const [policy = '', ...others] = policiesOf(found);
    expect(others).toEqual([]);
    expect(brief(correctable(await corrected(open, policy)))).toEqual([]);
  });

  it('are each reported once', async () => {
    const found = await trustFindings(role(GITHUB, [like(GITHUB, 'repo:acme/app:*')]));
    expect(brief(found)).toEqual(['TRUST009 low', 'TRUST004 info', 'TRUST008 low']);
  });
});

describe('a subject that the reader completes', () => {
  it('has a name of its own in each statement', async () => {
    const id = (project: string): object => ({
      Condition: {
        StringEquals: { [`oidc.circleci.com/org/${ORG}:oidc.circleci.com/project-id`]: project },
      },
    });
    const open = role(CIRCLECI, [id(PROJECT), id(ORG)], { role: 'deploy' });
    const found = correctable(await trustFindings(open));
    expect(brief(found)).toEqual(['TRUST005 medium']);
    const [policy] = policiesIn(found[0]?.remedy ?? '');
    expect(policy?.placeholders).toEqual(['SUBJECT_A', 'SUBJECT_B']);
    expect(policy?.prose).toMatch(
      new RegExp(`SUBJECT_A with .*/project/${PROJECT}/.*SUBJECT_B with .*/project/${ORG}/`),
    );
    expect(brief(correctable(await corrected(open, policiesOf(found)[0] ?? '')))).toEqual([]);
  });
});

describe('what a corrected policy keeps', () => {
  const policyOf = async (one: RoleOfProvider): Promise<unknown> =>
    JSON.parse(policiesOf(await trustFindings(one))[0] ?? 'null');

  it('statements that are not about the provider, ids, and actions that go with a login', async () => {
    const service = {
      Sid: 'Lambda',
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    };
    const login = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'];
    const before = role(CIRCLECI, [service, { Sid: 'Ci', Action: login }]);
    expect(await policyOf(before)).toEqual({
      Version: '2012-10-17',
      Statement: [
        service,
        {
          Sid: 'Ci',
          Effect: 'Allow',
          Principal: { Federated: principalOf(CIRCLECI) },
          Action: login,
          Condition: {
            StringEquals: {
              [`oidc.circleci.com/org/${ORG}:aud`]: ORG,
              [`oidc.circleci.com/org/${ORG}:oidc.circleci.com/project-id`]: PROJECT,
            },
          },
        },
      ],
    });
  });

  it('conditions that are not evaluated', async () => {
    const address = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
    const before = role(CIRCLECI, [{ Condition: address }]);
    expect(await policyOf(before)).toMatchObject({ Statement: [{ Condition: address }] });
  });

  it('letters beyond ASCII, which are escaped', async () => {
    const other = { Sid: 'x', Effect: 'Deny', Principal: '*', Action: 'sts:Ünknown' };
    const found = await trustFindings(role(CIRCLECI, [other, {}]));
    const [finding] = correctable(found);
    expect(finding?.remedy).toContain('sts:\\u00dcnknown');
    expect(await policyOf(role(CIRCLECI, [other, {}]))).toMatchObject({ Statement: [other, {}] });
  });

  it('the names of roles with a path: commands take the last part', async () => {
    const [finding] = correctable(await trustFindings(role(CIRCLECI, [{}], { role: 'teams/a/ci' })));
    expect(policiesIn(finding?.remedy ?? '').map(({ file }) => file)).toEqual(['trust-policy-ci.json']);
    expect(finding?.remedy).toContain('--role-name ci \\');
  });
});

describe('no corrected policy is printed', () => {
  const remediesOf = async (one: RoleOfProvider): Promise<readonly string[]> =>
    (await trustFindings(one)).flatMap(({ check, remedy }) => (check === 'TRUST001' ? [remedy] : []));

  it('if a part of the policy cannot be parsed: its meaning is not known', async () => {
    const remedies = await remediesOf(role(CIRCLECI, [{}, { Action: [] }]));
    expect(remedies).toHaveLength(2);
    for (const remedy of remedies) {
      expect(policiesIn(remedy)).toEqual([]);
      expect(remedy).toContain('aws iam update-assume-role-policy');
    }
  });

  it('if the name of the role is not safe in a command', async () => {
    const [remedy = ''] = await remediesOf(role(CIRCLECI, [{}], { role: '-x' }));
    expect(policiesIn(remedy)).toEqual([]);
    expect(remedy).toContain('There is no command, because "-x" is not safe in a command (role name).');
  });
});

describe('a role that trusts two providers', () => {
  const own = {
    Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } },
  };
  const other = { Principal: { Federated: principalOf(CIRCLECI) } };

  it.each([
    ['is told that the policy corrects one of them', [own, other], true],
    ['is not, if the other statement denies', [own, { ...other, Effect: 'Deny' }], false],
    ['is not, if there is no other', [own], false],
  ])('%s', async (_, statements, expected) => {
    const found = correctable(await trustFindings(role(GITHUB, statements)));
    expect(found).not.toEqual([]);
    expect(found.map(({ remedy }) => remedy.includes(ONE_AT_A_TIME))).toEqual(found.map(() => expected));
  });

  it('keeps its other statement', async () => {
    const [policy = ''] = policiesOf(await trustFindings(role(GITHUB, [own, other])));
    const kept = v.parse(v.object({ Statement: v.array(v.unknown()) }), JSON.parse(policy)).Statement;
    expect(kept).toContainEqual({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...other,
    });
  });
});

describe('a corrected policy lets in no more than before', () => {
  const AUD = { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' };
  const SUBJECT = 'token.actions.githubusercontent.com:sub';
  const GITLAB = principalOf('https://gitlab.com');
  const BUILDKITE = principalOf('https://agent.buildkite.com');
  const app = { StringEquals: AUD, StringLike: { [SUBJECT]: 'repo:acme/app:*' } };

  const statementsOf = (policy: string): readonly Record<string, unknown>[] =>
    v.parse(v.object({ Statement: v.array(v.record(v.string(), v.unknown())) }), JSON.parse(policy))
      .Statement;
  const subjectsOf = (policy: string): readonly unknown[] =>
    statementsOf(policy).map(
      ({ Condition }) =>
        v.parse(v.record(v.string(), v.record(v.string(), v.unknown())), Condition)['StringLike']?.[SUBJECT],
    );

  it.each([
    [{ ...app, StringLikeIfExists: { 'gitlab.com:sub': 'project_path:acme/app:*' } }],
    [{ ...app, StringNotLike: { 'gitlab.com:sub': 'project_path:evil/*' } }],
    [{ ...app, StringLike: { ...app.StringLike, 'gitlab.com:sub': 'project_path:acme*' } }],
  ])('of another provider that the statement names: %j', async (condition) => {
    const Principal = { Federated: [principalOf(GITHUB), GITLAB, BUILDKITE] };
    const found = await trustFindings(role(GITHUB, [{ Principal, Condition: condition }]));
    const [policy = ''] = policiesOf(found);
    expect(statementsOf(policy).map((one) => one['Principal'])).toEqual([{ Federated: principalOf(GITHUB) }]);
  });

  it('but keeps a statement of another provider that names its units', async () => {
    const Principal = { Federated: [principalOf(GITHUB), GITLAB] };
    const gitlab = { 'gitlab.com:sub': 'project_path:acme/app:ref_type:branch:ref:main' };
    const condition = { ...app, StringLike: { ...app.StringLike, ...gitlab } };
    const found = await trustFindings(role(GITHUB, [{ Principal, Condition: condition }]));
    const [policy = ''] = policiesOf(found);
    expect(statementsOf(policy).map((one) => one['Principal'])).toEqual([
      { Federated: principalOf(GITHUB) },
      { Federated: GITLAB },
    ]);
  });

  it('of a subject whose form is not known', async () => {
    const known = 'repo:acme/app:ref:refs/heads/main';
    const unknown = 'repo:acme/app:job_workflow_ref:acme/wf/.github/workflows/x.yml@refs/heads/main';
    const condition = { StringEquals: { ...AUD, [SUBJECT]: [known, unknown] } };
    const [policy = ''] = policiesOf(await trustFindings(role(GITHUB, [{ Condition: condition }])));
    expect(subjectsOf(policy)).toEqual([[known, 'repo:acme@*/app@*:ref:refs/heads/main', unknown]]);
  });

  it.each([
    ['a condition', [{ Condition: { ...app, StringNotLike: { [SUBJECT]: 'repo:acme/app:pull_request' } } }]],
    [
      'a Deny statement',
      [
        { Condition: app },
        { Effect: 'Deny', Condition: { StringLike: { [SUBJECT]: 'repo:acme/app:pull_request' } } },
      ],
    ],
  ])('of the newer format, if %s excludes subjects of the older one', async (_, statements) => {
    const found = await trustFindings(role(GITHUB, statements, { role: 'deploy' }));
    expect(found.map(({ check }) => check)).toContain('TRUST009');
    expect(policiesOf(found)).toEqual([]);
  });
});

describe('a corrected policy leaves out nothing that can be meant', () => {
  it.each([
    [GITHUB, ['repo:acme/app:*', 'repo:acme/lib*'], 'repo:acme/lib*'],
    [
      CIRCLECI,
      [`org/${ORG}/project/${PROJECT}/user/*`, `org/${ORG}/project/bbbbbbbb*`],
      `org/${ORG}/project/bbbbbbbb*`,
    ],
  ])('of %s: a wide value beside others becomes a word to replace', async (issuer, values, wide) => {
    const [policy] = (await trustFindings(role(issuer, [like(issuer, values)]))).flatMap(({ remedy }) =>
      policiesIn(remedy),
    );
    expect(policy?.placeholders.some((word) => /^SUBJECT(?:_[A-Z])?$/.test(word))).toBe(true);
    expect(policy?.prose).toContain(JSON.stringify(wide));
  });

  it('has a word for each of thirty repositories', async () => {
    const values = Array.from({ length: 30 }, (_, index) => `repo:acme/r${index}:*`);
    const [policy] = (await trustFindings(role(GITHUB, [like(GITHUB, values)]))).flatMap(({ remedy }) =>
      policiesIn(remedy),
    );
    const words = (policy?.placeholders ?? []).filter((word) => word.startsWith('REPOSITORY_ID_'));
    expect(words).toHaveLength(30);
    expect(words.every((word) => /^REPOSITORY_ID_A?[A-Z]$/.test(word))).toBe(true);
  });

  it('prints no command with a name that a shell would evaluate', async () => {
    const found = await trustFindings(role(GITHUB, [like(GITHUB, 'repo:acme/$(id):*')]));
    expect(found.filter(({ remedy }) => remedy.includes('gh api repos/acme/$'))).toEqual([]);
  });

  it('says if it is longer than IAM accepts by default', async () => {
    const values = Array.from(
      { length: 14 },
      (_, index) => `repo:acme-engineering/service-number-${index}:environment:production`,
    );
    const found = correctable(await trustFindings(role(GITHUB, [like(GITHUB, values)])));
    expect(found.map(({ remedy }) => remedy.includes(String(MAX_LENGTH.default)))).toEqual(
      found.map(() => true),
    );
  });
});

describe('a subject of another tenant', () => {
  it.each(['acmf', 'another-team'])('is TRUST003, whatever the length of its name: %s', async (team) => {
    const vercel = 'https://oidc.vercel.com/acme';
    const found = await trustFindings(
      role(vercel, [like(vercel, `owner:${team}:project:site:environment:production`)], {
        audiences: ['https://vercel.com/acme'],
      }),
    );
    expect(brief(found)).toContain('TRUST003 high');
  });
});
