/**
 * The claims that issuers sign, as their vendors document them (2026-11), whether AWS reads them or not. Each function makes
 * the claims of a job without its times. Names and ids that only identify a run are made up and always the same.
 */
import type { Claims } from './aws/condition-keys';

const RUN_ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const COMMIT = '9f3182061f1e2cca4702c368cbc039b7dc9d4485';

/** The claims with the times of a token. `now`: ISO 8601 or a date. */
export function validFor(claims: Claims, lifetimeSeconds: number, now: Date): Claims {
  const iat = Math.floor(now.getTime() / 1_000);
  return { ...claims, iat, nbf: iat, exp: iat + lifetimeSeconds };
}

/** A branch or a tag. */
export interface GitRef {
  readonly type: 'branch' | 'tag';
  readonly name: string;
}

const fullRef = ({ type, name }: GitRef): string => `refs/${type === 'branch' ? 'heads' : 'tags'}/${name}`;

/** A job of CircleCI. Ids are UUIDs. */
export interface CircleciJob {
  readonly org: string;
  readonly project: string;
  readonly user: string;
  /** Of the pipeline's code. Null for a pipeline of a custom webhook, which has none. */
  readonly source: { readonly origin: string; readonly ref: GitRef } | null;
  /** `CIRCLE_OIDC_TOKEN` or `CIRCLE_OIDC_TOKEN_V2`. */
  readonly version: 'V1' | 'V2';
  /** @default the org */
  readonly audience?: string;
}

/** https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/, also for CircleCI Server. */
export function circleciClaims(
  issuer: string,
  { org, project, user, source, version, audience = org }: CircleciJob,
): Claims {
  const ref = source === null ? '' : `/vcs-origin/${source.origin}/vcs-ref/${fullRef(source.ref)}`;
  return {
    iss: issuer,
    sub: `org/${org}/project/${project}/user/${user}${version === 'V2' ? ref : ''}`,
    aud: audience,
    'oidc.circleci.com/org-id': org,
    'oidc.circleci.com/project-id': project,
    'oidc.circleci.com/context-ids': [],
    'oidc.circleci.com/job-id': RUN_ID,
    'oidc.circleci.com/pipeline-id': RUN_ID,
    'oidc.circleci.com/pipeline-definition-id': RUN_ID,
    'oidc.circleci.com/workflow-id': RUN_ID,
    'oidc.circleci.com/ssh-rerun': false,
    ...(source === null
      ? {}
      : { 'oidc.circleci.com/vcs-origin': source.origin, 'oidc.circleci.com/vcs-ref': fullRef(source.ref) }),
  };
}

/** What CircleCI's streaming of audit logs sends: https://circleci.com/docs/guides/security/audit-logs/ */
export const circleciStreamingClaims = (issuer: string, org: string): Claims => ({
  iss: issuer,
  sub: `org/${org}/file-streaming/audit-logs`,
  aud: org,
});

/** A job of GitHub Actions. */
export interface GithubJob {
  readonly owner: string;
  readonly ownerId: string;
  readonly repository: string;
  readonly repositoryId: string;
  readonly trigger:
    GitRef | { readonly type: 'pull request'; readonly number: number; readonly from: string };
  readonly environment?: string;
  /** Of repositories that were created, renamed or transferred since 2026-07-15, or that opted in, subjects have ids. */
  readonly subject: 'names' | 'names and ids' | { readonly template: readonly string[] };
  /** Its organization belongs to an enterprise. */
  readonly enterprise?: { readonly slug: string; readonly id: string };
  readonly actor: string;
  /** Of the repository. */
  readonly workflow: string;
  /** The path of a workflow, with its repository and ref. @default the one of the job */
  readonly reusableWorkflow?: string;
  readonly audience: string;
}

/**
 * https://docs.github.com/en/actions/reference/security/oidc, also for enterprise issuers, ghe.com and GitHub Enterprise Server.
 * A template names claims, `repo` and `context`; a colon in their values is `%3A`.
 */
