/** One login per kind of issuer and of token: its claims, a condition that lets it in, and one that only looks like it. */
import type { Claims } from '../../demo/aws/condition-keys';
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
} from '../../demo/tokens';
import type { BuildkiteJob, CircleciJob, GithubJob, GitlabJob, TerraformRun } from '../../demo/tokens';

/** Operators, and for each the keys without the issuer, with their values. */
export type ShortCondition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A login that a role should let in, and one way to get its policy wrong. */
export interface IssuerLogin {
  readonly name: string;
  readonly issuer: string;
  readonly claims: Claims;
  readonly right: ShortCondition;
  readonly wrong: ShortCondition;
  /** Beside the login. */
  readonly actions?: readonly string[];
}

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const MAIN = { type: 'branch', name: 'main' } as const;
const TAG = { type: 'tag', name: 'v1.2' } as const;

type Entry = Omit<IssuerLogin, 'issuer' | 'claims'> & { readonly claimsOf: (issuer: string) => Claims };

const at = (issuer: string, ...entries: readonly Entry[]): readonly IssuerLogin[] =>
  entries.map(({ claimsOf, ...entry }) => ({ ...entry, issuer, claims: claimsOf(issuer) }));

const equals = (keys: Readonly<Record<string, unknown>>): ShortCondition => ({ StringEquals: keys });
const like = (sub: string): ShortCondition => ({ StringLike: { sub } });

const circleci = (job: Partial<CircleciJob>) => (issuer: string) =>
  circleciClaims(issuer, {
    org: ORG,
    project: PROJECT,
    user: USER,
    source: { origin: 'github.com/acme/app', ref: MAIN },
    version: 'V2',
    ...job,
  });
const github = (job: Partial<GithubJob>) => (issuer: string) =>
  githubClaims(issuer, {
    owner: 'acme',
    ownerId: '65',
    repository: 'widgets',
    repositoryId: '74',
    trigger: MAIN,
    subject: 'names',
    actor: 'octocat',
    workflow: 'deploy.yml',
    audience: 'sts.amazonaws.com',
    ...job,
  });
const gitlab = (job: Partial<GitlabJob>) => (issuer: string) =>
  gitlabClaims(issuer, {
    projectPath: 'acme/web/widgets',
    projectId: '20',
    namespaceId: '72',
    ref: MAIN,
    isProtected: true,
    user: 'jane',
    audience: 'https://gitlab.com',
    ...job,
  });
const terraform = (run: TerraformRun['run']) => (issuer: string) =>
  terraformClaims(issuer, { organization: 'acme', project: 'Default Project', run });
const workspace = (phase: 'plan' | 'apply') => terraform({ workspace: 'network', phase });
const buildkite = (job: Partial<BuildkiteJob>) => (issuer: string) =>
  buildkiteClaims(issuer, {
    organization: 'acme',
    organizationId: ORG,
    pipeline: 'widgets',
    pipelineId: PROJECT,
    ref: MAIN,
    step: 'deploy',
    ...job,
  });
const bitbucket = (startsWith: 'repository' | 'workspace') => (issuer: string) =>
  bitbucketClaims(issuer, { workspaceId: ORG, repositoryId: PROJECT, branch: 'main', startsWith });
const serviceAccount = (issuer: string): Claims =>
  kubernetesClaims(issuer, { namespace: 'web', name: 'deployer' });
const vercel = (issuer: string): Claims =>
  vercelClaims(issuer, {
    team: 'acme',
    teamId: 'team_7Gw5ZMzpQA8h90F832KGp7nwbuh3',
    project: 'site',
    projectId: 'prj_7Gw5ZMBpQA8h9GF832KGp7nwbuh3',
    environment: 'production',
  });

const IN_EKS: Entry = {
  name: 'a pod',
  claimsOf: serviceAccount,
  right: equals({ sub: 'system:serviceaccount:web:deployer', aud: 'sts.amazonaws.com' }),
  wrong: equals({ sub: 'system:serviceaccount:*:deployer' }),
};
const V1_SUB = `org/${ORG}/project/${PROJECT}/user/${USER}`;
const V2_SUB = `org/${ORG}/project/${PROJECT}/user/*/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`;

