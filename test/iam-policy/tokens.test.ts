import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { requestValueOf } from '../../lambda/iam-policy/tokens';
import { tokenSource } from '../../lambda/oidc/profiles/circleci';
import { allow, policyOf } from '../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `https://oidc.circleci.com/org/${ORG}`;
const SERVER = `https://ci.example.com/org/${ORG}`;

describe('tokenSource', () => {
  it.each([
    [CLOUD, 'cloud', ORG, `oidc.circleci.com/org/${ORG}`],
    // Condition keys have the provider's URL as IAM has it, slashes included.
    [`${CLOUD}//`, 'cloud', ORG, `oidc.circleci.com/org/${ORG}//`],
    [CLOUD.toUpperCase(), 'cloud', ORG, `oidc.circleci.com/org/${ORG}`],
    [SERVER, 'server', ORG, `ci.example.com/org/${ORG}`],
    ['https://oidc.circleci.com', 'root', null, 'oidc.circleci.com'],
    ['https://oidc.circleci.com//', 'root', null, 'oidc.circleci.com//'],
  ])('of %s', (issuer, kind, org, prefix) => {
    expect(tokenSource(issuer, [SERVER], ['a'])).toEqual({ kind, org, prefix, audiences: ['a'] });
  });

  it('is none if the issuer is not CircleCI, or is no org of it', () => {
    expect(tokenSource('https://token.actions.githubusercontent.com', [], ['a'])).toBeNull();
    expect(tokenSource('https://oidc.circleci.com/other', [], ['a'])).toBeNull();
    expect(tokenSource(SERVER, [], ['a'])).toBeNull();
  });

  it('has no audiences if none is listed', () => {
    expect(tokenSource(CLOUD, [], [])?.audiences).toBeNull();
    expect(tokenSource(CLOUD, [], null)?.audiences).toBeNull();
  });
});

describe('requestValueOf', () => {
  it.each([
    ['aud', { kind: 'claim', claim: 'aud' }],
    ['oaud', { kind: 'claim', claim: 'aud' }],
    ['sub', { kind: 'claim', claim: 'sub', anyTextAfter: '/vcs-origin/' }],
    ['oidc.circleci.com/project-id', { kind: 'claim', claim: 'project' }],
    ['amr', { kind: 'unknown' }],
    ['email', { kind: 'missing' }],
  ])('%s of the own token', (claim, sight) => {
    const source = tokenSource(CLOUD, [], ['a']);
    expect(source === null ? null : requestValueOf(source, `${source.prefix}:${claim}`)).toEqual(sight);
  });

  it('has no value for a key with letters that AWS may take for others, such as the Kelvin sign', () => {
    const issuer = `https://ci.k.example.com/org/${ORG}`;
    const source = tokenSource(issuer, [issuer], ['a']);
    const key = `ci.\u212a.example.com/org/${ORG}:sub`;
    const policy = readPolicy(
      policyOf(
        allow(`arn:aws:iam::123456789012:oidc-provider/ci.k.example.com/org/${ORG}`, {
          StringLike: { [key]: '*' },
        }),
      ),
    );
    expect(policy.statements[0]?.conditions[0]?.key).toBe(key);
    expect(source === null ? null : requestValueOf(source, key)).toEqual({ kind: 'unknown' });
  });

  it('aud is unknown without an audience', () => {
    const source = tokenSource(CLOUD, [], null);
    expect(source === null ? null : requestValueOf(source, `${source.prefix}:aud`)).toEqual({
      kind: 'unknown',
      isPresent: true,
    });
  });

  it('says of an audience with letters beyond ASCII that it has such', () => {
    const source = tokenSource(CLOUD, [], ['a', '\u212a']);
    expect(source === null ? null : requestValueOf(source, `${source.prefix}:aud`)).toEqual({
      kind: 'claim',
      claim: 'aud',
      anyTextAfter: '',
    });
  });

  it.each([
    ['token.actions.githubusercontent.com:sub', { kind: 'missing' }],
    ['aws:sourceip', { kind: 'unknown' }],
    ['aws:principaltag/a.b', { kind: 'unknown' }],
  ])('%s of other tokens', (key, sight) => {
    const source = tokenSource(CLOUD, [], null);
    expect(source === null ? null : requestValueOf(source, key)).toEqual(sight);
  });
});
