/**
 * For each kind of issuer a small world: tenants and units with similar names, and the tokens of their jobs. Policies are
 * written about some of them, tokens are drawn from all of them.
 */
import type { Claims } from '../../../demo/aws/condition-keys';
import {
  bitbucketClaims,
  buildkiteClaims,
  circleciClaims,
  circleciStreamingClaims,
  githubAuditLogClaims,
  githubClaims,
  gitlabClaims,
  googleClaims,
  kubernetesClaims,
  plainClaims,
  pulumiClaims,
  terraformClaims,
  vercelClaims,
} from '../../../demo/tokens';
import type { GitRef, GithubJob } from '../../../demo/tokens';
import { randomFrom } from '../../support/random';
import type { Random } from '../../support/random';
import { uuid } from '../provider';

/** The kinds, by what tells AWS them apart. */
export const ISSUER_KINDS = [
  'circleci-org',
  'circleci-root',
  'circleci-server',
  'github',
  'github-enterprise',
  'ghe-com',
  'ghes',
  'gitlab',
  'gitlab-self-managed',
  'hcp-terraform',
  'hcp-terraform-eu',
  'terraform-enterprise',
  'buildkite',
  'bitbucket',
  'eks',
  'kubernetes',
  'vercel-team',
  'vercel',
  'github-audit-log',
  'pulumi',
  'google',
  'unknown',
] as const;

/** A kind of issuer. */
export type IssuerKind = (typeof ISSUER_KINDS)[number];