/** All of them. */
export const ISSUER_LOGINS: readonly IssuerLogin[] = [
  ...at(
    `https://oidc.circleci.com/org/${ORG}`,
    {
      name: 'a job of CircleCI, V1',
      claimsOf: circleci({ version: 'V1' }),
      right: equals({ 'oidc.circleci.com/project-id': PROJECT, sub: V1_SUB }),
      wrong: equals({ 'oidc.circleci.com/vcs-ref': 'refs/heads/main' }),
    },
    {
      name: 'a job of CircleCI, V2',
      claimsOf: circleci({}),
      right: like(V2_SUB),
      wrong: like(V2_SUB.replace('heads/main', 'heads/release')),
    },
    {
      name: 'audit logs of CircleCI',
      claimsOf: (issuer) => circleciStreamingClaims(issuer, ORG),
      right: equals({ sub: `org/${ORG}/file-streaming/audit-logs` }),
      wrong: like(`org/${ORG}/project/*`),
    },
  ),
  ...at('https://oidc.circleci.com', {
    name: 'a job of the root issuer of CircleCI',
    claimsOf: circleci({}),
    right: like(`org/${ORG}/project/${PROJECT}/user/*`),
    wrong: equals({ 'oidc.circleci.com/project-id': PROJECT }),
  }),
  ...at(`https://circleci.example.com/org/${ORG}`, {
    name: 'a job of CircleCI Server',
    claimsOf: circleci({}),
    right: like(V2_SUB),
    wrong: equals({ 'oidc.circleci.com/project-id': PROJECT }),
  }),
  ...at(
    'https://token.actions.githubusercontent.com',
    {
      name: 'GitHub, a branch',
      claimsOf: github({}),
      right: equals({ sub: 'repo:acme/widgets:ref:refs/heads/main', repository_id: '74' }),
      wrong: equals({ sub: 'repo:acme/*' }),
    },
    {
      name: 'GitHub, a subject with ids',
      claimsOf: github({ subject: 'names and ids', environment: 'prod' }),
      right: equals({ sub: 'repo:acme@65/widgets@74:environment:prod', environment: 'prod' }),
      wrong: like('repo:acme/widgets:*'),
    },
    {
      name: 'GitHub, a custom subject',
      claimsOf: github({ subject: { template: ['repository_owner_id', 'workflow_ref', 'context'] } }),
      right: like('repository_owner_id:65:workflow_ref:acme/widgets/*:ref:refs/heads/main'),
      wrong: equals({ repository_owner: 'acme' }),
    },
    {
      name: 'GitHub, a pull request',
      claimsOf: github({ trigger: { type: 'pull request', number: 5, from: 'fix' } }),
      right: like('repo:acme/widgets:*'),
      wrong: like('repo:acme/widgets:ref:*'),
    },
  ),
  ...at('https://token.actions.githubusercontent.com/octo-enterprise', {
    name: 'the issuer of an enterprise of GitHub',
    claimsOf: github({ enterprise: { slug: 'octo-enterprise', id: '12' } }),
    right: equals({ enterprise_id: '12', repository: 'acme/widgets' }),
    wrong: { StringEquals: { event_name: 'push' } },
  }),
  ...at('https://token.actions.octo.ghe.com', {
    name: 'ghe.com',
    claimsOf: github({}),
    right: equals({
      repository_owner_id: '65',
      job_workflow_ref: 'acme/widgets/.github/workflows/deploy.yml@refs/heads/main',
    }),
    wrong: equals({ runner_environment: 'github-hosted' }),
  }),
  ...at('https://ghe.example.com/_services/token', {
    name: 'GitHub Enterprise Server',
    claimsOf: github({}),
    right: like('repo:acme/widgets:ref:refs/heads/*'),
    wrong: equals({ repository: 'acme/widgets' }),
  }),
  ...at(
    'https://gitlab.com',
    {
      name: 'GitLab.com, a branch',
      claimsOf: gitlab({}),
      right: equals({
        sub: 'project_path:acme/web/widgets:ref_type:branch:ref:main',
        project_id: '20',
        ref_protected: 'true',
      }),
      wrong: equals({ project_path: 'acme/web/widgets' }),
    },
    {
      name: 'GitLab.com, a tag',
      claimsOf: gitlab({ ref: TAG }),
      right: like('project_path:acme/*:ref_type:tag:ref:v*'),
      wrong: like('project_path:acme/*:ref_type:branch:*'),
    },
  ),
  ...at(
    'https://gitlab.example.com',
    {
      name: 'a self-managed GitLab, a branch',
      claimsOf: gitlab({ environment: 'prod' }),
      right: equals({ sub: 'project_path:acme/web/widgets:ref_type:branch:ref:main' }),
      wrong: equals({ namespace_id: '72' }),
    },
    {
      name: 'a self-managed GitLab, a tag',
      claimsOf: gitlab({ ref: TAG }),
      right: equals({ sub: 'project_path:acme/web/widgets:ref_type:tag:ref:v1.2' }),
      wrong: equals({ project_id: '20' }),
    },
  ),
  ...['https://app.terraform.io', 'https://app.eu.terraform.io', 'https://tfe.example.com'].flatMap(
    (issuer) =>
      at(
        issuer,
        {
          name: 'a plan of Terraform',
          claimsOf: workspace('plan'),
          right: like('organization:acme:project:Default Project:workspace:network:run_phase:*'),
          wrong: like('organization:acme:project:*:run_phase:apply'),
        },
        {
          name: 'an apply of Terraform',
          claimsOf: workspace('apply'),
          right: equals({
            sub: 'organization:acme:project:Default Project:workspace:network:run_phase:apply',
          }),
          wrong: equals({ terraform_run_phase: 'apply' }),
        },
        {
          name: 'a stack of Terraform',
          claimsOf: terraform({ stack: 'base', deployment: 'prod', operation: 'apply' }),
          right: like('organization:acme:project:*:stack:base:deployment:prod:operation:*'),
          wrong: like('organization:acme:project:*:workspace:*'),
        },
      ),
  ),
  ...at(
    'https://agent.buildkite.com',
    {
      name: 'Buildkite',
      claimsOf: buildkite({}),
      right: {
        StringLike: { sub: 'organization:acme:pipeline:widgets:ref:refs/heads/main:commit:*:step:*' },
        StringEquals: { organization_slug: 'acme', pipeline_id: PROJECT },
      },
      wrong: equals({ step_key: 'deploy' }),
    },
    {
      name: 'Buildkite, the subject is an id',
      claimsOf: buildkite({ subjectClaim: 'pipeline_id' }),
      right: equals({ sub: PROJECT }),
      wrong: like('organization:acme:*'),
    },
    {
      name: 'Buildkite, with session tags',
      claimsOf: buildkite({ sessionTags: ['organization_slug', 'step_key'] }),
      right: equals({ 'aws:RequestTag/organization_slug': 'acme', 'aws:RequestTag/step_key': 'deploy' }),
      wrong: equals({ 'aws:RequestTag/pipeline_slug': 'widgets' }),
      actions: ['sts:TagSession'],
    },
  ),
  ...at(
    'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    {
      name: 'Bitbucket, the repository first',
      claimsOf: bitbucket('repository'),
      right: like(`{${PROJECT}}:*`),
      wrong: like(`${PROJECT}:*`),
    },
    {
      name: 'Bitbucket, the workspace first',
      claimsOf: bitbucket('workspace'),
      right: like(`{${ORG}}:{${PROJECT}}:*`),
      wrong: equals({ repositoryUuid: `{${PROJECT}}` }),
    },
  ),
  ...[
    'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
    'https://oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF0123456789ABCDEF',
    'https://kubernetes.example.com',
  ].flatMap((issuer) => at(issuer, IN_EKS)),
  ...['https://oidc.vercel.com/acme', 'https://oidc.vercel.com'].flatMap((issuer) =>
    at(issuer, {
      name: 'Vercel',
      claimsOf: vercel,
      right: equals({
        aud: 'https://vercel.com/acme',
        sub: 'owner:acme:project:site:environment:production',
      }),
      wrong: equals({ owner_id: 'team_7Gw5ZMzpQA8h90F832KGp7nwbuh3' }),
    }),
  ),
  ...at('https://oidc-configuration.audit-log.githubusercontent.com', {
    name: 'audit logs of GitHub',
    claimsOf: (issuer) => githubAuditLogClaims(issuer, 'octo-enterprise'),
    right: equals({ sub: 'https://github.com/octo-enterprise' }),
    wrong: equals({ sub: 'https://github.com/octo-evil' }),
  }),
  ...at(
    'https://api.pulumi.com/oidc',
    {
      name: 'a deployment of Pulumi',
      claimsOf: (issuer) =>
        pulumiClaims(issuer, {
          organization: 'acme',
          project: 'site',
          job: { stack: 'prod', operation: 'update' },
        }),
      right: equals({ aud: 'acme' }),
      wrong: equals({ aud: 'aws:acme' }),
    },
    {
      name: 'an environment of Pulumi',
      claimsOf: (issuer) =>
        pulumiClaims(issuer, { organization: 'acme', project: 'site', job: { environment: 'prod' } }),
      right: equals({ aud: 'aws:acme' }),
      wrong: equals({ org: 'acme' }),
    },
  ),
  ...at('https://accounts.google.com', {
    name: 'a service account of Google',
    claimsOf: (issuer) =>
      googleClaims(issuer, {
        id: '103547991597142817347',
        email: 'deploy@acme.iam.gserviceaccount.com',
        organizationNumber: 123456789,
        audience: 'https://aws.example.com',
      }),
    right: equals({
      sub: '103547991597142817347',
      aud: '103547991597142817347',
      oaud: 'https://aws.example.com',
      email: 'deploy@acme.iam.gserviceaccount.com',
      'google/organization_number': '123456789',
    }),
    wrong: equals({ aud: 'https://aws.example.com' }),
  }),
  ...at('https://login.example.com/', {
    name: 'another issuer, which ends in a slash',
    claimsOf: (issuer) => plainClaims(issuer, 'robot', 'aws'),
    right: equals({ sub: 'robot', aud: 'aws' }),
    wrong: equals({ sub: 'robot', iss: 'https://login.example.com/' }),
  }),
];

/** The condition with the keys of the issuer. Keys of AWS are as they are. */
export const conditionOf = (issuer: string, condition: ShortCondition): object =>
  Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, value]) => [
          key.startsWith('aws:') ? key : `${issuer.replace('https://', '')}:${key}`,
          value,
        ]),
      ),
    ]),
  );
