/** What the federation's constructs are given. */
import type { aws_iam as iam } from 'aws-cdk-lib';

/** The trust in one CircleCI org: a provider of the account, created by CircleCiFederation or existing before. */
export interface ICircleCiFederation {
  readonly provider: iam.IOidcProvider;
  /** Exactly the claim `iss` of the tokens of the org. */
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

/** Which jobs can assume a role. */
export interface CircleCiTrustProps {
  /** Id (UUID) of the one CircleCI project that may assume the role: Project Settings > Overview. */
  readonly project: string;
  /**
   * The one repository whose builds may assume the role: `github.com/acme/app`, exactly as in the claim
   * `oidc.circleci.com/vcs-origin`. Only CIRCLE_OIDC_TOKEN_V2 contains it: CIRCLE_OIDC_TOKEN, and pipelines of custom
   * webhooks, are refused.
   * @default builds of any repository that the project builds, forks included if the project passes secrets to them
   */
  readonly origin?: string | undefined;
  /**
   * The refs of `origin` whose builds may assume the role: `refs/heads/main`. One `*` may end a ref, and matches any
   * text, slashes included: `refs/tags/v*`. Requires `origin`: without it, the name of a branch could match the wildcard
   * in front of the ref.
   * @default every ref of `origin`
   */
  readonly ref?: string | readonly string[] | undefined;
  /**
   * Also requires the claim project-id, by the condition key that CircleCI recommends and AWS STS supports since
   * February 2026. `sub` names the project anyway. STS has no such key for CircleCI Server: all logins would fail.
   * @default true for orgs of circleci.com, false on CircleCI Server
   */
  readonly projectIdCondition?: boolean | undefined;
}

/**
 * Props of CircleCiRole: which jobs can assume it, and the props of every role. Sessions last an hour at most unless
 * `maxSessionDuration` says otherwise (up to 12); jobs request their own duration.
 */
export interface CircleCiRoleProps
  extends CircleCiTrustProps, Omit<iam.RoleProps, 'assumedBy' | 'externalId' | 'externalIds'> {
  /** Whose tokens are accepted: a CircleCiFederation, or `CircleCiFederation.fromProviderArn`. */
  readonly federation: ICircleCiFederation;
}
