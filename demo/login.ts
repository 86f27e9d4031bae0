/** What a CircleCI job does before it calls AWS. */
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Issuer } from './issuer';
import { circleciClaims, validFor } from './tokens';

/** A job, as its token describes it. Ids are UUIDs. */
export interface Job {
  readonly org: string;
  readonly project: string;
  readonly user: string;
}

const LIFETIME_S = 3_600;

/** A job's token, CIRCLE_OIDC_TOKEN_V2. */
export function tokenOf({ issuerOf, sign }: Issuer, job: Job): string {
  const source = { origin: 'github.com/acme/app', ref: { type: 'branch', name: 'main' } } as const;
  const claims = circleciClaims(issuerOf(job.org), { ...job, source, version: 'V2' });
  return sign(validFor(claims, LIFETIME_S, new Date()));
}

/** How a login ended: the identity that AWS gave, or the reason of AWS why it refused. */
export type Login =
  { readonly works: true; readonly identity: string } | { readonly works: false; readonly reason: string };

/** Asks AWS for a role with a token. */
export async function logIn(endpoint: string, token: string, roleArn: string): Promise<Login> {
  const sts = new STSClient({ endpoint, region: 'eu-west-1', maxAttempts: 1 });
  try {
    const { AssumedRoleUser } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: 'build-7',
        WebIdentityToken: token,
      }),
    );
    return { works: true, identity: AssumedRoleUser?.Arn ?? '' };
  } catch (error) {
    return { works: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    sts.destroy();
  }
}
