/**
 * A CDK app of your own: CircleCI may push images from any branch, and deploy only from main. The monitor audits both.
 *
 *     npm install thumbprint-drift-monitor aws-cdk-lib constructs
 *     npx cdk deploy --app 'npx tsx app.ts'
 */
import { App, Duration, Stack, aws_ecr as ecr, aws_s3 as s3 } from 'aws-cdk-lib';
import { CircleCiFederation, CircleCiRole, ThumbprintMonitor } from 'thumbprint-drift-monitor';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

const app = new App();
const stack = new Stack(app, 'Ci');

// If the account has the provider already: CircleCiFederation.fromProviderArn(stack, 'CircleCi', 'arn:…').
const federation = new CircleCiFederation(stack, 'CircleCi', { org: ORG });

const build = new CircleCiRole(stack, 'Build', { federation, project: PROJECT });
build.grantEcrPush(new ecr.Repository(stack, 'Images'));

const deploy = new CircleCiRole(stack, 'Deploy', {
  federation,
  project: PROJECT,
  // Only CIRCLE_OIDC_TOKEN_V2 names repository and ref, so jobs must use that one.
  origin: 'github.com/acme/app',
  ref: 'refs/heads/main',
  maxSessionDuration: Duration.hours(2),
});
s3.Bucket.fromBucketName(stack, 'Site', 'www.example.com').grantReadWrite(deploy);

new ThumbprintMonitor(stack, 'Monitor', { orgs: [federation.org], emails: ['you@example.com'] });
