/** What a CircleCI job does before it calls AWS. */
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Issuer } from './issuer';
import type { Job } from './tokens';

/** The endpoint and role of a login. */
export interface Login {
  readonly endpoint: string;
  readonly issuer: Issuer;
  readonly job: Job;
  readonly roleArn: string;
}

/** Returns the identity that AWS gave the job, or AWS's own words if it refused. */
export async function logIn({ endpoint, issuer, job, roleArn }: Login): Promise<string> {
  const sts = new STSClient({ endpoint, region: 'eu-west-1', maxAttempts: 1 });
  try {
    const { AssumedRoleUser } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: 'build-7',
        WebIdentityToken: issuer.tokensOf(job).CIRCLE_OIDC_TOKEN_V2,
      }),
    );
    return AssumedRoleUser?.Arn ?? '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    sts.destroy();
  }
}