/** How a policy can name somebody. An id is of nobody else, a name may be of others elsewhere. */
export interface Named {
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

/** A token, and whose it is. */
export interface Token {
  readonly claims: Claims;
  /** Null: the issuer has one tenant only. */
  readonly tenant: Named | null;
  /** Null: policies do not name units of this issuer. */
  readonly unit: Named | null;
}

/** What a token is drawn for. */
export interface Draw {
  readonly tenant: string;
  readonly unit: string;
  /** A branch, an environment, a step: pieces of the policy among them. */
  readonly name: string;
  readonly audience: string;
  readonly random: Random;
}

/** Conditions as operator, claim, values: the claim gets the prefix of the issuer, unless it has a colon. */
export type Written = readonly [operator: string, claim: string, values: unknown];

/** A world of one kind. */
export interface World {
  /** Without `https://`. */
  readonly issuer: string;
  readonly tenants: readonly [string, ...string[]];
  readonly units: readonly [string, ...string[]];
  /** The list of a provider that is made for a tenant: the first is the default of the issuer. */
  readonly audiences: (tenant: string) => readonly [string, ...string[]];
  /** The issuer decides on the audience, and every tenant has another one. */
  readonly hasFixedAudience: boolean;
  /** Only whole subjects in a policy tell who the issuer is. */
  readonly isKnownBySubject?: true;
  readonly mint: (draw: Draw) => Token;
  /** Claims that are no condition keys, although policies often have them. */
  readonly absent: readonly string[];
  /** What people write for a tenant and a unit, and get wrong. */
  readonly mistakes: (tenant: string, unit: string) => readonly (readonly Written[])[];
}

const TENANTS = ['acme', 'acme-evil', 'acm', 'acmecorp', 'evil-acme', 'umbrella', 'x'] as const;
const UNITS = ['widgets', 'widgets-evil', 'widget', 'my-widgets', 'site', 'web.site', 'x'] as const;

/** The same id for the same thing. Ids of one family differ in the last digits only, as names do. */
function uuidOf(family: string, name: string): string {
  if (UUID.test(name)) return name;
  const known = UUIDS.get(`${family} ${name}`);
  if (known !== undefined) return known;
  const id = uuid(randomFrom(family)).slice(0, -6) + uuid(randomFrom(`${family} ${name}`)).slice(-6);
  UUIDS.set(`${family} ${name}`, id);
  return id;
}

const UUIDS = new Map<string, string>();

/** Whoever draws tokens can give an id in place of a name. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function numberOf(text: string): string {
  const known = NUMBERS.get(text) ?? String(randomFrom(text).between(1_000, 9_999_999));
  NUMBERS.set(text, known);
  return known;
}

const NUMBERS = new Map<string, string>();

const refOf = ({ random, name }: Draw): GitRef => ({ type: random.pick(['branch', 'branch', 'tag']), name });

const names = (...all: readonly string[]): Named => ({ names: all, ids: [] });
const ids = (...all: readonly string[]): Named => ({ names: [], ids: all });

const sub = (value: unknown, operator = 'StringLike'): readonly Written[] => [[operator, 'sub', value]];
const equals = (claim: string, value: unknown): readonly Written[] => [['StringEquals', claim, value]];

/** The org of an issuer that has one. */
const ORG = uuidOf('org', 'the only one');

function circleci(issuer: string, org: string | null): World {
  const projectOf = (tenant: string, unit: string): string =>
    uuidOf('project', UUID.test(unit) ? unit : `${tenant}/${unit}`);
  const orgOf = (tenant: string): string => org ?? uuidOf('org', tenant);
  return {
    issuer,
    tenants: org === null ? TENANTS : ['acme'],
    units: UNITS,
    audiences: (tenant) => [orgOf(tenant), 'sts.amazonaws.com'],
    hasFixedAudience: false,
    mint: (draw) => {
      const [owner, project] = [orgOf(draw.tenant), projectOf(draw.tenant, draw.unit)];
      const tenant = org === null ? ids(owner) : null;
      const url = `https://${issuer}`;
      // Only CircleCI itself streams its logs.
      if (org !== null && issuer.startsWith('oidc.circleci.com/') && draw.random.chance(0.04)) {
        return { claims: circleciStreamingClaims(url, owner), tenant, unit: ids('file-streaming') };
      }
      const origin = draw.random.pick([`github.com/${draw.tenant}/${draw.unit}`, 'git.example.com/fork/app']);
      const claims = circleciClaims(url, {
        org: owner,
        project,
        user: uuid(draw.random),
        source: draw.random.chance(0.1) ? null : { origin, ref: refOf(draw) },
        version: draw.random.pick(['V1', 'V2']),
        audience: draw.audience,
      });
      return { claims, tenant, unit: ids(project) };
    },
    absent: [
      'oidc.circleci.com/vcs-ref',
      'oidc.circleci.com/vcs-origin',
      'oidc.circleci.com/context-ids',
      'iss',
    ],
    mistakes: (tenant, unit) => {
      const [owner, project] = [orgOf(tenant), projectOf(tenant, unit)];
      return [
        [],
        equals('aud', owner),
        sub(`org/${owner}/*`),
        sub(`org/${owner}/project/*`),
        sub(`org/${owner}/project/*/user/*/vcs-origin/github.com/${tenant}/${unit}/vcs-ref/refs/heads/main`),
        sub(`org/*/project/${project}/user/*`),
        sub(`*/vcs-ref/refs/heads/main`),
        sub(`org/${owner}/project/${project}/user/*`, 'StringEquals'),
        sub(`org/${owner}/project/${project}/*`.toUpperCase()),
        equals('oidc.circleci.com/project-id', project),
        equals('oidc.circleci.com:sub', `org/${owner}/project/${project}/user/*`),
      ];
    },
  };
}

const GITHUB_TEMPLATES: readonly [readonly string[], ...(readonly string[])[]] = [
  ['repository_owner', 'repository_visibility'],
  ['repository_id', 'context'],
  ['job_workflow_ref'],
];

function github(issuer: string, kind: 'shared' | 'tenant' | 'self-hosted'): World {
  const site = kind === 'shared' ? 'https://github.com' : `https://${issuer.replace('token.actions.', '')}`;
  return {
    issuer,
    tenants: TENANTS,
    units: UNITS,
    audiences: (tenant) => ['sts.amazonaws.com', `${site}/${tenant}`],
    hasFixedAudience: false,
    mint: (draw) => {
      const { random, tenant, unit, name, audience } = draw;
      const [ownerId, repositoryId] = [numberOf(tenant), numberOf(`${tenant}/${unit}`)];
      const subjects: readonly [GithubJob['subject'], ...GithubJob['subject'][]] =
        kind === 'self-hosted'
          ? ['names']
          : ['names', 'names', 'names and ids', 'names and ids', { template: random.pick(GITHUB_TEMPLATES) }];
      const claims = githubClaims(`https://${issuer}`, {
        owner: tenant,
        ownerId,
        repository: unit,
        repositoryId,
        trigger: random.chance(0.2) ? { type: 'pull request', number: 5, from: 'fix' } : refOf(draw),
        ...(random.chance(0.3) ? { environment: name } : {}),
        subject: random.pick(subjects),
        ...(kind === 'shared' ? {} : { enterprise: { slug: 'octo', id: '12' } }),
        actor: 'octocat',
        workflow: 'deploy.yml',
        ...(random.chance(0.15)
          ? { reusableWorkflow: `acme/${random.pick(UNITS)}/.github/workflows/deploy.yml@refs/heads/main` }
          : {}),
        audience,
      });
      return {
        claims,
        tenant: { names: [tenant], ids: [ownerId] },
        unit: { names: [unit], ids: [repositoryId] },
      };
    },
    absent: [
      'repository_owner',
      'event_name',
      'workflow_ref',
      'runner_environment',
      'repository_visibility',
      'head_ref',
    ],
    mistakes: (tenant, unit) => [
      [],
      equals('aud', 'sts.amazonaws.com'),
      sub(`repo:${tenant}*`),
      sub(`repo:${tenant}/*`),
      sub(`repo:${tenant}*/${unit}*:ref:refs/heads/main`),
      sub(`repo:${tenant}@*/${unit}@*:*`),
      sub(`repo:${tenant}/${unit}:*`),
      sub(`repo:*/${unit}:*`),
      sub(`repo:${tenant}/${unit}:*`, 'StringEquals'),
      sub(`repo:${tenant}/${unit}:ref:refs/heads/main`, 'ForAllValues:StringLike'),
      equals('repository_owner', tenant),
      ...(kind === 'self-hosted'
        ? [equals('repository', `${tenant}/${unit}`), sub('repo:*:ref:refs/heads/main'), sub('repo:*')]
        : [
            equals('ref', 'refs/heads/main'),
            equals('workflow', 'deploy'),
            equals('environment', 'prod'),
            equals('actor', 'octocat'),
            [['StringLike', 'job_workflow_ref', `${tenant}/${unit}/.github/workflows/*`]] as const,
          ]),
      equals('token.actions.githubusercontent.com:sub', `repo:${tenant}/${unit}:ref:refs/heads/main`),
    ],
  };
}

const gitlab = (issuer: string): World => ({
  issuer,
  tenants: TENANTS,
  units: UNITS,
  audiences: () => ['https://gitlab.com', 'sts.amazonaws.com'],
  hasFixedAudience: false,
  mint: (draw) => {
    const { random, tenant, unit, audience } = draw;
    const group = random.chance(0.3) ? `${tenant}/web` : tenant;
    const projectId = numberOf(`${group}/${unit}`);
    const claims = gitlabClaims(`https://${issuer}`, {
      projectPath: `${group}/${unit}`,
      projectId,
      namespaceId: numberOf(group),
      ref: refOf(draw),
      isProtected: random.chance(0.5),
      user: 'jane',
      audience,
    });
    return {
      claims,
      tenant: { names: [tenant], ids: [numberOf(group)] },
      unit: { names: [unit], ids: [projectId] },
    };
  },
  absent: ['project_path', 'namespace_path', 'ref', 'ref_type', 'environment', 'environment_protected'],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', 'https://gitlab.com'),
    sub('project_path:*'),
    sub(`project_path:${tenant}*`),
    sub(`project_path:${tenant}/*`),
    sub(`project_path:${tenant}/*:ref_type:branch:ref:main`),
    sub(`project_path:*/${unit}:ref_type:branch:ref:*`),
    sub(`project_path:${tenant}/${unit}:ref_type:branch:ref:*`, 'StringEquals'),
    equals('project_path', `${tenant}/${unit}`),
    equals('namespace_id', numberOf(tenant)),
    equals('project_id', numberOf(`${tenant}/${unit}`)),
    equals('ref_protected', 'true'),
    equals('user_login', 'jane'),
  ],
});

