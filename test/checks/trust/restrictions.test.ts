/** Restrictions that hold, that do not hold, and that are not evaluated: the findings of one role each. */
import { describe, expect, it } from '@jest/globals';
import { policiesIn } from '../../support/corrected-policy';
import { trustFindings } from '../../support/trust-findings';

const ORG = '5f0c2a71-3b64-4d19-9c8e-a17d20b6e4f3';
const OTHER_ORG = 'e1a94c37-6d20-4b85-93fe-0c7b52d8f614';
const PROJECT = '0b8e91d4-72c5-4f3a-8a6d-19e4c7f05b22';
const USER = '9d3b6f18-40a7-4ce2-8f15-72b0e6d4a9c1';
const IAM = 'arn:aws:iam::111122223333:oidc-provider/';
const CIRCLECI = `oidc.circleci.com/org/${ORG}`;
const ROOT = 'oidc.circleci.com';
const GITHUB = 'token.actions.githubusercontent.com';
const GITLAB = 'gitlab.com';
const BUILDKITE = 'agent.buildkite.com';
const LOGIN = 'sts:AssumeRoleWithWebIdentity';

const SUB = `${CIRCLECI}:sub`;
const AUD = { [`${CIRCLECI}:aud`]: ORG };
const ID = { [`${CIRCLECI}:oidc.circleci.com/project-id`]: PROJECT };
const OF_PROJECT = `org/${ORG}/project/${PROJECT}`;
const ANY_USER = '????????-????-????-????-????????????';
const ORIGIN = 'vcs-origin/github.com/acme/widgets';
const MAIN = 'vcs-ref/refs/heads/main';
const OF_MAIN = `${OF_PROJECT}/user/${ANY_USER}/${ORIGIN}/${MAIN}`;
const GITHUB_AUD = { [`${GITHUB}:aud`]: 'sts.amazonaws.com' };

const allow = (issuer: string, Condition: object, Action: unknown = LOGIN): object => ({
  Effect: 'Allow',
  Principal: { Federated: `${IAM}${issuer}` },
  Action,
  Condition,
});
const deny = (Condition: object | null, more: object = {}): object => ({
  Effect: 'Deny',
  Principal: '*',
  Action: LOGIN,
  ...(Condition === null ? {} : { Condition }),
  ...more,
});
const like = (sub: unknown, more: object = {}): object =>
  allow(CIRCLECI, { StringEquals: AUD, StringLike: { [SUB]: sub }, ...more });
const byId = (sub: string): object =>
  allow(CIRCLECI, { StringEquals: { ...AUD, ...ID }, StringLike: { [SUB]: sub } });
const unlessLike = (sub: string, more: object = {}): object =>
  deny({ StringNotLike: { [SUB]: sub }, ...more });
const FROM_OFFICE = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };

const AUDIENCES: ReadonlyMap<string, string> = new Map([
  [CIRCLECI, ORG],
  [GITLAB, 'https://gitlab.com'],
]);

async function findingsOf(
  issuer: string,
  role: string,
  statements: readonly object[],
  version = '2012-10-17',
): Promise<readonly string[]> {
  const found = await trustFindings({
    issuer: `https://${issuer}`,
    audiences: [AUDIENCES.get(issuer) ?? 'sts.amazonaws.com'],
    role,
    attached: [],
    trustPolicy: { Version: version, Statement: statements },
  });
  return found
    .filter(({ severity }) => severity !== 'info')
    .map(({ check, severity }) => `${check} ${severity}`)
    .sort();
}

describe('a deployment role of a project that names a repository', () => {
  it.each([
    ['any branch', 'refs/heads/*', ['TRUST005 medium']],
    ['any ref', 'refs/*', ['TRUST005 medium']],
    ['anything', '*', ['TRUST005 medium']],
    ['branches with a name', 'refs/heads/release/*', []],
    ['one branch', 'refs/heads/main', []],
  ])('and %s', async (_, ref, expected) => {
    const sub = `${OF_PROJECT}/user/${ANY_USER}/${ORIGIN}/vcs-ref/${ref}`;
    expect(await findingsOf(CIRCLECI, 'app-deployer', [like(sub)])).toEqual(expected);
  });

  it.each([
    'gitlab.com/acme/platform/widgets/*',
    'github.com/acme/*',
    'github.com/*',
    'github.com/acme/widgets/vcs-ref*',
  ])('limits other roles, too: %s', async (origin) => {
    const statement = like(`${OF_PROJECT}/user/${ANY_USER}/vcs-origin/${origin}`);
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual([]);
    expect(await findingsOf(CIRCLECI, 'app-deployer', [statement])).toEqual(['TRUST005 medium']);
  });

  it('and one branch of any repository', async () => {
    const sub = `${OF_PROJECT}/user/${USER}/vcs-origin/*/${MAIN}`;
    expect(await findingsOf(CIRCLECI, 'app-deployer', [like(sub)])).toEqual(['TRUST005 medium']);
    expect(await findingsOf(CIRCLECI, 'ci-role', [like(sub)])).toEqual(['TRUST005 low']);
  });
});

