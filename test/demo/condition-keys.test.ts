/** Which claims STS makes condition keys of, per issuer. */
import { describe, expect, it } from '@jest/globals';
import { actionsOf, audienceOf, permitsRole, requestKeys } from '../../demo/aws/condition-keys';
import type { Claims } from '../../demo/aws/condition-keys';
import { parseTrustPolicy } from '../../demo/aws/trust-policy';
import { decideLogin } from '../../demo/aws/web-identity';

/** Without the prefix of the issuer. */
const keysOf = (issuer: string, claims: Claims): Record<string, unknown> =>
  Object.fromEntries(
    [...requestKeys(issuer, claims)].map(([key, value]) => [
      key.replace(`${issuer.toLowerCase()}:`, ''),
      value,
    ]),
  );

const namesOf = (issuer: string, claims: Claims): readonly string[] =>
  Object.keys(keysOf(issuer, claims)).sort();

describe('the condition keys of a token', () => {
  it('are the default ones for any issuer', () => {
    const claims = {
      iss: 'https://ci.example.com',
      sub: 's',
      aud: 'a',
      amr: ['pwd', 'mfa'],
      email: 'e',
      azp: 'z',
      groups: ['g'],
    };
    expect(keysOf('ci.example.com', claims)).toEqual({
      sub: 's',
      aud: 'z',
      oaud: 'a',
      amr: ['pwd', 'mfa'],
      email: 'e',
    });
    expect(keysOf('ci.example.com', { sub: 's', aud: ['a'] })).toEqual({ sub: 's', aud: 'a', oaud: 'a' });
  });

  it('have names in lower case and the values as they are', () => {
    expect([...requestKeys('CI.example.com/Org', { sub: 'Sub' })]).toEqual([
      ['ci.example.com/org:sub', 'Sub'],
    ]);
  });

  const all = {
    ...{
      actor: 'a',
      actor_id: '1',
      enterprise_id: '2',
      environment: 'prod',
      job_workflow_ref: 'w',
      ref: 'r',
    },
    ...{ repository: 'o/r', repository_id: '3', repository_owner_id: '4', workflow: 'w', event_name: 'push' },
    ...{
      repository_owner: 'o',
      namespace_id: 5,
      project_id: '6',
      project_path: 'g/p',
      pipeline_source: 'push',
    },
    ...{
      ref_protected: true,
      runner_environment: 'self-hosted',
      user_access_level: 'owner',
      user_email: 'u@x',
    },
    ...{ user_id: '7', user_login: 'u', organization_slug: 'o', organization_id: '8', pipeline_slug: 'p' },
    ...{ pipeline_id: '9', cluster_name: 'c', cluster_id: '10', build_branch: 'main', build_tag: 't' },
    ...{
      'oidc.circleci.com/project-id': '11',
      'oidc.circleci.com/vcs-ref': 'r',
      terraform_run_phase: 'apply',
    },
    ...{ google: { organization_number: 12 } },
  };
  const github = [
    ...['actor', 'actor_id', 'enterprise_id', 'environment', 'job_workflow_ref', 'ref', 'repository'],
    ...['repository_id', 'repository_owner_id', 'workflow'],
  ];

  it.each<[string, readonly string[]]>([
    ['token.actions.githubusercontent.com', github],
    ['token.actions.githubusercontent.com/octo-enterprise', github],
    ['token.actions.octo.ghe.com', github],
    ['ghe.example.com/_services/token', []],
    ['token.actions.githubusercontent.com.example.com', []],
    [
      'gitlab.com',
      [
        ...['namespace_id', 'pipeline_source', 'project_id', 'ref_protected', 'runner_environment'],
        ...['user_access_level', 'user_email', 'user_id', 'user_login'],
      ],
    ],
    ['gitlab.example.com', []],
    [
      'agent.buildkite.com',
      [
        ...[
          'build_branch',
          'cluster_id',
          'cluster_name',
          'organization_id',
          'organization_slug',
          'pipeline_id',
        ],
        'pipeline_slug',
      ],
    ],
    ['oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', ['oidc.circleci.com/project-id']],
    ['oidc.circleci.com', []],
    ['ci.example.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34', []],
    ['app.terraform.io', []],
    ['accounts.google.com', ['google/organization_number']],
  ])('of %s are %j', (issuer, names) => {
    expect(namesOf(issuer, all)).toEqual(names);
  });

  it('have numbers and booleans as text', () => {
    expect(keysOf('gitlab.com', all)).toMatchObject({ namespace_id: '5', ref_protected: 'true' });
    expect(keysOf('accounts.google.com', all)).toEqual({ 'google/organization_number': '12' });
  });

  it.each<[string, Claims]>([
    [
      'nested',
      {
        'https://aws.amazon.com/tags': {
          principal_tags: { Team: ['ops'], App: ['x'] },
          transitive_tag_keys: ['Team'],
        },
      },
    ],
    [
      'flat',
      {
        'https://aws.amazon.com/tags/principal_tags/Team': 'ops',
        'https://aws.amazon.com/tags/principal_tags/App': 'x',
        'https://aws.amazon.com/tags/transitive_tag_keys': ['Team'],
      },
    ],
  ])('include session tags, %s', (_, claims) => {
    expect(keysOf('ci.example.com', claims)).toEqual({
      'aws:requesttag/team': 'ops',
      'aws:requesttag/app': 'x',
      'aws:tagkeys': ['Team', 'App'],
      'sts:transitivetagkeys': ['Team'],
    });
    expect(actionsOf(requestKeys('ci.example.com', claims))).toEqual([
      'sts:AssumeRoleWithWebIdentity',
      'sts:TagSession',
    ]);
  });

  it('include a source identity, and whether the issuer names the role', () => {
    const role = 'arn:aws:iam::123456789012:role/ci';
    const claims = { 'https://aws.amazon.com/source_identity': 'me', 'https://aws.amazon.com/roles': [role] };
    expect(keysOf('ci.example.com', claims)).toEqual({
      'sts:sourceidentity': 'me',
      'sts:roleauthorizedbyidp': 'true',
    });
    expect(actionsOf(requestKeys('ci.example.com', claims))).toEqual([
      'sts:AssumeRoleWithWebIdentity',
      'sts:SetSourceIdentity',
    ]);
    expect(permitsRole(claims, role)).toBe(true);
    expect(permitsRole(claims, `${role}-2`)).toBe(false);
    expect(permitsRole({}, role)).toBe(true);
  });
});

