/** Every kind of issuer, with the mistakes that people make in conditions for it, and the findings about each. */
import { principalOf } from '../trust-findings';
import type { RoleOfProvider } from '../trust-findings';

/** Operators, keys and values. A key without a colon is the issuer's own, without its prefix. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Something that people write. */
export interface Mistake {
  /** A noun phrase. */
  readonly what: string;
  readonly conditions: Conditions;
  /** The role has the policy AdministratorAccess. */
  readonly isPrivileged?: true;
  /** Its conditions do not mention the audience. */
  readonly hasNoAudience?: true;
  /** All findings, such as `TRUST001 high`, in the order of reports. */
  readonly findings: readonly string[];
}

/** Condition keys that people write and AWS STS does not have for these tokens. */
export interface AbsentKeys {
  readonly keys: readonly string[];
  /** With StringEquals. */
  readonly findings: readonly string[];
  /** With StringEqualsIfExists. */
  readonly ifExists: readonly string[];
}

/** A part of `docs/issuers.md`. */
export interface IssuerSection {
  readonly title: string;
  /** The id of its profile; null: there is none. */
  readonly profile: string | null;
  /** How the monitor recognizes such an issuer, as a noun phrase. */
  readonly recognized: string;
  /** The first one is evaluated. All are recognized. */
  readonly issuers: readonly [string, ...string[]];
  /** What the provider accepts. */
  readonly audience: string;
  /** Which audience tokens have, and who chooses it, for the page. */
  readonly usualAudience: string;
  /** Conditions that are right for a role with the policy AdministratorAccess, and what is found. */
  readonly right: Omit<Mistake, 'what'>;
  readonly mistakes: readonly Mistake[];
  readonly absent: AbsentKeys | null;
}

const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** What a role needs of a section. */
export type TrustedIssuer = Pick<IssuerSection, 'issuers' | 'audience'>;

const prefixOf = ({ issuers: [issuer] }: TrustedIssuer): string =>
  issuer.slice('https://'.length).toLowerCase();

/** The conditions of a policy: each key with its prefix. */
export function conditionsOf(section: TrustedIssuer, conditions: Conditions): object {
  const own = (key: string): string => (key.includes(':') ? key : `${prefixOf(section)}:${key}`);
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, tests]) => [
      operator,
      Object.fromEntries(Object.entries(tests).map(([key, value]) => [own(key), value])),
    ]),
  );
}

/** A role with these conditions, and with one on the audience, unless they have one. */
export function roleOf(
  section: TrustedIssuer,
  { conditions, isPrivileged, hasNoAudience }: Omit<Mistake, 'what' | 'findings'>,
): RoleOfProvider {
  const { issuers, audience } = section;
  const [issuer] = issuers;
  const hasAudience = Object.values(conditions).some((tests) => 'aud' in tests || 'oaud' in tests);
  const all: Conditions =
    hasAudience || hasNoAudience === true
      ? conditions
      : { ...conditions, StringEquals: { aud: audience, ...conditions['StringEquals'] } };
  return {
    issuer,
    audiences: [audience],
    role: 'ci',
    attached: isPrivileged === true ? [ADMINISTRATOR] : [],
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: principalOf(issuer) },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: conditionsOf(section, all),
        },
      ],
    },
  };
}

/** The subjects that a section's conditions have: issuers on customers' hosts are recognized by them. */
export const subjectsOf = ({ right }: IssuerSection): readonly string[] =>
  Object.values(right.conditions).flatMap((tests) =>
    Object.entries(tests).flatMap(([key, value]) => (key === 'sub' ? [value].flat() : [])),
  );

/** A role whose findings are known. */
export interface RoleOfPage {
  readonly name: string;
  readonly role: RoleOfProvider;
  readonly findings: readonly string[];
}

/** Every role of a section: with right conditions, with each mistake, and with each absent key. */
export const rolesOf = (section: IssuerSection): readonly RoleOfPage[] => [
  {
    name: 'right conditions',
    role: roleOf(section, { ...section.right, isPrivileged: true }),
    findings: section.right.findings,
  },
  ...section.mistakes.map((one) => ({ name: one.what, role: roleOf(section, one), findings: one.findings })),
  ...(section.absent === null ? [] : absentRoles(section, section.absent)),
];

