/** What OidcRole is given. */
import type { aws_iam as iam } from 'aws-cdk-lib';

/** A repository on GitHub. Names and ids are exactly as in its tokens: `gh api repos/OWNER/NAME` shows them. */
export interface GitHubRepository {
  /** `acme` */
  readonly owner: string;
  /** The name alone, without the owner: `app` */
  readonly repository: string;
  /**
   * `.owner.id` of the repository. Required on github.com: subjects of newer repositories contain it, and whoever
   * registers the name of the owner later has another one. AWS STS does not support it for GitHub Enterprise Server.
   */
  readonly ownerId?: string | undefined;
  /** `.id` of the repository. Required on github.com, like `ownerId`. */
  readonly repositoryId?: string | undefined;
}

/** Which jobs of a repository can assume a role: those of some refs, or those of some environments. */
export type GitHubTrust = GitHubRepository &
  (
    | {
        /**
         * `refs/heads/main`. One `*` may end a ref, and matches any text, slashes included: `refs/tags/v*`. Jobs with an
         * environment are not among them: their subjects name no ref. Neither are pull requests.
         */
        readonly refs: readonly string[];
        readonly environments?: undefined;
      }
    | {
        /** Whatever ref they build: the rules of the environment say which refs may use it. */
        readonly environments: readonly string[];
        readonly refs?: undefined;
      }
  );

/** Which jobs of a project on GitLab can assume a role. */
export interface GitLabTrust {
  /** With all groups: `acme/backend/app` */
  readonly projectPath: string;
  /**
   * Also requires this project id, which whoever registers the path later does not have. AWS lists the condition key in
   * its reference, but has not announced it: test it with a role of its own first. AWS STS does not support it for
   * self-managed GitLab.
   * @default projects that have this path, at any time: TRUST008
   */
  readonly projectId?: string | undefined;
  readonly refType: 'branch' | 'tag';
  /** Names without `refs/heads/`: `main`. One `*` may end a name, and matches any text, slashes included: `release/*`. */
  readonly refs: readonly string[];
}

/** Which runs of a workspace can assume a role: of HCP Terraform, or of Terraform Enterprise. */
export interface HcpTerraformTrust {
  readonly organization: string;
  /** @default whichever project has the workspace: names of workspaces are unique in an organization */
  readonly project?: string | undefined;
  readonly workspace: string;
  /** `plan` includes speculative plans, which pull requests start. */
  readonly runPhases: readonly ('plan' | 'apply')[];
}

/** Which builds of a pipeline of Buildkite can assume a role. */
export interface BuildkiteTrust {
  /** As in the URL of the organization: its slug. */
  readonly organization: string;
  /** As in the URL of the pipeline: its slug. */
  readonly pipeline: string;
  /**
   * Also requires this pipeline id (UUID), which whoever registers the names later does not have. AWS lists the condition
   * key in its reference, but has not announced it: test it with a role of its own first.
   * @default pipelines that have these names, at any time: TRUST008
   */
  readonly pipelineId?: string | undefined;
  /** `refs/heads/main`. One `*` may end a ref, and matches any text, slashes included: `refs/tags/v*`. */
  readonly refs: readonly string[];
}

/** Which pods of a cluster can assume a role: of Amazon EKS, or of another Kubernetes. */
export interface EksTrust {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** One, or several: each is a statement of the trust policy. */
export type OneOrMore<T> = T | readonly T[];

/** Which tokens are accepted, by the vendor of the issuer. Exactly one vendor. */
export type OidcTrust =
  | { readonly github: OneOrMore<GitHubTrust> }
  | { readonly gitlab: OneOrMore<GitLabTrust> }
  | { readonly hcpTerraform: OneOrMore<HcpTerraformTrust> }
  | { readonly buildkite: OneOrMore<BuildkiteTrust> }
  | { readonly eks: OneOrMore<EksTrust> };

/** Props of OidcRole: whose tokens it accepts, and the props of every role. */
export interface OidcRoleProps extends Omit<iam.RoleProps, 'assumedBy' | 'externalId' | 'externalIds'> {
  /** The OIDC provider of the account: a construct, or the ARN. */
  readonly provider: iam.IOidcProvider | string;
  /**
   * Exactly the claim `iss` of the tokens: `https://token.actions.githubusercontent.com`. It names the condition keys,
   * so it must be written out.
   * @default the issuer in the ARN, or in the `url` of an OidcProviderNative of the app
   */
  readonly issuer?: string | undefined;
  /**
   * The claim `aud` of the tokens.
   * @default sts.amazonaws.com for GitHub and EKS, aws.workload.identity for HCP Terraform. GitLab and Buildkite have no
   * default: each job chooses
   */
  readonly audience?: string | undefined;
  readonly trust: OidcTrust;
}