describe('the audience of a token', () => {
  it.each<[string, Claims, string | null]>([
    ['is aud', { aud: 'a' }, 'a'],
    ['is the only one of a list', { aud: ['a'] }, 'a'],
    ['is azp', { aud: ['a', 'b'], azp: 'z' }, 'z'],
    ['is not one of several', { aud: ['a', 'b'] }, null],
    ['is missing', {}, null],
  ])('%s', (_, claims, audience) => {
    expect(audienceOf(claims)).toBe(audience);
  });
});

describe('a login with session tags', () => {
  const providerArn = 'arn:aws:iam::123456789012:oidc-provider/agent.buildkite.com';
  const login = {
    issuer: 'agent.buildkite.com',
    providerArn,
    sessionName: 'x',
    claims: { sub: 's', 'https://aws.amazon.com/tags': { principal_tags: { pipeline_slug: ['app'] } } },
  };
  const policyFor = (action: unknown): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Federated: providerArn },
        Action: action,
        Condition: { StringEquals: { 'aws:RequestTag/pipeline_slug': 'app' } },
      },
    });

  it.each<[unknown, string]>([
    [['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'], 'allowed'],
    ['sts:AssumeRoleWithWebIdentity', 'denied'],
    ['sts:TagSession', 'denied'],
  ])('needs sts:TagSession: %j', (action, decision) => {
    expect(decideLogin(parseTrustPolicy(policyFor(action)), login).decision).toBe(decision);
  });
});
