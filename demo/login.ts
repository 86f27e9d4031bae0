/** What a CircleCI job does before it touches AWS. */
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Issuer } from './issuer';
import type { Job } from './tokens';

/** Where a job logs in, and as what. */
export interface Login {
  readonly endpoint: string;
  readonly issuer: Issuer;
  readonly job: Job;
  readonly roleArn: string;
}

/** Gives whom AWS took the job for, or AWS's own words where it refused. */
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
