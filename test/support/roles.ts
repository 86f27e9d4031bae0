/** Roles with trust policies, as ListRoles returns them. */
import type { Role } from '../../lambda/domain/types';

/** Of every made-up project. */
export const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

const issuerPath = (providerArn: string): string => providerArn.replace(/^.*?:oidc-provider\//, '');

/** A condition key of a provider's tokens. */
export const keyOf = (providerArn: string, claim: string): string => `${issuerPath(providerArn)}:${claim}`;

/** An Allow statement for a provider's logins. */
export const allow = (providerArn: string, condition?: unknown, more: object = {}): object => ({
  Effect: 'Allow',
  Principal: { Federated: providerArn },
  Action: 'sts:AssumeRoleWithWebIdentity',
  ...(condition === undefined ? {} : { Condition: condition }),
  ...more,
});

/** A trust policy as people write it. */
export const policyOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** A role of the provider's account and partition. */
export function roleWith(providerArn: string, name: string, policy: string): Role {
  const account = providerArn.replace(/:oidc-provider\/.*$/s, '');
  return { arn: `${account}:role/${name}`, name, trustPolicy: encodeURIComponent(policy) };
}

/** Any id, and nothing longer: behind user/* a branch could be named like the rest. */
const ANY_USER = '????????-????-????-????-????????????';

/** A condition without a finding: audience, project, origin and ref. */
export const narrow = (providerArn: string): object => {
  const org = providerArn.slice(-36);
  return {
    StringEquals: { [keyOf(providerArn, 'aud')]: org },
    StringLike: {
      [keyOf(providerArn, 'sub')]:
        `org/${org}/project/${PROJECT}/user/${ANY_USER}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`,
    },
  };
};

/** A role without any finding. */
export const narrowRole = (providerArn: string): Role =>
  roleWith(
    providerArn,
    `ci-${providerArn.slice(-36, -28)}`,
    policyOf(allow(providerArn, narrow(providerArn))),
  );