describe('a limit to a branch or a repository behind a wildcard does not hold', () => {
  it.each([
    ['the subject begins with it', byId(`*/${MAIN}`)],
    ['it replaces the name of the part', byId('*refs/heads/main')],
    ['it replaces the project', byId(`org/${ORG}/*/${MAIN}`)],
    ['the repository behind it', byId(`*/${ORIGIN}/*`)],
    ['it replaces the user and more', like(`${OF_PROJECT}/*/${ORIGIN}/${MAIN}`)],
    ['it replaces everything between project and branch', like(`${OF_PROJECT}*refs/heads/main`)],
    ['it begins with a slash', like(`${OF_PROJECT}/*refs/heads/main`)],
  ])('%s', async (_, statement) => {
    expect(await findingsOf(CIRCLECI, 'app-deployer', [statement])).toEqual(['TRUST005 medium']);
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual(['TRUST005 low']);
  });
});

describe('a limit that a Deny statement writes', () => {
  const project = like(`${OF_PROJECT}/user/*`);

  it('is one like a limit in the Allow statement', async () => {
    const open = [project, unlessLike(`${OF_PROJECT}/user/*/${ORIGIN}/${MAIN}`)];
    expect(await findingsOf(CIRCLECI, 'ci-role', open)).toEqual(['TRUST005 low']);
    expect(await findingsOf(CIRCLECI, 'app-deployer', open)).toEqual(['TRUST005 medium']);
    expect(await findingsOf(CIRCLECI, 'app-deployer', [project, unlessLike(OF_MAIN)])).toEqual([]);
  });

  it('is none if the Deny refuses what it names', async () => {
    const others = deny({ StringLike: { [SUB]: `${OF_PROJECT}/user/*/${ORIGIN}/${MAIN}` } });
    expect(await findingsOf(CIRCLECI, 'ci-role', [project, others])).toEqual([]);
  });

  it('of one subject leaves open who else can log in', async () => {
    const okta = 'acme.okta.com';
    const one = deny({ StringEquals: { [`${okta}:sub`]: 'somebody' } });
    expect(await findingsOf(okta, 'ci-role', [allow(okta, {}), one])).toEqual(['TRUST001 medium']);
  });

  it.each([
    [GITHUB, 'repo:acme@1/widgets@2:*'],
    [GITLAB, 'project_path:acme/widgets:*'],
  ])('limits the subjects of %s, also in forms that are not known', async (issuer, sub) => {
    const aud = { StringEquals: { [`${issuer}:aud`]: AUDIENCES.get(issuer) ?? 'sts.amazonaws.com' } };
    const policy = [allow(issuer, aud), deny({ StringNotLike: { [`${issuer}:sub`]: sub } })];
    expect(await findingsOf(issuer, 'ci-role', policy)).not.toContain('TRUST001 medium');
  });

  it('does not limit those that it may not be about', async () => {
    const policy = [
      allow(GITHUB, { StringEquals: GITHUB_AUD }),
      deny({ StringNotLike: { [`${GITHUB}:sub`]: 'repo:acme@1/widgets@2:*' }, ...FROM_OFFICE }),
    ];
    expect(await findingsOf(GITHUB, 'ci-role', policy)).toContain('TRUST001 medium');
  });
});