export function githubClaims(issuer: string, job: GithubJob): Claims {
  const { owner, repository, trigger, environment, enterprise, workflow, audience } = job;
  const isPull = trigger.type === 'pull request';
  const ref = isPull ? `refs/pull/${trigger.number}/merge` : fullRef(trigger);
  const workflowRef = `${owner}/${repository}/.github/workflows/${workflow}@${ref}`;
  const claims: Claims = {
    iss: issuer,
    aud: audience,
    jti: RUN_ID,
    ref,
    ref_type: isPull || trigger.type === 'branch' ? 'branch' : 'tag',
    ref_protected: 'true',
    sha: COMMIT,
    repository: `${owner}/${repository}`,
    repository_id: job.repositoryId,
    repository_owner: owner,
    repository_owner_id: job.ownerId,
    repository_visibility: 'private',
    run_id: '1234567890',
    run_number: '10',
    run_attempt: '1',
    runner_environment: 'github-hosted',
    actor: job.actor,
    actor_id: '583231',
    workflow: workflow.replace(/\.ya?ml$/, ''),
    workflow_ref: workflowRef,
    workflow_sha: COMMIT,
    job_workflow_ref: job.reusableWorkflow ?? workflowRef,
    job_workflow_sha: COMMIT,
    event_name: isPull ? 'pull_request' : 'push',
    head_ref: isPull ? trigger.from : '',
    base_ref: isPull ? 'main' : '',
    ...(environment === undefined ? {} : { environment }),
    ...(enterprise === undefined ? {} : { enterprise: enterprise.slug, enterprise_id: enterprise.id }),
  };
  return { ...claims, sub: githubSubject(job, claims) };
}

function githubSubject({ subject, environment, trigger, ...job }: GithubJob, claims: Claims): string {
  const context =
    environment !== undefined
      ? `environment:${escapeColons(environment)}`
      : trigger.type === 'pull request'
        ? 'pull_request'
        : `ref:${fullRef(trigger)}`;
  const names = `repo:${job.owner}/${job.repository}`;
  if (subject === 'names') return `${names}:${context}`;
  if (subject === 'names and ids')
    return `repo:${job.owner}@${job.ownerId}/${job.repository}@${job.repositoryId}:${context}`;
  return subject.template
    .map((name) => {
      if (name === 'repo') return names;
      return name === 'context' ? context : `${name}:${escapeColons(String(claims[name]))}`;
    })
    .join(':');
}

const escapeColons = (text: string): string => text.replaceAll(':', '%3A');

/** A job of GitLab CI/CD. */
export interface GitlabJob {
  /** Groups, and the project last. */
  readonly projectPath: string;
  readonly projectId: string;
  /** Of the group that has the project. */
  readonly namespaceId: string;
  readonly ref: GitRef;
  readonly isProtected: boolean;
  readonly environment?: string;
  readonly user: string;
  /** Set in the job. */
  readonly audience: string;
}

/** https://docs.gitlab.com/ci/secrets/id_token_authentication/, also for self-managed instances. */
export function gitlabClaims(issuer: string, job: GitlabJob): Claims {
  const { projectPath, ref, environment, user } = job;
  return {
    iss: issuer,
    sub: `project_path:${projectPath}:ref_type:${ref.type}:ref:${ref.name}`,
    aud: job.audience,
    jti: RUN_ID,
    namespace_id: job.namespaceId,
    namespace_path: projectPath.split('/').slice(0, -1).join('/'),
    project_id: job.projectId,
    project_path: projectPath,
    project_visibility: 'private',
    user_id: '1',
    user_login: user,
    user_email: `${user}@example.com`,
    user_access_level: 'developer',
    user_identities: [],
    pipeline_id: '574',
    pipeline_source: 'push',
    job_id: '302',
    ref: ref.name,
    ref_type: ref.type,
    ref_path: fullRef(ref),
    ref_protected: String(job.isProtected),
    runner_id: 1,
    runner_environment: 'gitlab-hosted',
    sha: COMMIT,
    ci_config_ref_uri: `${issuer.replace('https://', '')}/${projectPath}//.gitlab-ci.yml@${fullRef(ref)}`,
    ci_config_sha: COMMIT,
    ...(environment === undefined
      ? {}
      : {
          environment,
          environment_protected: 'true',
          deployment_tier: environment,
          environment_action: 'start',
        }),
  };
}

/** A run of a workspace, or of a deployment of a stack. */
export interface TerraformRun {
  readonly organization: string;
  readonly project: string;
  readonly run:
    | { readonly workspace: string; readonly phase: 'plan' | 'apply' }
    | { readonly stack: string; readonly deployment: string; readonly operation: 'plan' | 'apply' };
  /** @default aws.workload.identity */
  readonly audience?: string;
}

