/** A role that the jobs of one CircleCI project can assume, as a construct. */
import { aws_iam as iam } from 'aws-cdk-lib';
import type { aws_ecr as ecr } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConfigError } from '../../lambda/domain/errors';
import { acknowledgePatterns } from '../monitor/acknowledged';
import type { CircleCiRoleProps } from './props';
import { warnOfAnyRef } from './any-ref-warning';
import { validateTrustProps } from './validate-trust';
import { warnOfLength } from './length-warning';
import { trustConditions } from './trust-conditions';
import { tokenSource } from '../../lambda/oidc/profiles';
import { PROJECT_CLAIM } from '../../lambda/oidc/profiles/circleci';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html, on the repository */
const ECR_PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/**
 * Trusts one project's tokens by `aud`, `sub` and, for orgs of circleci.com, project-id; with `origin` and `ref`, only
 * builds of that repository and those refs. Its trust policy has no finding of the monitor. What its sessions may do is
 * yours to define: `managedPolicies`, `inlinePolicies`, any `grant*` of the CDK. Throws ConfigError at synth, naming
 * every problem of the props, one a line.
 */
export class CircleCiRole extends iam.Role {
  private ecrLogin: iam.Policy | undefined;

  constructor(scope: Construct, id: string, props: CircleCiRoleProps) {
    const { federation, project, origin, ref, projectIdCondition, ...role } = props;
    const assumedBy = principalOf(props);
    super(scope, id, { ...role, assumedBy });
    warnOfLength(this, federation.issuer, [assumedBy.conditions]);
    if (ref === undefined) warnOfAnyRef(this, role, { hasOrigin: origin !== undefined });
  }

  /**
   * Lets sessions push images to a repository, also an imported one, and nothing else there. A push that reuses layers
   * of an image as cache also reads: add `repository.grantPull(role)`.
   */
  grantEcrPush(repository: ecr.IRepository): iam.Grant {
    this.ecrLogin ??= this.createEcrLogin();
    return repository.grant(this, ...ECR_PUSH);
  }

  /** A policy of its own, so that the reason for its `*` covers no other statement. */
  private createEcrLogin(): iam.Policy {
    const policy = new iam.Policy(this, 'EcrLogin', {
      roles: [this],
      statements: [new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] })],
    });
    acknowledgePatterns(policy, ['*'], 'The action ecr:GetAuthorizationToken has no resource type.');
    return policy;
  }
}

function principalOf(props: CircleCiRoleProps): iam.WebIdentityPrincipal {
  const { issuer, org, provider } = props.federation;
  const { grammar, prefix } = tokenSource({ issuer, providerArn: null, audiences: [org] });
  if (grammar.tenant !== org) {
    throw new ConfigError(
      `federation: ${issuer} is not the issuer of organization ${org}. Use a CircleCiFederation, or CircleCiFederation.fromProviderArn.`,
    );
  }
  const validated = validateTrustProps(props, grammar.keys.has(PROJECT_CLAIM));
  if (!validated.ok) throw new ConfigError(validated.problems.join('\n'));
  return new iam.WebIdentityPrincipal(
    provider.oidcProviderArn,
    trustConditions(org, prefix, validated.value),
  );
}