describe('conditions that are not about tokens do not hide what a role admits', () => {
  const project = `${OF_PROJECT}/user/*`;

  it.each([
    ['an address', [like(project, FROM_OFFICE)]],
    ['a time', [like(project, { DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } })]],
    ['a tag', [like(project, { StringEqualsIfExists: { 'aws:PrincipalTag/team': 'a' } })]],
    ['an address, denied', [like(project), deny({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })]],
  ])('%s', async (_, statements) => {
    expect(await findingsOf(CIRCLECI, 'app-deployer', statements)).toEqual(['TRUST005 medium']);
    expect(await findingsOf(CIRCLECI, 'ci-role', statements)).toEqual([]);
  });

  it('names only, of GitHub', async () => {
    const both = ['repo:acme/widgets:ref:refs/heads/main', 'repo:acme@*/widgets@*:ref:refs/heads/main'];
    const statement = allow(GITHUB, {
      StringEquals: GITHUB_AUD,
      StringLike: { [`${GITHUB}:sub`]: both },
      ...FROM_OFFICE,
    });
    expect(await findingsOf(GITHUB, 'ci-role', [statement])).toEqual(['TRUST008 low']);
  });

  it('of a Deny whose principal is not evaluated, it is not known whether logins work', async () => {
    const project = like(`${OF_PROJECT}/user/*`);
    const other = { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } };
    expect(await findingsOf(CIRCLECI, 'ci-role', [project, deny(null, other)])).toEqual(['TRUST001 medium']);
    expect(
      await findingsOf(CIRCLECI, 'ci-role', [project, deny(null, { ...other, Action: 'sts:AssumeRole' })]),
    ).toEqual([]);
    expect(
      await findingsOf(CIRCLECI, 'ci-role', [project, deny(null, { Principal: { Federated: '*' } })]),
    ).toEqual(['TRUST001 medium']);
    expect(await findingsOf(CIRCLECI, 'ci-role', [project, deny(null, other), deny(null)])).toEqual([
      'TRUST007 high',
    ]);
  });
});

describe('a limit by a key that no token has', () => {
  it.each([
    ['StringEqualsIfExists', `${CIRCLECI}:oidc.circleci.com/vcs-ref`],
    ['ForAllValues:StringEquals', `${CIRCLECI}:oidc.circleci.com/vcs-ref`],
  ])('%s restricts nothing', async (operator, key) => {
    const statement = like(`${OF_PROJECT}/user/*`, { [operator]: { [key]: 'refs/heads/main' } });
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual(['TRUST005 low']);
    expect(await findingsOf(CIRCLECI, 'app-deployer', [statement])).toEqual(['TRUST005 medium']);
  });

  it.each(['preferred_username', 'stage', 'vcs-ref'])(
    '%s of an issuer without branches is none',
    async (name) => {
      const okta = 'acme.okta.com';
      const statement = allow(okta, {
        StringEquals: { [`${okta}:sub`]: '00u1' },
        StringEqualsIfExists: { [`${okta}:${name}`]: 'a' },
      });
      expect(await findingsOf(okta, 'app-deployer', [statement])).toEqual([]);
    },
  );

  it('does not matter where the subject names the branch, whatever another statement admits', async () => {
    const named = like(OF_MAIN, {
      StringEqualsIfExists: { [`${CIRCLECI}:oidc.circleci.com/vcs-ref`]: 'refs/heads/main' },
    });
    expect(await findingsOf(CIRCLECI, 'ci-role', [named, like(`${OF_PROJECT}/user/*`)])).toEqual([]);
  });
});

describe('two causes in two statements are two findings', () => {
  it.each([
    ['of a pattern in the owner', 'repo:acme*'],
    ['of a pattern that is everything', '*'],
  ])('%s, and one in the repository', async (_, first) => {
    const statements = [first, 'repo:other/*'].map((sub) =>
      allow(GITHUB, { StringEquals: GITHUB_AUD, StringLike: { [`${GITHUB}:sub`]: sub } }),
    );
    const found = await findingsOf(GITHUB, 'ci-role', statements);
    expect(found.filter((one) => one.startsWith('TRUST00'))).toEqual(['TRUST002 critical', 'TRUST002 high']);
  });
});

