/** The OIDC tokens of a CircleCI job: https://circleci.com/docs/openid-connect-tokens/ */

/** A job, as its tokens describe it. Ids are UUIDs. */
export interface Job {
  readonly org: string;
  readonly project: string;
  readonly user: string;
  /** @default none */
  readonly contexts?: readonly string[];
  /** Of the repository that the change came from. @default github.com/acme/app */
  readonly origin?: string;
  /** @default refs/heads/main */
  readonly ref?: string;
}

/** By the names of the variables in which a job finds them. */
export interface Tokens {
  readonly CIRCLE_OIDC_TOKEN: string;
  readonly CIRCLE_OIDC_TOKEN_V2: string;
}

/** Claims of both tokens. */
export type ClaimsOfTokens = Readonly<Record<keyof Tokens, Readonly<Record<string, unknown>>>>;

const LIFETIME_S = 3_600;

/** The claims in the tokens of a job, for an issuer of its org. */
export function claimsOf(issuer: string, job: Job, at: Date): ClaimsOfTokens {
  const { org, project, user, contexts = [], origin = 'github.com/acme/app', ref = 'refs/heads/main' } = job;
  const iat = Math.floor(at.getTime() / 1000);
  const first = {
    iss: issuer,
    sub: `org/${org}/project/${project}/user/${user}`,
    aud: org,
    iat,
    exp: iat + LIFETIME_S,
    'oidc.circleci.com/project-id': project,
    'oidc.circleci.com/context-ids': contexts,
  };
  return {
    CIRCLE_OIDC_TOKEN: first,
    CIRCLE_OIDC_TOKEN_V2: {
      ...first,
      sub: `${first.sub}/vcs-origin/${origin}/vcs-ref/${ref}`,
      'oidc.circleci.com/vcs-origin': origin,
      'oidc.circleci.com/vcs-ref': ref,
    },
  };
}
