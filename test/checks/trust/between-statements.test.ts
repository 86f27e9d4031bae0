/** Policies of several statements, and several roles: the result of one must not depend on another. */
import { describe, expect, it } from '@jest/globals';
import type { Finding, Role } from '../../../lambda/domain/types';
import { trustOfTarget } from '../../support/target-trust';
import type { TargetTrust } from '../../../lambda/checks/trust/trust';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { evaluatePrincipals } from '../../../lambda/checks/trust/missing-providers';
import { PROJECT, allow, keyOf, narrow, policyOf, roleWith } from '../../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const USER = '11111111-2222-4333-8444-555555555555';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const ROOT = `${IAM}oidc.circleci.com`;
const GITHUB = `${IAM}token.actions.githubusercontent.com`;

const sub = (provider: string, value: string): object => ({
  StringLike: { [keyOf(provider, 'sub')]: value },
});
const project = {
  StringEquals: {
    [keyOf(CLOUD, 'oidc.circleci.com/project-id')]: PROJECT,
    [keyOf(CLOUD, 'aud')]: ORG,
  },
};

function judge(
  provider: string,
  roles: readonly Role[] | null,
  exists: string | null = provider,
): TargetTrust {
  const issuer = `https://${provider.slice(IAM.length)}`;
  return trustOfTarget({
    target: { issuer, providerArn: exists, configured: true },
    exists: true,
    audiences: [ORG],
    sameOrg: [],
    index: roles === null ? null : indexRoles(roles),
  });
}

const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);
const saidOf = (provider: string, ...statements: readonly object[]): readonly string[] =>
  brief(judge(provider, [roleWith(provider, 'ci', policyOf(...statements))]).findings);

describe('trust checks: several statements of a policy', () => {
  it('evaluates each statement by the provider that it names', () => {
    expect(saidOf(CLOUD, allow(CLOUD, narrow(CLOUD)), allow(GITHUB))).toEqual([]);
  });

  it('lets a token in if one of its actions is the login', () => {
    const action = { Action: ['sts:TagSession', 'sts:AssumeRoleWithWebIdentity'] };
    expect(saidOf(CLOUD, allow(CLOUD, undefined, action))).toEqual(['TRUST001 high', 'TRUST004 info']);
  });

  it('reports an open statement beside one that is not', () => {
    const closed = allow(ROOT, sub(ROOT, `org/${ORG}/project/${PROJECT}/user/*`));
    expect(saidOf(ROOT, closed, allow(ROOT))).toContain('PROV003 critical');
  });

  it.each(['elsewhere/x/vcs-ref/y', 'vcs-origin/x/elsewhere/y'])(
    'names no example token if the subject continues with %s',
    (rest) => {
      const subject = `org/${ORG}/project/${PROJECT}/user/${USER}/${rest}`;
      expect(saidOf(CLOUD, allow(CLOUD, sub(CLOUD, subject)))).toContain('TRUST007 high');
    },
  );
});

describe('TRUST005: a role that forks can assume', () => {
  const candidates = (...statements: readonly object[]): number =>
    judge(CLOUD, [roleWith(CLOUD, 'ci', policyOf(...statements))]).candidates.length;

  it('is reported if one statement names no origin, even if another matches no token', () => {
    expect(candidates(allow(CLOUD, narrow(CLOUD)), allow(CLOUD, project))).toBe(1);
    expect(candidates(allow(CLOUD, sub(CLOUD, 'repo:x')), allow(CLOUD, project))).toBe(1);
    expect(candidates(allow(CLOUD, narrow(CLOUD)))).toBe(0);
  });

  it('is reported although a comparison without case cannot be decided for repositories of other letters', () => {
    const other = `org/${ORG}/project/${PROJECT}/user/${USER}/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main`;
    const key = `${CLOUD.replace(/^.*oidc-provider\//, '')}:sub`;
    const excluded = { ...project, StringNotEqualsIgnoreCase: { [key]: other } };
    expect(candidates(allow(CLOUD, excluded))).toBe(1);
    const deny = { ...allow(CLOUD, { StringEqualsIgnoreCase: { [key]: other } }), Effect: 'Deny' };
    expect(candidates(allow(CLOUD, project), deny)).toBe(1);
  });

  it('is not reported if the policy cannot be parsed, which does not make the role open', () => {
    const unreadable = roleWith(ROOT, 'deploy', `{"Statement": "${ROOT}"}`);
    expect(judge(ROOT, [unreadable])).toMatchObject({ roles: [unreadable.arn], candidates: [] });
    expect(brief(judge(ROOT, [unreadable]).findings)).toEqual(['PROV003 high']);
  });

  it('is not reported as a deploy role if other orgs can assume it, too', () => {
    const anyOrg = `org/${'?'.repeat(36)}/project/*/user/*`;
    const { findings } = judge(ROOT, [roleWith(ROOT, 'deploy', policyOf(allow(ROOT, sub(ROOT, anyOrg))))]);
    expect(brief(findings)).toContain('TRUST002 critical');
    expect(brief(findings)).not.toContain('TRUST005 medium');
  });
});

describe('trust checks: the roles of a provider', () => {
  const notPrincipal = { Effect: 'Allow', NotPrincipal: { AWS: 'x' }, Action: 'sts:AssumeRole*' };

  it('may trust any provider if one of its statements may', () => {
    const role = roleWith(CLOUD, 'ci', policyOf(allow(GITHUB), notPrincipal));
    expect(judge(CLOUD, [role]).roles).toEqual([role.arn]);
  });

  it('does not trust a provider that it only denies', () => {
    const denial = allow(CLOUD, undefined, { Effect: 'Deny', Principal: '*' });
    expect(judge(CLOUD, [roleWith(CLOUD, 'ci', policyOf(allow(GITHUB), denial))]).roles).toEqual([]);
  });

  it('is listed in order, and once', () => {
    const roles = ['b', 'a'].map((name) => roleWith(CLOUD, name, policyOf(allow(CLOUD), allow(CLOUD))));
    expect(judge(CLOUD, roles).roles).toEqual(roles.map(({ arn }) => arn).sort());
  });

  it('of a deleted provider is found by its issuer, in its own account and partition', () => {
    const lost = roleWith(CLOUD, 'lost', policyOf(allow(CLOUD)));
    const others = [
      roleWith(CLOUD, 'gh', policyOf(allow(GITHUB))),
      roleWith(CLOUD.replace('123456789012', '210987654321'), 'abroad', policyOf(allow(CLOUD))),
      roleWith(CLOUD.replace('aws', 'aws-cn'), 'overseas', policyOf(allow(CLOUD))),
    ];
    expect(judge(CLOUD, [...others, lost], null)).toMatchObject({
      roles: [lost.arn],
      findings: [],
      candidates: [],
    });
    expect(judge(CLOUD, null, null).roles).toEqual([]);
  });

  it('has lost a principal only if it allows that, and if it is an OIDC provider', () => {
    const lostBy = (...statements: readonly object[]): number =>
      evaluatePrincipals(indexRoles([roleWith(CLOUD, 'ci', policyOf(...statements))]), []).length;
    expect(lostBy(allow(CLOUD))).toBe(1);
    expect(lostBy(allow(CLOUD), notPrincipal)).toBe(1);
    expect(lostBy(allow(CLOUD, undefined, { Effect: 'Deny' }))).toBe(0);
    expect(lostBy(allow('arn:aws:iam::123456789012:saml-provider/x'))).toBe(0);
    expect(evaluatePrincipals(indexRoles([roleWith(CLOUD, 'ci', 'nothing')]), [])).toEqual([]);
  });
});