describe('one cause is one finding', () => {
  it.each([
    ['a wildcard before the tenant', 'org/*', ['PROV003 critical', 'TRUST002 critical']],
    ['a wildcard for all', '*', ['PROV003 critical', 'TRUST002 critical']],
  ])('of the root issuer: %s', async (_, sub, expected) => {
    const statement = allow(ROOT, {
      StringEquals: { [`${ROOT}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${ROOT}:sub`]: sub },
    });
    expect(await findingsOf(ROOT, 'ci-role', [statement])).toEqual(expected);
  });

  it('of another organization in a list', async () => {
    const subs = [`${OF_PROJECT}/user/*`, `org/${OTHER_ORG}/project/${PROJECT}/user/*`];
    expect(await findingsOf(CIRCLECI, 'ci-role', [like(subs)])).toEqual(['TRUST003 high']);
  });

  it('a Null condition is no wildcard', async () => {
    const statement = allow(CIRCLECI, {
      StringEquals: AUD,
      Null: { [`${CIRCLECI}:oidc.circleci.com/project-id`]: 'false' },
    });
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual(['TRUST001 high']);
  });
});

describe('values and actions that no login has', () => {
  it('one audience of a list that the provider does not accept', async () => {
    const auds = { [`${CIRCLECI}:aud`]: [ORG, 'sts.amazonaws.com'] };
    const statement = allow(CIRCLECI, { StringEquals: { ...auds, ...ID } });
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual(['TRUST007 medium']);
  });

  it('session tags that the policy does not permit', async () => {
    const tagged = (Action: unknown): object =>
      allow(
        BUILDKITE,
        {
          StringEquals: {
            [`${BUILDKITE}:aud`]: 'sts.amazonaws.com',
            [`${BUILDKITE}:sub`]: 'organization:acme:pipeline:widgets:ref:refs/heads/main:commit:a:step:b',
            'aws:RequestTag/organization_slug': 'acme',
          },
        },
        Action,
      );
    expect(await findingsOf(BUILDKITE, 'ci-role', [tagged(LOGIN)])).toEqual(['TRUST007 high']);
    expect(await findingsOf(BUILDKITE, 'ci-role', [tagged([LOGIN, 'sts:TagSession'])])).not.toContain(
      'TRUST007 high',
    );
  });

  it('a statement for session tags without a login', async () => {
    const statement = allow(CIRCLECI, { StringEquals: { ...AUD, ...ID } }, 'sts:TagSession');
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toContain('TRUST007 high');
    const login = allow(CIRCLECI, { StringEquals: { ...AUD, ...ID } });
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement, login])).toEqual([]);
  });

  it.each(['2008-10-17'])('policy variables under Version %s are plain text', async (version) => {
    const variable = { [`${CIRCLECI}:oidc.circleci.com/project-id`]: '${aws:PrincipalTag/project}' };
    const statement = allow(CIRCLECI, { StringEquals: { ...AUD, ...variable } });
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement], version)).toEqual(['TRUST007 high']);
    expect(await findingsOf(CIRCLECI, 'ci-role', [statement])).toEqual(['TRUST001 medium']);
  });
});