const absentRoles = (
  section: IssuerSection,
  { keys, findings, ifExists }: AbsentKeys,
): readonly RoleOfPage[] =>
  keys.flatMap((key) => [
    {
      name: `StringEquals ${key}`,
      role: roleOf(section, { conditions: { StringEquals: { [key]: 'main' } } }),
      findings,
    },
    {
      name: `StringEqualsIfExists ${key}`,
      role: roleOf(section, { conditions: { StringEqualsIfExists: { [key]: 'main' } } }),
      findings: ifExists,
    },
  ]);

/** Made-up UUIDs, which the page shows as words. */
export const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** Of another customer. */
export const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
/** Of a project, a pipeline or a repository. */
export const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const ANY_USER = '????????-????-????-????-????????????';
const MAIN = 'vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';

const like = (key: string, value: string | readonly string[]): Conditions => ({
  StringLike: { [key]: value },
});
const equals = (key: string, value: string | readonly string[]): Conditions => ({
  StringEquals: { [key]: value },
});

const CIRCLECI: IssuerSection = {
  title: 'CircleCI',
  profile: 'circleci',
  recognized: 'the host `oidc.circleci.com` and a path `/org/UUID`',
  issuers: [`https://oidc.circleci.com/org/${ORG}`],
  audience: ORG,
  usualAudience: 'the id of the organization, unless the job asks for another',
  right: {
    conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/${ANY_USER}/${MAIN}`),
    findings: [],
  },
  mistakes: [
    { what: 'no condition on `sub` or `project-id`', conditions: {}, findings: ['TRUST001 high'] },
    { what: 'every project', conditions: like('sub', `org/${ORG}/*`), findings: ['TRUST002 high'] },
    {
      what: 'a wildcard in the place of the project',
      conditions: like('sub', `org/${ORG}/project/*/user/*/${MAIN}`),
      findings: ['TRUST002 high'],
    },
    {
      what: 'a branch behind `user/*`: the wildcard also matches another repository, and a branch with such a name',
      conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/*/${MAIN}`),
      findings: ['TRUST005 low'],
    },
    {
      what: 'the same, on a role with AdministratorAccess',
      conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/*/${MAIN}`),
      isPrivileged: true,
      findings: ['TRUST005 medium'],
    },
    {
      what: 'every branch, on a role with AdministratorAccess',
      conditions: equals('oidc.circleci.com/project-id', PROJECT),
      isPrivileged: true,
      findings: ['TRUST005 medium'],
    },
    {
      what: 'a subject that ends before `/vcs-origin/`',
      conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/${ANY_USER}`),
      findings: ['TRUST007 medium'],
    },
    {
      what: 'an origin with a scheme',
      conditions: like(
        'sub',
        `org/${ORG}/project/${PROJECT}/user/${ANY_USER}/vcs-origin/https://github.com/acme/app/*`,
      ),
      findings: ['TRUST007 high'],
    },
    {
      what: 'an id in upper case',
      conditions: equals('oidc.circleci.com/project-id', PROJECT.toUpperCase()),
      findings: ['TRUST007 high'],
    },
    {
      what: 'another organization',
      conditions: like('sub', `org/${OTHER_ORG}/project/${PROJECT}/user/*`),
      findings: ['TRUST003 high'],
    },
    {
      what: 'the condition key of the root issuer',
      conditions: like('oidc.circleci.com:sub', `org/${ORG}/project/${PROJECT}/user/*`),
      findings: ['TRUST003 high'],
    },
  ],
  absent: {
    keys: [
      'oidc.circleci.com/vcs-ref',
      'oidc.circleci.com/vcs-origin',
      'oidc.circleci.com/context-ids',
      'oidc.circleci.com/ssh-rerun',
      'oidc.circleci.com/pipeline-definition-id',
      'oidc.circleci.com/org-id',
    ],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const CIRCLECI_ROOT: IssuerSection = {
  title: 'CircleCI, root issuer',
  profile: 'circleci',
  recognized: 'the host `oidc.circleci.com` without a path',
  issuers: ['https://oidc.circleci.com'],
  audience: ORG,
  usualAudience: 'the id of the organization, unless the job asks for another',
  right: {
    conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/${ANY_USER}/${MAIN}`),
    findings: ['PROV003 high'],
  },
  mistakes: [
    {
      what: 'no condition on `sub`',
      conditions: {},
      findings: ['PROV003 critical', 'TRUST001 critical'],
    },
    {
      what: 'a wildcard in the place of the organization',
      conditions: like('sub', `org/*/project/${PROJECT}/user/*`),
      findings: ['PROV003 critical', 'TRUST002 critical'],
    },
    {
      what: 'every project',
      conditions: like('sub', `org/${ORG}/*`),
      findings: ['PROV003 high', 'TRUST002 high'],
    },
  ],
  absent: {
    keys: ['oidc.circleci.com/project-id', 'oidc.circleci.com/vcs-ref'],
    findings: ['PROV003 high', 'TRUST007 high'],
    ifExists: ['PROV003 critical', 'TRUST001 critical'],
  },
};

const CIRCLECI_SERVER: IssuerSection = {
  title: 'CircleCI Server',
  profile: 'circleci',
  recognized: 'another host and a path `/org/UUID`',
  issuers: [`https://ci.example.com/org/${ORG}`],
  audience: ORG,
  usualAudience: 'the id of the organization, unless the job asks for another',
  right: {
    conditions: like('sub', `org/${ORG}/project/${PROJECT}/user/${ANY_USER}/${MAIN}`),
    findings: [],
  },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    { what: 'every project', conditions: like('sub', `org/${ORG}/*`), findings: ['TRUST002 high'] },
  ],
  absent: {
    keys: ['oidc.circleci.com/project-id', 'project-id', 'oidc.circleci.com/vcs-ref'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const GITHUB: IssuerSection = {
  title: 'GitHub Actions',
  profile: 'github',
  recognized: 'the host `token.actions.githubusercontent.com` without a path',
  issuers: ['https://token.actions.githubusercontent.com'],
  audience: 'sts.amazonaws.com',
  usualAudience:
    '`https://github.com/OWNER`, unless the job asks for another. The action `aws-actions/configure-aws-credentials` asks for `sts.amazonaws.com`',
  right: {
    conditions: {
      StringEquals: { repository_owner_id: '4711', repository_id: '815' },
      StringLike: {
        sub: ['repo:acme/app:ref:refs/heads/main', 'repo:acme@4711/app@815:ref:refs/heads/main'],
      },
    },
    findings: [],
  },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 critical'] },
    {
      what: 'a wildcard directly after the owner: `acme-evil/app` matches, too',
      conditions: like('sub', 'repo:acme*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'wildcards that are meant to match both formats',
      conditions: like('sub', 'repo:acme*/app*:ref:refs/heads/main'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'every repository of the owner',
      conditions: like('sub', ['repo:acme/*', 'repo:acme@4711/*']),
      findings: ['TRUST002 high'],
    },
    {
      what: 'only the owner',
      conditions: equals('repository_owner_id', '4711'),
      findings: ['TRUST001 high'],
    },
    ...[
      ['job_workflow_ref', 'acme/workflows/.github/workflows/deploy.yml@refs/heads/main'],
      ['workflow', 'deploy'],
      ['ref', 'refs/heads/main'],
      ['environment', 'production'],
      ['actor', 'octocat'],
    ].map(([key = '', value = '']) => ({
      what: `only \`${key}\``,
      conditions: equals(key, value),
      findings: ['TRUST001 critical'],
    })),
    {
      what: 'every branch, tag, environment and pull request, on a role with AdministratorAccess',
      conditions: like('sub', 'repo:acme@4711/app@815:*'),
      isPrivileged: true,
      findings: ['TRUST005 medium', 'TRUST010 medium'],
    },
    {
      what: 'only names, which somebody else can register after they were given up',
      conditions: like('sub', 'repo:acme@*/app@*:ref:refs/heads/main'),
      findings: ['TRUST008 low'],
    },
    {
      what: 'the same, on a role with AdministratorAccess',
      conditions: like('sub', 'repo:acme@*/app@*:ref:refs/heads/main'),
      isPrivileged: true,
      findings: ['TRUST008 medium'],
    },
    {
      what: 'only the format without ids',
      conditions: { StringEquals: { sub: 'repo:acme/app:ref:refs/heads/main', repository_id: '815' } },
      findings: ['TRUST009 low'],
    },
    {
      what: 'a wildcard under StringEquals',
      conditions: equals('sub', 'repo:acme/app:*'),
      findings: ['TRUST007 high'],
    },
  ],
  absent: {
    keys: [
      'repository_owner',
      'event_name',
      'workflow_ref',
      'runner_environment',
      'repository_visibility',
      'repo_property_team',
      'head_ref',
      'base_ref',
      'sha',
      'iss',
    ],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 critical'],
  },
};

