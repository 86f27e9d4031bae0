/** The stack that lets one CircleCI project log in: the provider of its org, and a role. */
import { CfnOutput, Stack, aws_ecr as ecr } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CircleCiFederation } from './circleci-federation';
import { CircleCiRole } from './circleci-role';
import type { CircleCiFederationProps, CircleCiTrustProps, ICircleCiFederation } from './props';

/** The org's provider: an own one, or one that the account has already. */
export type FederationSource = CircleCiFederationProps | { readonly provider: string };

/** What the stack is given. */
export type FederationStackProps = FederationSource &
  CircleCiTrustProps & {
    /**
     * Name of an ECR repository of the stack's account and region that the role may push to.
     * @default the role may do nothing yet but log in
     */
    readonly repository?: string | undefined;
  };

/** A stack with one CircleCiFederation and one CircleCiRole. */
export class FederationStack extends Stack {
  readonly federation: ICircleCiFederation;
  readonly role: CircleCiRole;

  constructor(scope: Construct, id: string, props: FederationStackProps & Pick<StackProps, 'env'>) {
    super(scope, id, {
      description: 'Lets the jobs of one CircleCI project log in to AWS by OpenID Connect',
      ...(props.env === undefined ? {} : { env: props.env }),
    });
    this.federation = this.findFederation(props);
    const { project, origin, ref, projectIdCondition, repository } = props;
    const trust = { project, origin, ref, projectIdCondition };
    this.role = new CircleCiRole(this, 'Role', { ...trust, federation: this.federation });
    if (repository !== undefined) {
      this.role.grantEcrPush(ecr.Repository.fromRepositoryName(this, 'Repository', repository));
    }
    new CfnOutput(this, 'ProviderArn', { value: this.federation.provider.oidcProviderArn });
    new CfnOutput(this, 'RoleArn', { value: this.role.roleArn });
  }

  private findFederation(source: FederationSource): ICircleCiFederation {
    return 'provider' in source
      ? CircleCiFederation.fromProviderArn(this, 'Federation', source.provider)
      : new CircleCiFederation(this, 'Federation', source);
  }
}