/**
 * https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens and
 * https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate, also for Terraform Enterprise.
 */
export function terraformClaims(
  issuer: string,
  { organization, project, run, audience = 'aws.workload.identity' }: TerraformRun,
): Claims {
  const common = {
    iss: issuer,
    aud: audience,
    jti: RUN_ID,
    terraform_organization_id: `org-${organization}`,
    terraform_organization_name: organization,
    terraform_project_id: `prj-${project}`,
    terraform_project_name: project,
    terraform_run_id: 'run-3fyFZ3hXzSiWGjYt',
  };
  const prefix = `organization:${organization}:project:${project}`;
  if ('stack' in run) {
    return {
      ...common,
      sub: `${prefix}:stack:${run.stack}:deployment:${run.deployment}:operation:${run.operation}`,
      terraform_stack_id: `st-${run.stack}`,
      terraform_stack_name: run.stack,
      terraform_stack_deployment_name: run.deployment,
      terraform_operation: run.operation,
    };
  }
  const workspace = `workspace:${run.workspace}`;
  return {
    ...common,
    sub: `${prefix}:${workspace}:run_phase:${run.phase}`,
    terraform_workspace_id: `ws-${run.workspace}`,
    terraform_workspace_name: run.workspace,
    terraform_full_workspace: `${prefix}:${workspace}`,
    terraform_run_phase: run.phase,
  };
}

/** A job of Buildkite. Ids are UUIDs. */
export interface BuildkiteJob {
  readonly organization: string;
  readonly organizationId: string;
  readonly pipeline: string;
  readonly pipelineId: string;
  readonly ref: GitRef;
  readonly step: string;
  readonly cluster?: { readonly name: string; readonly id: string };
  /** The claim whose value is the whole subject, if the job asks for one. */
  readonly subjectClaim?: 'organization_id' | 'pipeline_id' | 'cluster_id';
  /** Claims that the job asks for as session tags of AWS. */
  readonly sessionTags?: readonly string[];
  readonly audience?: string;
}

/** https://buildkite.com/docs/agent/cli/reference/oidc, with the optional claims that are ids. */
export function buildkiteClaims(issuer: string, job: BuildkiteJob): Claims {
  const { organization, pipeline, ref, step, cluster, subjectClaim, sessionTags = [] } = job;
  const claims: Claims = {
    iss: issuer,
    aud: job.audience ?? `https://buildkite.com/${organization}`,
    jti: RUN_ID,
    organization_slug: organization,
    organization_id: job.organizationId,
    pipeline_slug: pipeline,
    pipeline_id: job.pipelineId,
    build_number: 1,
    build_branch: ref.type === 'branch' ? ref.name : 'main',
    build_tag: ref.type === 'tag' ? ref.name : '',
    build_commit: COMMIT,
    build_source: 'webhook',
    step_key: step,
    job_id: RUN_ID,
    agent_id: RUN_ID,
    runner_environment: 'self-hosted',
    ...(cluster === undefined ? {} : { cluster_name: cluster.name, cluster_id: cluster.id }),
  };
  const subject = `organization:${organization}:pipeline:${pipeline}:ref:${fullRef(ref)}:commit:${COMMIT}:step:${step}`;
  const tags = Object.fromEntries(sessionTags.map((name) => [name, [String(claims[name])]]));
  return {
    ...claims,
    sub: subjectClaim === undefined ? subject : claims[subjectClaim],
    ...(sessionTags.length === 0 ? {} : { 'https://aws.amazon.com/tags': { principal_tags: tags } }),
  };
}

/** A step of Bitbucket Pipelines. Ids are UUIDs without braces. */
export interface BitbucketStep {
  readonly workspaceId: string;
  readonly repositoryId: string;
  readonly environmentId?: string;
  readonly branch: string;
  /** Sources disagree which id is the first. */
  readonly startsWith: 'repository' | 'workspace';
  /** Beside the default one. */
  readonly otherAudiences?: readonly string[];
}

/**
 * https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/ and
 * https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
 */
