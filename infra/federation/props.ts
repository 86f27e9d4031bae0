/** What the federation's constructs are given. */
import type { aws_iam as iam } from 'aws-cdk-lib';

/** The trust in one CircleCI org: a provider of the account, made by CircleCiFederation or before it. */
export interface ICircleCiFederation {
  readonly provider: iam.IOidcProvider;
  /** Letter by letter the `iss` of the org's tokens. */
  readonly issuer: string;
  /** In lower case, as tokens have it. */
  readonly org: string;
}

/** Props of CircleCiFederation. */
export interface CircleCiFederationProps {
  /** Id (UUID) of the CircleCI org: Organization Settings > Overview. It becomes the provider's only audience. */
  readonly org: string;
  /**
   * The issuer of an org on CircleCI Server: `https://ci.example.com/org/<org>`, as the token's `iss` has it.
   * @default the org's issuer on circleci.com
   */
  readonly issuer?: string | undefined;
  /**
   * SHA-1 thumbprints, 40 hex digits each, at most 5. Once they are in the template, a change of this list replaces
   * what the monitor has added since.
   * @default IAM takes that of the top intermediate certificate when the provider is created
   */
  readonly thumbprints?: readonly string[] | undefined;
}

/** Which jobs a role lets in, and what is true of all its logins. */
export interface CircleCiTrustProps {
  /** Id (UUID) of the one CircleCI project that may assume the role: Project Settings > Overview. */
  readonly project: string;
  /**
   * The one repository whose builds may: `github.com/acme/app`, as the claim `oidc.circleci.com/vcs-origin` has it, in
   * its capitals. Only CIRCLE_OIDC_TOKEN_V2 names it: CIRCLE_OIDC_TOKEN, and pipelines of custom webhooks, are refused.
   * @default builds of any repository that the project builds, forks included if the project passes secrets to them
   */
  readonly origin?: string | undefined;
  /**
   * The refs of `origin` whose builds may: `refs/heads/main`. One `*` may end a ref, and matches any text, slashes
   * included: `refs/tags/v*`. Needs `origin`: in front of a ref, a branch name can match a wildcard.
   * @default every ref of `origin`
   */
  readonly ref?: string | readonly string[] | undefined;
  /**
   * Also asks for the claim project-id, by the condition key that CircleCI recommends and AWS STS knows since February
   * 2026. `sub` names the project anyway. STS has no such key for CircleCI Server: there it would refuse every token.
   * @default true for orgs of circleci.com, false on CircleCI Server
   */
  readonly projectIdCondition?: boolean | undefined;
}

/**
 * Props of CircleCiRole: whom it lets in, and what any role has. Sessions last an hour at most unless
 * `maxSessionDuration` says otherwise (up to 12); jobs ask for their own length.
 */
export interface CircleCiRoleProps
  extends CircleCiTrustProps, Omit<iam.RoleProps, 'assumedBy' | 'externalId' | 'externalIds'> {
  /** Whose tokens: a CircleCiFederation, or `CircleCiFederation.fromProviderArn`. */
  readonly federation: ICircleCiFederation;
}