const terraform = (issuer: string): World => ({
  issuer,
  tenants: TENANTS,
  units: UNITS,
  audiences: () => ['aws.workload.identity', 'sts.amazonaws.com'],
  hasFixedAudience: false,
  mint: ({ random, tenant, unit, name, audience }) => {
    const phase = random.pick(['plan', 'apply'] as const);
    const run = random.chance(0.3)
      ? { stack: unit, deployment: name, operation: phase }
      : { workspace: unit, phase };
    const project = random.pick(['Default Project', 'web']);
    const claims = terraformClaims(`https://${issuer}`, { organization: tenant, project, run, audience });
    return { claims, tenant: names(tenant), unit: names(unit) };
  },
  absent: [
    'terraform_run_phase',
    'terraform_workspace_name',
    'terraform_organization_id',
    'terraform_full_workspace',
  ],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', 'aws.workload.identity'),
    sub(`organization:${tenant}*`),
    sub(`organization:${tenant}:*`),
    sub(`organization:*:project:*:workspace:${unit}:run_phase:*`),
    sub(`organization:${tenant}:project:*:workspace:*:run_phase:apply`),
    sub(`organization:${tenant}:project:Default Project:workspace:${unit}:run_phase:*`),
    sub(`organization:${tenant}:project:*:workspace:${unit}:run_phase:*`, 'StringEquals'),
    sub('*:run_phase:apply'),
    equals('terraform_organization_name', tenant),
  ],
});