export function bitbucketClaims(issuer: string, step: BitbucketStep): Claims {
  const { workspaceId, repositoryId, environmentId, otherAudiences = [] } = step;
  const ids = [
    ...(step.startsWith === 'workspace' ? [workspaceId] : []),
    repositoryId,
    ...(environmentId === undefined ? [] : [environmentId]),
    RUN_ID,
  ];
  const audience = `ari:cloud:bitbucket::workspace/${workspaceId}`;
  return {
    iss: issuer,
    sub: ids.map((id) => `{${id}}`).join(':'),
    aud: otherAudiences.length === 0 ? audience : [audience, ...otherAudiences],
    workspaceUuid: `{${workspaceId}}`,
    repositoryUuid: `{${repositoryId}}`,
    branchName: step.branch,
    pipelineUuid: `{${RUN_ID}}`,
    stepUuid: `{${RUN_ID}}`,
    ...(environmentId === undefined ? {} : { deploymentEnvironmentUuid: `{${environmentId}}` }),
  };
}

/** The projected token of a pod. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** @default sts.amazonaws.com */
  readonly audience?: string;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens, EKS included. */
export const kubernetesClaims = (
  issuer: string,
  { namespace, name, audience = 'sts.amazonaws.com' }: ServiceAccount,
): Claims => ({
  iss: issuer,
  sub: `system:serviceaccount:${namespace}:${name}`,
  aud: [audience],
  jti: RUN_ID,
  'kubernetes.io': {
    namespace,
    node: { name: 'ip-10-0-0-1', uid: RUN_ID },
    pod: { name: `${name}-0`, uid: RUN_ID },
    serviceaccount: { name, uid: RUN_ID },
  },
});

/** A deployment of Vercel. */
export interface VercelDeployment {
  readonly team: string;
  readonly teamId: string;
  readonly project: string;
  readonly projectId: string;
  readonly environment: string;
  readonly audience?: string;
}

/** https://vercel.com/docs/oidc/reference */
export function vercelClaims(issuer: string, deployment: VercelDeployment): Claims {
  const { team, project, environment } = deployment;
  const sub = `owner:${team}:project:${project}:environment:${environment}`;
  return {
    iss: issuer,
    sub,
    scope: sub,
    aud: deployment.audience ?? `https://vercel.com/${team}`,
    owner: team,
    owner_id: deployment.teamId,
    project,
    project_id: deployment.projectId,
    environment,
    plan: 'pro',
  };
}

/** https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/streaming-the-audit-log-for-your-enterprise */
export const githubAuditLogClaims = (issuer: string, enterprise: string): Claims => ({
  iss: issuer,
  sub: `https://github.com/${enterprise}`,
  aud: 'sts.amazonaws.com',
});

/** A deployment of Pulumi, or an environment of Pulumi ESC. */
export interface PulumiJob {
  readonly organization: string;
  readonly project: string;
  readonly job:
    { readonly stack: string; readonly operation: 'preview' | 'update' } | { readonly environment: string };
}

/** https://www.pulumi.com/docs/deployments/guides/oidc/aws/ and https://www.pulumi.com/docs/esc/guides/configuring-oidc/aws/ */
export function pulumiClaims(issuer: string, { organization, project, job }: PulumiJob): Claims {
  if ('environment' in job) {
    return {
      iss: issuer,
      sub: `pulumi:environments:org:${organization}:env:${project}/${job.environment}`,
      aud: `aws:${organization}`,
      org: organization,
      current_env: `${project}/${job.environment}`,
      root_env: `${project}/${job.environment}`,
    };
  }
  const { stack, operation } = job;
  return {
    iss: issuer,
    sub: `pulumi:deploy:org:${organization}:project:${project}:stack:${stack}:operation:${operation}:scope:write`,
    aud: organization,
    org: organization,
    project,
    stack,
    stackId: `${organization}/${project}/${stack}`,
    operation,
    scope: 'write',
  };
}

/** A service account of Google Cloud. */
export interface GoogleAccount {
  /** A number. */
  readonly id: string;
  readonly email: string;
  readonly organizationNumber?: number;
  /** The caller chooses it. */
  readonly audience: string;
}

/** https://cloud.google.com/docs/authentication/token-types#id and https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken */
export const googleClaims = (
  issuer: string,
  { id, email, organizationNumber, audience }: GoogleAccount,
): Claims => ({
  iss: issuer,
  sub: id,
  azp: id,
  aud: audience,
  email,
  email_verified: true,
  ...(organizationNumber === undefined ? {} : { google: { organization_number: organizationNumber } }),
});

/** An issuer of which nothing is known: https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
export const plainClaims = (issuer: string, subject: string, audience: string): Claims => ({
  iss: issuer,
  sub: subject,
  aud: audience,
});
