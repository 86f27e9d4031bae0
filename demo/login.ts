/** What a CircleCI job does before it calls AWS. */
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Issuer } from './issuer';

/** A job, as its token describes it. Ids are UUIDs. */
export interface Job {
  readonly org: string;
  readonly project: string;
  readonly user: string;
}

const LIFETIME_S = 3_600;

/** A job's token, CIRCLE_OIDC_TOKEN_V2: https://circleci.com/docs/openid-connect-tokens/ */
export function tokenOf({ issuerOf, sign }: Issuer, { org, project, user }: Job): string {
  const iat = Math.floor(Date.now() / 1000);
  const [origin, ref] = ['github.com/acme/app', 'refs/heads/main'];
  return sign({
    iss: issuerOf(org),
    sub: `org/${org}/project/${project}/user/${user}/vcs-origin/${origin}/vcs-ref/${ref}`,
    aud: org,
    iat,
    exp: iat + LIFETIME_S,
    'oidc.circleci.com/project-id': project,
    'oidc.circleci.com/context-ids': [],
    'oidc.circleci.com/vcs-origin': origin,
    'oidc.circleci.com/vcs-ref': ref,
  });
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
