import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { requestValueOf } from '../../lambda/iam-policy/tokens';
import type { TokenSource } from '../../lambda/iam-policy/tokens';
import { tokenSource } from '../../lambda/oidc/profiles';
import { allow, policyOf } from '../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `https://oidc.circleci.com/org/${ORG}`;
const SERVER = `https://ci.example.com/org/${ORG}`;

const sourceOf = (issuer: string, audiences: readonly string[] | null): TokenSource =>
  tokenSource({ issuer, providerArn: null, audiences });

describe('tokenSource', () => {
  it.each([
    [CLOUD, 'tenant', ORG, `oidc.circleci.com/org/${ORG}`],
    // Condition keys have the provider's URL as IAM has it, slashes included.
    [`${CLOUD}//`, 'tenant', ORG, `oidc.circleci.com/org/${ORG}//`],
    [CLOUD.toUpperCase(), 'tenant', ORG, `oidc.circleci.com/org/${ORG}`],
    [SERVER, 'self-hosted', ORG, `ci.example.com/org/${ORG}`],
    ['https://oidc.circleci.com', 'shared', null, 'oidc.circleci.com'],
    ['https://oidc.circleci.com//', 'shared', null, 'oidc.circleci.com//'],
  ])('of %s', (issuer, kind, tenant, prefix) => {
    expect(sourceOf(issuer, ['a'])).toMatchObject({
      grammar: { kind, tenant, nouns: { tenant: 'organization' } },
      prefix,
      audiences: ['a'],
    });
  });

  it('knows no forms of an issuer that has no profile', () => {
    expect(sourceOf('https://issuer.example', ['a']).grammar).toMatchObject({ forms: [], isComplete: false });
    expect(sourceOf('https://oidc.circleci.com/other', ['a']).grammar.forms).toEqual([]);
  });

  it('has no audiences if none is listed', () => {
    expect(sourceOf(CLOUD, []).audiences).toBeNull();
    expect(sourceOf(CLOUD, null).audiences).toBeNull();
  });
});

describe('requestValueOf', () => {
  it.each([
    ['aud', { kind: 'claim', claim: 'aud' }],
    ['oaud', { kind: 'claim', claim: 'aud' }],
    ['sub', { kind: 'claim', claim: 'sub', anyTextAfter: '/vcs-origin/' }],
    // Audit log streaming has no project.
    ['oidc.circleci.com/project-id', { kind: 'claim', claim: 'project', optional: true }],
    ['amr', { kind: 'unknown' }],
    ['email', { kind: 'unknown' }],
    ['oidc.circleci.com/context-ids', { kind: 'missing' }],
  ])('%s of the own token', (claim, sight) => {
    const source = sourceOf(CLOUD, ['a']);
    expect(requestValueOf(source, `${source.prefix}:${claim}`)).toEqual(sight);
  });

  it('has no value for a key with letters that AWS may take for others, such as the Kelvin sign', () => {
    const issuer = `https://ci.k.example.com/org/${ORG}`;
    const source = sourceOf(issuer, ['a']);
    const key = `ci.\u212a.example.com/org/${ORG}:sub`;
    const policy = readPolicy(
      policyOf(
        allow(`arn:aws:iam::123456789012:oidc-provider/ci.k.example.com/org/${ORG}`, {
          StringLike: { [key]: '*' },
        }),
      ),
    );
    expect(policy.statements[0]?.conditions[0]?.key).toBe(key);
    expect(requestValueOf(source, key)).toEqual({ kind: 'unknown' });
  });

  it('aud is unknown without an audience', () => {
    const source = sourceOf(CLOUD, null);
    expect(requestValueOf(source, `${source.prefix}:aud`)).toEqual({
      kind: 'unknown',
      isPresent: true,
    });
  });

  it('says of an audience with letters beyond ASCII that it has such', () => {
    const source = sourceOf(CLOUD, ['a', '\u212a']);
    expect(requestValueOf(source, `${source.prefix}:aud`)).toEqual({
      kind: 'claim',
      claim: 'aud',
      anyTextAfter: '',
    });
  });

  it.each([
    ['token.actions.githubusercontent.com:sub', { kind: 'missing' }],
    ['sts:roleauthorizedbyidp', { kind: 'missing' }],
    ['aws:requesttag/team', { kind: 'missing' }],
    ['sts:sourceidentity', { kind: 'claim', claim: 'source identity', optional: true }],
    ['aws:sourceip', { kind: 'unknown' }],
    ['aws:principaltag/a.b', { kind: 'unknown' }],
  ])('%s of other tokens', (key, sight) => {
    const source = sourceOf(CLOUD, null);
    expect(requestValueOf(source, key)).toEqual(sight);
  });
});