const BUILDKITE: World = {
  issuer: 'agent.buildkite.com',
  tenants: TENANTS,
  units: UNITS,
  audiences: (tenant) => ['sts.amazonaws.com', `https://buildkite.com/${tenant}`],
  hasFixedAudience: false,
  mint: (draw) => {
    const { random, tenant, unit, audience } = draw;
    const [organizationId, pipelineId] = [uuidOf('org', tenant), uuidOf('pipeline', `${tenant}/${unit}`)];
    const claims = buildkiteClaims('https://agent.buildkite.com', {
      organization: tenant,
      organizationId,
      pipeline: unit,
      pipelineId,
      ref: refOf(draw),
      step: random.pick(['deploy', '', draw.name]),
      ...(random.chance(0.3) ? { cluster: { name: 'default', id: uuidOf('cluster', tenant) } } : {}),
      ...(random.chance(0.15)
        ? { subjectClaim: random.pick(['organization_id', 'pipeline_id'] as const) }
        : {}),
      ...(random.chance(0.15) ? { sessionTags: ['organization_slug', 'pipeline_slug', 'build_branch'] } : {}),
      audience,
    });
    return {
      claims,
      tenant: { names: [tenant], ids: [organizationId] },
      unit: { names: [unit], ids: [pipelineId] },
    };
  },
  absent: ['build_tag', 'step_key', 'runner_environment', 'build_commit', 'job_id'],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', 'sts.amazonaws.com'),
    sub(`organization:${tenant}*`),
    sub(`organization:${tenant}:*`),
    sub(`organization:*:pipeline:${unit}:*`),
    sub(`organization:${tenant}:pipeline:${unit}:ref:refs/heads/main:commit:*:step:*`, 'StringEquals'),
    sub('*:ref:refs/heads/main:*'),
    equals('build_branch', 'main'),
    equals('pipeline_slug', unit),
    equals('organization_slug', tenant),
    equals('organization_id', uuidOf('org', tenant)),
    equals('step_key', 'deploy'),
    equals('aws:RequestTag/organization_slug', tenant),
  ],
};

const BITBUCKET: World = {
  issuer: 'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
  tenants: ['acme'],
  units: UNITS,
  audiences: () => [`ari:cloud:bitbucket::workspace/${ORG}`],
  hasFixedAudience: true,
  mint: ({ random, unit, name }) => {
    const repositoryId = uuidOf('repository', unit);
    const claims = bitbucketClaims(`https://${BITBUCKET.issuer}`, {
      workspaceId: ORG,
      repositoryId,
      branch: name,
      startsWith: random.pick(['repository', 'workspace']),
      ...(random.chance(0.3) ? { environmentId: uuidOf('environment', unit) } : {}),
      ...(random.chance(0.05) ? { otherAudiences: ['sts.amazonaws.com'] } : {}),
    });
    return { claims, tenant: null, unit: ids(repositoryId) };
  },
  absent: ['repositoryUuid', 'branchName', 'deploymentEnvironmentUuid', 'workspaceUuid'],
  mistakes: (_, unit) => [
    [],
    equals('aud', `ari:cloud:bitbucket::workspace/${ORG}`),
    sub('*'),
    sub('*:*:*'),
    sub(`{${ORG}}:*`),
    sub(`${uuidOf('repository', unit)}:*`),
    sub(`{${uuidOf('repository', unit)}}:*`),
    sub(`*{${uuidOf('repository', unit)}}*`),
    sub(`{${uuidOf('repository', unit)}}:*`, 'StringEquals'),
    equals('repositoryUuid', `{${uuidOf('repository', unit)}}`),
  ],
};

const NAMESPACES = ['web', 'web-evil', 'kube-system', 'default', 'x'] as const;

