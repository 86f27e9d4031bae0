/** The conditions of a trust policy that lets one CircleCI project in. */
import type { aws_iam as iam } from 'aws-cdk-lib';
import { PROJECT_CLAIM } from '../../lambda/oidc/profiles/circleci';
import type { TokenSource } from '../../lambda/iam-policy/tokens';
import type { ValidatedTrust } from './validate-trust';

/**
 * Exactly one user id. A `*` would do for V1 tokens, but crosses slashes: with a source after it, the name of a branch
 * could match the end of one.
 */
const ANY_USER = '????????-????-????-????-????????????';

/**
 * All must hold, and a key that a token lacks fails. Without a source, `user/*` lets in both of CircleCI's tokens: the
 * `*` also covers the `/vcs-origin/…/vcs-ref/…` of CIRCLE_OIDC_TOKEN_V2, whatever they are. Every literal in front of
 * it is compared letter by letter, so that no other org or project can fit.
 */
export function trustConditions(
  org: string,
  prefix: TokenSource['prefix'],
  { project, projectIdCondition, source }: ValidatedTrust,
): iam.Conditions {
  const begin = `org/${org}/project/${project}/user`;
  const subjects =
    source === null
      ? [`${begin}/*`]
      : source.refs.map((ref) => `${begin}/${ANY_USER}/vcs-origin/${source.origin}/vcs-ref/${ref}`);
  const [only, ...others] = subjects;
  return {
    StringEquals: {
      [`${prefix}:aud`]: org,
      ...(projectIdCondition ? { [`${prefix}:${PROJECT_CLAIM}`]: project } : {}),
    },
    StringLike: { [`${prefix}:sub`]: others.length === 0 ? only : subjects },
  };
}