describe('the corrected policy keeps what a statement means', () => {
  const ANY = `${OF_PROJECT}/user/${ANY_USER}`;

  /** The examples of subjects in a remedy, or the subjects of its policy. */
  async function corrected(role: string, statement: object): Promise<string> {
    const [found] = (
      await trustFindings({
        issuer: `https://${CIRCLECI}`,
        audiences: [ORG],
        role,
        attached: [],
        trustPolicy: { Version: '2012-10-17', Statement: [statement] },
      })
    ).filter(({ severity }) => severity !== 'info');
    const [policy] = policiesIn(found?.remedy ?? '');
    return `${policy?.prose ?? ''}\n${policy?.filledIn({ SUBJECT: 'SUBJECT', PROJECT_ID: 'PROJECT_ID' }) ?? ''}`;
  }

  it.each([
    [
      'a branch under a key that no token has',
      like(`${OF_PROJECT}/user/*`, {
        StringEquals: { ...AUD, [`${CIRCLECI}:oidc.circleci.com/vcs-ref`]: 'refs/heads/main' },
      }),
      `${ANY}/vcs-origin/ORIGIN/${MAIN}`,
    ],
    [
      'a project under a key that no token has',
      allow(CIRCLECI, { StringEquals: { ...AUD, [`${CIRCLECI}:project-id`]: PROJECT } }),
      `:oidc.circleci.com/project-id":"${PROJECT}"`,
    ],
    ['a branch without refs/heads/', like(`${ANY}/${ORIGIN}/vcs-ref/main`), `${ANY}/${ORIGIN}/${MAIN}`],
    [
      'a branch that ends in a slash',
      like(`${ANY}/${ORIGIN}/${MAIN}/`),
      `${ANY}/${ORIGIN}/vcs-ref/refs/heads/REF`,
    ],
    [
      'several branches under a key that no token has',
      like(`${OF_PROJECT}/user/*`, {
        StringEquals: {
          ...AUD,
          [`${CIRCLECI}:oidc.circleci.com/vcs-ref`]: ['refs/heads/main', 'refs/heads/next'],
        },
      }),
      `${ANY}/vcs-origin/ORIGIN/${MAIN}`,
    ],
    [
      'branches with a wildcard under such a key',
      like(`${OF_PROJECT}/user/*`, {
        StringLike: {
          [SUB]: `${OF_PROJECT}/user/*`,
          [`${CIRCLECI}:oidc.circleci.com/vcs-ref`]: 'refs/heads/release/*',
        },
      }),
      `${ANY}/vcs-origin/ORIGIN/vcs-ref/refs/heads/release/*`,
    ],
    [
      'several projects under a wrong key',
      allow(CIRCLECI, {
        StringEquals: { ...AUD, [`${CIRCLECI}:project_id`]: [PROJECT.toUpperCase(), USER] },
      }),
      `:oidc.circleci.com/project-id":["${PROJECT}","${USER}"]`,
    ],
    [
      'a repository and a branch behind a leading wildcard',
      byId(`*/${ORIGIN}/${MAIN}`),
      `${ANY}/${ORIGIN}/${MAIN}`,
    ],
    [
      'a project id with a space',
      allow(CIRCLECI, {
        StringEquals: { ...AUD, [`${CIRCLECI}:oidc.circleci.com/project-id`]: `${PROJECT} ` },
      }),
      `:oidc.circleci.com/project-id":"${PROJECT}"`,
    ],
    [
      'a repository, not what is below it',
      like(`${OF_PROJECT}/user/*/${ORIGIN}/*`),
      `${ANY}/${ORIGIN}/vcs-ref/*`,
    ],
    [
      'a subject of one user, in both formats',
      like(`${OF_PROJECT}/user/${USER}`),
      `${OF_PROJECT}/user/${USER}/vcs-origin/*`,
    ],
  ])('%s', async (_, statement, expected) => {
    expect(await corrected('ci-role', statement)).toContain(expected);
  });

  it.each([
    [
      'each branch, of a deployment role',
      `${ANY}/${ORIGIN}/vcs-ref/refs/heads/*`,
      `${ANY}/${ORIGIN}/vcs-ref/refs/heads/REF`,
    ],
    [
      'a repository that a wildcard hides',
      `${ANY}/vcs-origin/github.com/acme/*/${MAIN}`,
      `${ANY}/vcs-origin/ORIGIN/${MAIN}`,
    ],
  ])('%s', async (_, sub, expected) => {
    expect(await corrected('app-deployer', like(sub))).toContain(expected);
  });

  it('does not limit tags that a list names to a branch', async () => {
    const tags = 'repo:acme@1/widgets@2:ref:refs/tags/v*';
    const list = ['repo:acme@1/widgets@2:ref:refs/heads/*', tags];
    const [found] = await trustFindings({
      issuer: `https://${GITHUB}`,
      audiences: ['sts.amazonaws.com'],
      role: 'app-deployer',
      attached: [],
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [allow(GITHUB, { StringEquals: GITHUB_AUD, StringLike: { [`${GITHUB}:sub`]: list } })],
      },
    });
    const [policy] = policiesIn(found?.remedy ?? '');
    expect(policy?.filledIn({ SUBJECT: 'SUBJECT' })).toContain(`["${tags}","SUBJECT"]`);
  });

  it('drops a condition without effect', async () => {
    const key = `${CIRCLECI}:oidc.circleci.com/vcs-ref`;
    const text = await corrected(
      'ci-role',
      like(`${OF_PROJECT}/user/*`, { StringEqualsIfExists: { [key]: 'refs/heads/main' } }),
    );
    expect(text).not.toContain('IfExists');
    expect(text).toContain(`${ANY}/vcs-origin/ORIGIN/${MAIN}`);
  });

  it('has one subject to complete for each value that is not right', async () => {
    const right = `${ANY}/${ORIGIN}/${MAIN}`;
    const text = await corrected('app-deployer', like([right, `${ANY}/${ORIGIN}/vcs-ref/*`]));
    expect(text).toContain(`["${right}","SUBJECT"]`);
  });
});