const kubernetes = (issuer: string): World => ({
  issuer,
  // A cluster is a tenant of its own. Its units are namespaces; what is called a unit here is a service account.
  tenants: NAMESPACES,
  units: UNITS,
  audiences: () => ['sts.amazonaws.com', 'https://kubernetes.default.svc'],
  hasFixedAudience: false,
  mint: ({ tenant, unit, audience }) => ({
    claims: kubernetesClaims(`https://${issuer}`, { namespace: tenant, name: unit, audience }),
    tenant: null,
    unit: names(tenant),
  }),
  absent: ['kubernetes.io/namespace', 'kubernetes.io/serviceaccount/name', 'kubernetes.io', 'iss'],
  mistakes: (namespace, account) => [
    [],
    equals('aud', 'sts.amazonaws.com'),
    sub('system:serviceaccount:*'),
    sub(`system:serviceaccount:*:${account}`),
    sub(`system:serviceaccount:${namespace}:*`),
    sub(`system:serviceaccount:${namespace}*:${account}`),
    sub(`*:${account}`),
    sub(`system:serviceaccount:${namespace}:${account}*`),
    sub(`system:serviceaccount:*:${account}`, 'StringEquals'),
    equals('kubernetes.io/namespace', namespace),
  ],
});

const vercel = (issuer: string, hasTeams: boolean): World => ({
  issuer,
  tenants: hasTeams ? TENANTS : ['acme'],
  units: UNITS,
  audiences: (tenant) => [`https://vercel.com/${tenant}`],
  hasFixedAudience: true,
  mint: ({ random, tenant, unit, name }) => ({
    claims: vercelClaims(`https://${issuer}`, {
      team: tenant,
      teamId: `team_${uuidOf('team', tenant)}`,
      project: unit,
      projectId: `prj_${uuidOf('site', unit)}`,
      environment: random.pick(['production', 'preview', 'development', name]),
    }),
    tenant: hasTeams ? names(tenant) : null,
    unit: names(unit),
  }),
  absent: ['owner_id', 'project_id', 'owner', 'project', 'environment'],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', `https://vercel.com/${tenant}`),
    [['StringLike', 'aud', 'https://vercel.com/*']],
    sub(`owner:${tenant}:*`),
    sub(`owner:${tenant}*:project:${unit}:environment:production`),
    sub(`owner:*:project:${unit}:environment:production`),
    sub(`owner:${tenant}:project:${unit}:environment:*`),
    sub(`owner:${tenant}:project:${unit}*:environment:preview`),
    sub(`owner:${tenant}:project:${unit}:environment:*`, 'StringEquals'),
    equals('owner_id', `team_${uuidOf('team', tenant)}`),
  ],
});

const GITHUB_AUDIT_LOG: World = {
  issuer: 'oidc-configuration.audit-log.githubusercontent.com',
  tenants: TENANTS,
  units: ['audit-log'],
  audiences: () => ['sts.amazonaws.com'],
  hasFixedAudience: true,
  mint: ({ tenant }) => ({
    claims: githubAuditLogClaims(`https://${GITHUB_AUDIT_LOG.issuer}`, tenant),
    tenant: names(tenant),
    unit: null,
  }),
  absent: ['iss', 'enterprise', 'enterprise_id'],
  mistakes: (tenant) => [
    [],
    equals('aud', 'sts.amazonaws.com'),
    sub('https://github.com/*'),
    sub(`https://github.com/${tenant}*`),
    sub(`https://github.com/${tenant}`),
    sub(`https://github.com/enterprises/${tenant}`),
    sub(`https://github.com/*${tenant}`),
    sub('https://github.com/*', 'StringEquals'),
    equals('enterprise', tenant),
  ],
};

const PULUMI: World = {
  issuer: 'api.pulumi.com/oidc',
  tenants: TENANTS,
  units: UNITS,
  audiences: (tenant) => [tenant, `aws:${tenant}`],
  hasFixedAudience: true,
  mint: ({ random, tenant, unit, name }) => ({
    claims: pulumiClaims('https://api.pulumi.com/oidc', {
      organization: tenant,
      project: unit,
      job: random.chance(0.5) ? { environment: name } : { stack: name, operation: 'update' },
    }),
    tenant: names(tenant),
    unit: null,
  }),
  absent: ['org', 'project', 'stack', 'current_env', 'iss'],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', tenant),
    equals('aud', [tenant, `aws:${tenant}`]),
    [['StringLike', 'aud', `${tenant}*`]],
    [['StringLike', 'aud', `*${tenant}`]],
    [['StringLike', 'aud', '*']],
    sub(`pulumi:deploy:org:${tenant}:*`),
    sub(`pulumi:environments:org:${tenant}*`),
    sub(`pulumi:*:project:${unit}:*`),
    sub('pulumi:*'),
    sub('pulumi:deploy:*'),
    sub('pulumi:environments:org:*'),
    [['StringLike', 'aud', 'aws:*']],
    [['StringLike', 'oaud', ['*']]],
    equals('org', tenant),
  ],
};

