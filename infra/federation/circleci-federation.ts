/** The IAM OIDC provider of a CircleCI org as a construct. */
import { Stack, aws_iam as iam } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ConfigError } from '../../lambda/domain/errors';
import type { CircleCiFederationProps, ICircleCiFederation } from './props';
import { validateFederation, validateProviderArn } from './validate';

/**
 * Lets CircleCI jobs of one org log in to this account, by roles that trust it: see CircleCiRole. An account has one
 * provider an issuer, whatever the region; if it exists already, use `fromProviderArn`. Throws ConfigError at synth,
 * naming every problem of the props, one a line.
 */
export class CircleCiFederation extends Construct implements ICircleCiFederation {
  readonly provider: iam.OidcProviderNative;
  readonly issuer: string;
  readonly org: string;

  constructor(scope: Construct, id: string, props: CircleCiFederationProps) {
    super(scope, id);
    const validated = validateFederation(props);
    if (!validated.ok) throw new ConfigError(validated.problems.join('\n'));
    const { org, issuer, thumbprints } = validated.value;
    this.org = org;
    this.issuer = issuer;
    this.provider = new iam.OidcProviderNative(this, 'Provider', {
      url: issuer,
      clientIds: [org],
      ...(thumbprints === undefined ? {} : { thumbprints: [...thumbprints] }),
    });
  }

  /**
   * A provider that the account has already. Partition and account of the ARN may be tokens; the issuer must be written
   * out, since it names the condition keys. Throws ConfigError if it is not the provider of a CircleCI org, or of
   * another account than the stack's.
   */
  static fromProviderArn(scope: Construct, id: string, providerArn: string): ICircleCiFederation {
    const validated = validateProviderArn(providerArn, Stack.of(scope).account);
    if (!validated.ok) throw new ConfigError(validated.problems.join('\n'));
    return {
      ...validated.value,
      provider: iam.OidcProviderNative.fromOidcProviderArn(scope, id, providerArn),
    };
  }
}
