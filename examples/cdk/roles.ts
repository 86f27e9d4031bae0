/**
 * A CDK app of your own: roles for jobs of CI systems, and one for pods of a cluster.
 *
 *     npm install thumbprint-drift-monitor aws-cdk-lib constructs
 *     npx cdk deploy --app 'npx tsx roles.ts'
 */
import { App, Stack, aws_iam as iam, aws_s3 as s3 } from 'aws-cdk-lib';
import { OidcRole } from 'thumbprint-drift-monitor';

const app = new App();
const stack = new Stack(app, 'Roles');

// GitHub Actions
const github = new iam.OidcProviderNative(stack, 'GitHub', {
  url: 'https://token.actions.githubusercontent.com',
  clientIds: ['sts.amazonaws.com'],
});
const deploy = new OidcRole(stack, 'GitHubDeploy', {
  provider: github,
  trust: {
    github: {
      owner: 'acme',
      repository: 'app',
      ownerId: '9919',
      repositoryId: '1296269',
      environments: ['production'],
    },
  },
});
s3.Bucket.fromBucketName(stack, 'Site', 'www.example.com').grantReadWrite(deploy);

// GitLab
const gitlab = new iam.OidcProviderNative(stack, 'GitLab', {
  url: 'https://gitlab.com',
  clientIds: ['sts.amazonaws.com'],
});
new OidcRole(stack, 'GitLabBuild', {
  provider: gitlab,
  audience: 'sts.amazonaws.com',
  trust: {
    gitlab: {
      projectPath: 'acme/backend/app',
      projectId: '278964',
      refType: 'branch',
      refs: ['main', 'release/*'],
    },
  },
});

// HCP Terraform
const terraform = new iam.OidcProviderNative(stack, 'HcpTerraform', {
  url: 'https://app.terraform.io',
  clientIds: ['aws.workload.identity'],
});
new OidcRole(stack, 'NetworkPlan', {
  provider: terraform,
  trust: { hcpTerraform: { organization: 'acme', workspace: 'network', runPhases: ['plan'] } },
});
new OidcRole(stack, 'NetworkApply', {
  provider: terraform,
  trust: { hcpTerraform: { organization: 'acme', workspace: 'network', runPhases: ['apply'] } },
});

// Buildkite
const buildkite = new iam.OidcProviderNative(stack, 'Buildkite', {
  url: 'https://agent.buildkite.com',
  clientIds: ['sts.amazonaws.com'],
});
new OidcRole(stack, 'BuildkiteBuild', {
  provider: buildkite,
  audience: 'sts.amazonaws.com',
  trust: {
    buildkite: {
      organization: 'acme',
      pipeline: 'app',
      pipelineId: '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58',
      refs: ['refs/heads/main', 'refs/tags/v*'],
    },
  },
});

// Amazon EKS: a provider that the account has already.
new OidcRole(stack, 'Pod', {
  provider:
    'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
  trust: { eks: { namespace: 'web', serviceAccount: 'app' } },
});