const GOOGLE: World = {
  issuer: 'accounts.google.com',
  tenants: TENANTS,
  units: UNITS,
  audiences: () => ['https://aws.example.com', 'sts.amazonaws.com'],
  hasFixedAudience: false,
  mint: ({ random, tenant, unit, audience }) => {
    const account = `1${numberOf(`${unit} of ${tenant}`)}`;
    const email = `${unit}@${tenant}.iam.gserviceaccount.com`;
    const organization = numberOf(tenant);
    const claims = googleClaims('https://accounts.google.com', {
      id: account,
      email,
      audience,
      ...(random.chance(0.7) ? { organizationNumber: Number(organization) } : {}),
    });
    return { claims, tenant: ids(organization), unit: ids(account, email) };
  },
  absent: ['email_verified', 'hd', 'google/compute_engine/project_id', 'iss'],
  mistakes: (tenant, unit) => [
    [],
    equals('oaud', 'https://aws.example.com'),
    equals('aud', 'https://aws.example.com'),
    equals('aud', `1${numberOf(`${unit} of ${tenant}`)}`),
    equals('sub', `1${numberOf(`${unit} of ${tenant}`)}`),
    equals('email', `${unit}@${tenant}.iam.gserviceaccount.com`),
    [['StringLike', 'email', `*@${tenant}.iam.gserviceaccount.com`]],
    [['StringLike', 'email', `*@${tenant}*`]],
    equals('google/organization_number', numberOf(tenant)),
    sub('1*'),
  ],
};

const UNKNOWN: World = {
  issuer: 'login.example.com',
  tenants: TENANTS,
  units: UNITS,
  audiences: () => ['sts.amazonaws.com', 'aws'],
  hasFixedAudience: false,
  mint: ({ tenant, unit, audience }) => ({
    claims: plainClaims('https://login.example.com', `${tenant}/${unit}`, audience),
    tenant: null,
    unit: names(`${tenant}/${unit}`),
  }),
  absent: ['groups', 'email_verified', 'iss', 'scope', 'roles'],
  mistakes: (tenant, unit) => [
    [],
    equals('aud', 'aws'),
    sub('*'),
    sub(`${tenant}*`),
    sub(`${tenant}/*`),
    sub(`*/${unit}`),
    sub(`${tenant}/${unit}`),
    sub(`${tenant}/*`, 'StringEquals'),
    equals('groups', tenant),
  ],
};

/** By kind. */
export const WORLDS: Readonly<Record<IssuerKind, World>> = {
  'circleci-org': circleci(`oidc.circleci.com/org/${ORG}`, ORG),
  'circleci-root': circleci('oidc.circleci.com', null),
  'circleci-server': circleci(`circleci.example.com/org/${ORG}`, ORG),
  github: github('token.actions.githubusercontent.com', 'shared'),
  'github-enterprise': github('token.actions.githubusercontent.com/octo', 'tenant'),
  'ghe-com': github('token.actions.octo.ghe.com', 'tenant'),
  ghes: github('ghe.example.com/_services/token', 'self-hosted'),
  gitlab: gitlab('gitlab.com'),
  'gitlab-self-managed': gitlab('gitlab.example.com'),
  'hcp-terraform': terraform('app.terraform.io'),
  'hcp-terraform-eu': terraform('app.eu.terraform.io'),
  'terraform-enterprise': { ...terraform('tfe.example.com'), isKnownBySubject: true },
  buildkite: BUILDKITE,
  bitbucket: BITBUCKET,
  eks: kubernetes('oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF'),
  kubernetes: kubernetes('kubernetes.example.com'),
  'vercel-team': vercel('oidc.vercel.com/acme', false),
  vercel: vercel('oidc.vercel.com', true),
  'github-audit-log': GITHUB_AUDIT_LOG,
  pulumi: PULUMI,
  google: GOOGLE,
  unknown: UNKNOWN,
};