const GITHUB_ENTERPRISE: IssuerSection = {
  title: 'GitHub Actions, issuer of an enterprise',
  profile: 'github',
  recognized:
    'the host `token.actions.githubusercontent.com` with a path, or a host `token.actions.NAME.ghe.com` (data residency)',
  issuers: ['https://token.actions.githubusercontent.com/acme-corp', 'https://token.actions.acme.ghe.com'],
  audience: 'sts.amazonaws.com',
  usualAudience: 'as on GitHub Actions',
  right: GITHUB.right,
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    {
      what: 'the condition key of the issuer without a path',
      conditions: like('token.actions.githubusercontent.com:sub', 'repo:acme/app:*'),
      findings: ['TRUST003 high'],
    },
    {
      what: 'every repository of the owner',
      conditions: like('sub', ['repo:acme/*', 'repo:acme@4711/*']),
      findings: ['TRUST002 high'],
    },
  ],
  absent: {
    keys: GITHUB.absent?.keys ?? [],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const GITHUB_SERVER: IssuerSection = {
  title: 'GitHub Enterprise Server',
  profile: 'github',
  recognized: 'the path `/_services/token`',
  issuers: ['https://github.example.com/_services/token'],
  audience: 'sts.amazonaws.com',
  usualAudience:
    'the URL of the owner, unless the job asks for another. The action `aws-actions/configure-aws-credentials` asks for `sts.amazonaws.com`',
  right: { conditions: equals('sub', 'repo:acme/app:ref:refs/heads/main'), findings: [] },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    {
      what: 'every repository of the owner',
      conditions: like('sub', 'repo:acme/*'),
      findings: ['TRUST002 high'],
    },
    {
      what: 'every branch, tag, environment and pull request, on a role with AdministratorAccess',
      conditions: like('sub', 'repo:acme/app:*'),
      isPrivileged: true,
      findings: ['TRUST005 medium', 'TRUST010 medium'],
    },
    {
      what: 'the condition key of github.com',
      conditions: equals('token.actions.githubusercontent.com:sub', 'repo:acme/app:ref:refs/heads/main'),
      findings: ['TRUST003 high'],
    },
  ],
  absent: {
    keys: ['repository_id', 'repository_owner_id', 'repository', 'ref', 'environment', 'job_workflow_ref'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const GITLAB_MAIN = 'project_path:acme/app:ref_type:branch:ref:main';

const GITLAB: IssuerSection = {
  title: 'GitLab.com',
  profile: 'gitlab',
  recognized: 'the host `gitlab.com`',
  issuers: ['https://gitlab.com'],
  audience: 'https://gitlab.com',
  usualAudience: 'none: each job names one. The documentation of GitLab uses `https://gitlab.com`',
  right: {
    conditions: { StringEquals: { sub: GITLAB_MAIN, project_id: '4711' } },
    findings: ['TRUST007 info'],
  },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 critical'] },
    {
      what: 'every project',
      conditions: like('sub', 'project_path:*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'a wildcard directly after the group: `acme-evil/app` matches, too',
      conditions: like('sub', 'project_path:acme*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'every project of the group and of its subgroups',
      conditions: like('sub', 'project_path:acme/*:ref_type:branch:ref:main'),
      findings: ['TRUST002 high'],
    },
    {
      what: 'only the person who started the job',
      conditions: equals('user_login', 'anna'),
      findings: ['TRUST001 critical', 'TRUST007 info'],
    },
    {
      what: 'only `ref_protected`',
      conditions: equals('ref_protected', 'true'),
      findings: ['TRUST001 critical', 'TRUST007 info'],
    },
    {
      what: 'only names, which somebody else can register after they were given up',
      conditions: equals('sub', GITLAB_MAIN),
      findings: ['TRUST008 low'],
    },
    {
      what: 'every branch and tag, on a role with AdministratorAccess',
      conditions: like('sub', 'project_path:acme/app:*'),
      isPrivileged: true,
      findings: ['TRUST005 medium', 'TRUST008 medium'],
    },
  ],
  absent: {
    keys: ['project_path', 'namespace_path', 'ref', 'ref_type', 'environment', 'environment_protected'],
    findings: ['TRUST001 medium'],
    ifExists: ['TRUST001 medium'],
  },
};

const GITLAB_OWN: IssuerSection = {
  title: 'GitLab self-managed',
  profile: 'gitlab',
  recognized:
    'a host that has `gitlab` as a part of its name, or a policy whose subjects begin with `project_path:`',
  issuers: ['https://gitlab.example.com', 'https://code.example.com'],
  audience: 'https://gitlab.example.com',
  usualAudience: 'none: each job names one',
  right: { conditions: equals('sub', GITLAB_MAIN), findings: [] },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    {
      what: 'condition keys of gitlab.com',
      conditions: equals('gitlab.com:sub', GITLAB_MAIN),
      findings: ['TRUST003 high'],
    },
    {
      what: 'every project of the group and of its subgroups',
      conditions: like('sub', 'project_path:acme/*'),
      findings: ['TRUST002 high'],
    },
  ],
  absent: {
    keys: ['project_id', 'namespace_id', 'user_login', 'project_path', 'ref', 'environment'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const HCP_APPLY = 'organization:acme:project:main:workspace:app:run_phase:apply';

const HCP_TERRAFORM: IssuerSection = {
  title: 'HCP Terraform',
  profile: 'hcp-terraform',
  recognized: 'the hosts `app.terraform.io` and `app.eu.terraform.io`',
  issuers: ['https://app.terraform.io', 'https://app.eu.terraform.io'],
  audience: 'aws.workload.identity',
  usualAudience: '`aws.workload.identity`, unless the workspace has another',
  right: { conditions: equals('sub', HCP_APPLY), findings: [] },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 critical'] },
    {
      what: 'no organization',
      conditions: like('sub', 'organization:*:project:*:workspace:app:run_phase:*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'a wildcard directly after the organization: `acme-evil` matches, too',
      conditions: like('sub', 'organization:acme*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'every workspace',
      conditions: like('sub', 'organization:acme:*'),
      findings: ['TRUST002 high'],
    },
    {
      what: 'every run phase, on a role with AdministratorAccess',
      conditions: like('sub', 'organization:acme:project:main:workspace:app:run_phase:*'),
      isPrivileged: true,
      findings: ['TRUST005 medium', 'TRUST010 medium'],
    },
  ],
  absent: {
    keys: [
      'terraform_organization_name',
      'terraform_workspace_name',
      'terraform_workspace_id',
      'terraform_run_phase',
    ],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 critical'],
  },
};

const TERRAFORM_ENTERPRISE: IssuerSection = {
  title: 'Terraform Enterprise',
  profile: 'hcp-terraform',
  recognized: 'a policy whose subjects begin with `organization:…:project:`',
  issuers: ['https://terraform.example.com'],
  audience: 'aws.workload.identity',
  usualAudience: '`aws.workload.identity`, unless the workspace has another',
  right: { conditions: equals('sub', HCP_APPLY), findings: [] },
  mistakes: [
    {
      what: 'every workspace of the project',
      conditions: like('sub', 'organization:acme:project:main:workspace:*'),
      findings: ['TRUST002 high'],
    },
  ],
  absent: null,
};

const PIPELINE = 'organization:acme:pipeline:app';

const BUILDKITE: IssuerSection = {
  title: 'Buildkite',
  profile: 'buildkite',
  recognized: 'the host `agent.buildkite.com`',
  issuers: ['https://agent.buildkite.com'],
  audience: 'sts.amazonaws.com',
  usualAudience: '`https://buildkite.com/ORGANIZATION`, unless the job asks for another',
  right: {
    conditions: {
      StringEquals: { organization_id: ORG, pipeline_id: PROJECT },
      StringLike: { sub: `${PIPELINE}:ref:refs/heads/main:commit:*:step:*` },
    },
    findings: ['TRUST007 info'],
  },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 critical'] },
    {
      what: 'a wildcard directly after the organization: `acme-evil` matches, too',
      conditions: like('sub', 'organization:acme*'),
      findings: ['TRUST002 critical'],
    },
    {
      what: 'every pipeline',
      conditions: like('sub', 'organization:acme:*'),
      findings: ['TRUST002 high'],
    },
    {
      what: 'only the branch',
      conditions: equals('build_branch', 'main'),
      findings: ['TRUST001 critical', 'TRUST007 info'],
    },
    {
      what: 'only names, which somebody else can register after they were given up',
      conditions: like('sub', `${PIPELINE}:*`),
      findings: ['TRUST008 low'],
    },
    {
      what: 'every branch and tag, on a role with AdministratorAccess',
      conditions: like('sub', `${PIPELINE}:*`),
      isPrivileged: true,
      findings: ['TRUST005 medium', 'TRUST008 medium'],
    },
  ],
  absent: {
    keys: ['build_tag', 'step_key', 'runner_environment'],
    findings: ['TRUST001 medium'],
    ifExists: ['TRUST001 medium'],
  },
};

const BITBUCKET: IssuerSection = {
  title: 'Bitbucket Pipelines',
  profile: 'bitbucket',
  recognized: 'the host `api.bitbucket.org` and a path `/2.0/workspaces/NAME/pipelines-config/identity/oidc`',
  issuers: ['https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc'],
  audience: `ari:cloud:bitbucket::workspace/${ORG}`,
  usualAudience: '`ari:cloud:bitbucket::workspace/UUID`. A step may add others',
  right: { conditions: like('sub', `{${PROJECT}}:*`), findings: [] },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    { what: 'every repository', conditions: like('sub', '*:*:*'), findings: ['TRUST002 high'] },
    {
      what: 'the workspace in the place of the repository',
      conditions: like('sub', `{${ORG}}:*`),
      findings: ['TRUST002 high'],
    },
    {
      what: 'a UUID without its braces',
      conditions: like('sub', `${PROJECT}:*`),
      findings: ['TRUST001 medium'],
    },
  ],
  absent: {
    keys: ['repositoryUuid', 'branchName', 'workspaceUuid', 'deploymentEnvironmentUuid'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const ACCOUNT = 'system:serviceaccount:apps:uploader';

const SERVICE_ACCOUNT_MISTAKES: readonly Mistake[] = [
  { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
  {
    what: 'every service account',
    conditions: like('sub', 'system:serviceaccount:*'),
    findings: ['TRUST002 high'],
  },
  {
    what: 'a service account of every namespace',
    conditions: like('sub', '*:uploader'),
    findings: ['TRUST002 high'],
  },
  {
    what: 'a wildcard under StringEquals',
    conditions: equals('sub', 'system:serviceaccount:apps:*'),
    findings: ['TRUST007 high'],
  },
  {
    what: 'every service account of a namespace, on a role with AdministratorAccess',
    conditions: like('sub', 'system:serviceaccount:apps:*'),
    isPrivileged: true,
    findings: ['TRUST005 medium'],
  },
];

const ABSENT_OF_KUBERNETES: AbsentKeys = {
  keys: ['kubernetes.io/namespace', 'kubernetes.io/serviceaccount/name'],
  findings: ['TRUST007 high'],
  ifExists: ['TRUST001 high'],
};

const EKS: IssuerSection = {
  title: 'Amazon EKS',
  profile: 'kubernetes',
  recognized: 'hosts `oidc.eks.REGION.amazonaws.com` and `oidc-eks.REGION.api.aws`, with a path `/id/ID`',
  issuers: [
    'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
    'https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0123456789ABCDEF0123456789ABCDEF',
    'https://oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF0123456789ABCDEF',
  ],
  audience: 'sts.amazonaws.com',
  usualAudience: '`sts.amazonaws.com`, as the pod asks for',
  right: { conditions: equals('sub', ACCOUNT), findings: [] },
  mistakes: [
    ...SERVICE_ACCOUNT_MISTAKES,
    {
      what: 'a subject without its beginning',
      conditions: equals('sub', 'apps:uploader'),
      findings: ['TRUST007 high'],
    },
  ],
  absent: ABSENT_OF_KUBERNETES,
};

const KUBERNETES: IssuerSection = {
  title: 'Kubernetes elsewhere',
  profile: 'kubernetes',
  recognized:
    'the host `container.googleapis.com` (GKE), hosts of `oic.prod-aks.azure.com` (AKS), or a policy whose subjects begin with `system:serviceaccount:`',
  issuers: [
    'https://container.googleapis.com/v1/projects/acme/locations/europe-west1/clusters/main',
    'https://westeurope.oic.prod-aks.azure.com/00000000-0000-0000-0000-000000000000/',
    'https://acme-oidc.s3.eu-west-1.amazonaws.com/openshift',
  ],
  audience: 'sts.amazonaws.com',
  usualAudience: 'the pod asks for it: `sts.amazonaws.com`',
  right: { conditions: equals('sub', ACCOUNT), findings: [] },
  mistakes: SERVICE_ACCOUNT_MISTAKES,
  absent: ABSENT_OF_KUBERNETES,
};

const VERCEL: IssuerSection = {
  title: 'Vercel, issuer of a team',
  profile: 'vercel',
  recognized: 'the host `oidc.vercel.com` and a path `/TEAM`',
  issuers: ['https://oidc.vercel.com/acme'],
  audience: 'https://vercel.com/acme',
  usualAudience: '`https://vercel.com/TEAM`',
  right: {
    conditions: equals('sub', 'owner:acme:project:app:environment:production'),
    findings: [],
  },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 high'] },
    { what: 'every project', conditions: like('sub', 'owner:acme:*'), findings: ['TRUST002 high'] },
    {
      what: 'every environment, on a role with AdministratorAccess: previews of every branch, too',
      conditions: like('sub', 'owner:acme:project:app:environment:*'),
      isPrivileged: true,
      findings: ['TRUST005 medium'],
    },
  ],
  absent: {
    keys: ['owner_id', 'project_id'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 high'],
  },
};

const VERCEL_GLOBAL: IssuerSection = {
  ...VERCEL,
  title: 'Vercel, global issuer',
  recognized: 'the host `oidc.vercel.com` without a path',
  issuers: ['https://oidc.vercel.com'],
  mistakes: [
    ...VERCEL.mistakes,
    {
      what: 'no team in `sub`, and no condition on `aud`: only the list of the provider restricts the team',
      conditions: equals('sub', 'owner:acme:project:app:environment:production'),
      hasNoAudience: true,
      findings: ['TRUST004 info'],
    },
  ],
};

const GITHUB_AUDIT_LOG: IssuerSection = {
  title: 'GitHub audit log streaming',
  profile: 'github-audit-log',
  recognized: 'the host `oidc-configuration.audit-log.githubusercontent.com`',
  issuers: ['https://oidc-configuration.audit-log.githubusercontent.com'],
  audience: 'sts.amazonaws.com',
  usualAudience: '`sts.amazonaws.com`',
  right: { conditions: equals('sub', 'https://github.com/acme'), findings: [] },
  mistakes: [
    { what: 'no condition on `sub`', conditions: {}, findings: ['TRUST001 critical'] },
    {
      what: 'a wildcard directly after the enterprise',
      conditions: like('sub', 'https://github.com/acme*'),
      findings: ['TRUST002 critical'],
    },
  ],
  absent: null,
};

const PULUMI: IssuerSection = {
  title: 'Pulumi',
  profile: 'pulumi',
  recognized: '`https://api.pulumi.com/oidc`',
  issuers: ['https://api.pulumi.com/oidc'],
  audience: 'aws:acme',
  usualAudience: 'the organization, or `aws:ORGANIZATION`. It is all that is known to name the organization',
  right: { conditions: equals('aud', 'aws:acme'), findings: [] },
  mistakes: [
    {
      what: 'no condition on `aud`: only the list of the provider restricts the organization',
      conditions: {},
      hasNoAudience: true,
      findings: ['TRUST004 info'],
    },
  ],
  absent: null,
};

const GOOGLE: IssuerSection = {
  title: 'Google',
  profile: 'google',
  recognized: 'the principal `accounts.google.com`, which AWS trusts without a provider',
  issuers: ['https://accounts.google.com'],
  audience: '104857600000000000000',
  usualAudience: 'the caller chooses both: `aud` is the `azp` of the token, and `oaud` its `aud`',
  right: {
    conditions: equals('sub', '104857600000000000000'),
    findings: [],
  },
  mistakes: [
    {
      what: 'only `aud`',
      conditions: equals('aud', '104857600000000000000'),
      findings: ['TRUST001 critical'],
    },
    {
      what: 'only `oaud`',
      conditions: equals('oaud', 'https://example.com/role'),
      findings: ['TRUST001 critical'],
    },
    {
      what: 'only the organization',
      conditions: equals('google/organization_number', '123456789012'),
      findings: ['TRUST001 high'],
    },
  ],
  absent: {
    keys: ['email_verified', 'hd'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 critical'],
  },
};

const UNKNOWN: IssuerSection = {
  title: 'Every other issuer',
  profile: null,
  recognized:
    'all other URLs, such as those of Okta, Auth0, Microsoft Entra ID, Azure DevOps, Amazon Cognito, Spacelift, Scalr, Codefresh, Keycloak and Dex',
  issuers: [
    'https://auth.example.com',
    'https://acme.okta.com',
    'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0',
    'https://vstoken.dev.azure.com/00000000-0000-0000-0000-000000000000',
  ],
  audience: 'aws',
  usualAudience: 'not known',
  right: { conditions: equals('sub', 'deploy'), findings: [] },
  mistakes: [
    {
      what: 'no condition on `sub`, and none on `aud` that excludes an audience of the provider',
      conditions: {},
      findings: ['TRUST001 medium'],
    },
    {
      what: 'a wildcard in `sub`: it is not known whom it matches',
      conditions: like('sub', 'deploy*'),
      findings: ['TRUST001 medium'],
    },
    {
      what: 'an operator that also accepts tokens without the claim',
      conditions: { StringEqualsIfExists: { sub: 'deploy' } },
      findings: ['TRUST003 low'],
    },
  ],
  absent: {
    keys: ['groups', 'azp', 'tid'],
    findings: ['TRUST007 high'],
    ifExists: ['TRUST001 medium'],
  },
};

/** Of conditions that are the same for every issuer: with tokens of a CircleCI organization. */
export const EVERY_ISSUER: IssuerSection = {
  ...CIRCLECI,
  mistakes: [
    {
      what: 'a condition key with a scheme',
      conditions: like(`https://oidc.circleci.com/org/${ORG}:sub`, 'org/*'),
      findings: ['TRUST007 high'],
    },
    {
      what: 'a placeholder in a condition key',
      conditions: like('oidc.circleci.com/org/<ORG_ID>:sub', 'org/*'),
      findings: ['TRUST007 high'],
    },
    {
      what: 'a wildcard under StringEquals',
      conditions: equals('sub', `org/${ORG}/project/${PROJECT}/user/*`),
      findings: ['TRUST007 high'],
    },
    {
      what: 'an audience that the provider does not list',
      conditions: equals('aud', 'sts.amazonaws.com'),
      findings: ['TRUST007 high'],
    },
    {
      what: 'an operator that also accepts tokens without the claim',
      conditions: { 'ForAllValues:StringLike': { sub: `org/${ORG}/project/${PROJECT}/user/*` } },
      findings: ['TRUST003 low'],
    },
    {
      what: 'such an operator with a key that no token has',
      conditions: { 'ForAllValues:StringLike': { 'oidc.circleci.com/vcs-ref': 'refs/heads/main' } },
      findings: ['TRUST001 high'],
    },
    {
      what: 'a claim that tokens of CI systems do not have',
      conditions: { Bool: { 'sts:RoleAuthorizedByIdp': 'true' } },
      findings: ['TRUST007 high'],
    },
    {
      what: 'a session tag, which tokens of most CI systems do not have',
      conditions: equals('aws:RequestTag/team', 'web'),
      findings: ['TRUST007 high'],
    },
    {
      what: 'the session name, which the caller chooses',
      conditions: equals('sts:RoleSessionName', 'ci'),
      findings: ['TRUST001 high'],
    },
    {
      what: 'the source identity, which the caller chooses',
      conditions: equals('sts:SourceIdentity', 'ci'),
      findings: ['TRUST001 high'],
    },
    {
      what: 'only source addresses, which are not evaluated',
      conditions: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
      findings: ['TRUST001 medium'],
    },
  ],
  absent: null,
};

/** All kinds of issuers, in the order of the page. */
export const SECTIONS: readonly IssuerSection[] = [
  CIRCLECI,
  CIRCLECI_ROOT,
  CIRCLECI_SERVER,
  GITHUB,
  GITHUB_ENTERPRISE,
  GITHUB_SERVER,
  GITLAB,
  GITLAB_OWN,
  HCP_TERRAFORM,
  TERRAFORM_ENTERPRISE,
  BUILDKITE,
  BITBUCKET,
  EKS,
  KUBERNETES,
  VERCEL,
  VERCEL_GLOBAL,
  PULUMI,
  GITHUB_AUDIT_LOG,
  GOOGLE,
  UNKNOWN,
];
