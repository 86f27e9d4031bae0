/** Conditions that restrict nobody, and Deny statements that deny everybody: neither makes the answer uncertain. */
import { describe, expect, it } from '@jest/globals';
import { trustOfTarget } from '../../support/target-trust';
import type { Finding } from '../../../lambda/domain/types';
import { indexRoles } from '../../../lambda/checks/trust/role-index';
import { PROJECT, allow, keyOf, policyOf, roleWith } from '../../support/roles';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const IAM = 'arn:aws:iam::123456789012:oidc-provider/';
const CLOUD = `${IAM}oidc.circleci.com/org/${ORG}`;
const SUB = keyOf(CLOUD, 'sub');
const SESSION = 'sts:RoleSessionName';
const SOURCE = 'aws:SourceIp';

function scopeOf(
  statements: readonly object[],
  audiences: readonly string[] | null = [ORG],
): readonly Finding[] {
  const issuer = `https://${CLOUD.slice(IAM.length)}`;
  return trustOfTarget({
    target: { issuer, providerArn: CLOUD, configured: true },
    exists: true,
    audiences,
    sameOrg: [],
    index: indexRoles([roleWith(CLOUD, 'ci', policyOf(...statements))]),
  }).findings.filter(({ check }) => check === 'TRUST001' || check === 'TRUST002');
}

/** `open`, `closed`, or `not evaluated`. */
function verdict(...statements: readonly object[]): string {
  const severities = scopeOf(statements).map(({ severity }) => severity);
  if (severities.length === 0) return 'closed';
  return severities.every((severity) => severity === 'medium') ? 'not evaluated' : 'open';
}

const deny = (condition?: object, more: object = {}): object =>
  allow(CLOUD, condition, { Effect: 'Deny', Principal: '*', ...more });
const office = { IpAddress: { [SOURCE]: '192.0.2.0/24' } };

describe('a condition that holds for every caller leaves the role open', () => {
  it.each<[string, object]>([
    ['every address', { IpAddress: { [SOURCE]: ['0.0.0.0/0', '::/0'] } }],
    ['every address of IPv4', { IpAddress: { [SOURCE]: '0.0.0.0/0' } }],
    ['every address, and one', { IpAddress: { [SOURCE]: ['192.0.2.1', '0.0.0.0/0'] } }],
    ['no address of IPv6', { NotIpAddress: { [SOURCE]: '2001:db8::/32' } }],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }],
    ['TLS, as a truth value', { BoolIfExists: { 'aws:SecureTransport': true } }],
    ['any session name', { StringLike: { [SESSION]: '*' } }],
    ['one session name', { StringEquals: { [SESSION]: 'ci' } }],
    ['session names with a beginning and an end', { StringLike: { [SESSION]: 'ci-*-build' } }],
    ['session names without a beginning', { StringNotLike: { [SESSION]: ['a*', 'z*', 'y*'] } }],
    ['any value of an unknown key, or none', { StringLikeIfExists: { 'aws:PrincipalTag/team': '*' } }],
    ['any values of an unknown key, or none', { 'ForAllValues:StringLike': { 'aws:TagKeys': '**' } }],
    ['any subject', { StringLike: { [SUB]: '*' } }],
  ])('%s', (_what, condition) => {
    expect(verdict(allow(CLOUD, condition))).toBe('open');
  });
});

describe('a condition that may not hold leaves it not evaluated', () => {
  it.each<[string, object]>([
    ['some addresses', office],
    ['all addresses of IPv6', { IpAddress: { [SOURCE]: '::/0' } }],
    ['addresses that are none', { NotIpAddress: { [SOURCE]: 'x' } }],
    ['no address at all', { NotIpAddress: { [SOURCE]: '0.0.0.0/0' } }],
    ['a TLS that is no truth value', { Bool: { 'aws:SecureTransport': 'x' } }],
    ['any value of an unknown key', { StringLike: { 'aws:PrincipalTag/team': '*' } }],
    ['any value of an unknown key, of a set', { 'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': '*' } }],
    ['no value of an unknown key', { StringNotLikeIfExists: { 'aws:PrincipalTag/team': '*' } }],
    ['an unknown operator', { AddressLike: { [SOURCE]: '0.0.0.0/0' } }],
    ['another operator on the address', { StringLike: { [SOURCE]: '0.0.0.0/0' } }],
  ])('%s', (_what, condition) => {
    expect(verdict(allow(CLOUD, condition))).toBe('not evaluated');
  });
});

describe('Deny with such a condition', () => {
  it.each<[string, object, string]>([
    ['of everything', deny(), 'closed'],
    ['of everything, for {"AWS": "*"}', deny(undefined, { Principal: { AWS: '*' } }), 'closed'],
    ['of everything, for this provider', deny(undefined, { Principal: { Federated: CLOUD } }), 'closed'],
    [
      'of all actions but another',
      deny(undefined, { Action: undefined, NotAction: 'sts:TagSession' }),
      'closed',
    ],
    ['of requests with TLS', deny({ Bool: { 'aws:SecureTransport': 'true' } }), 'closed'],
    ['of requests without TLS', deny({ Bool: { 'aws:SecureTransport': 'false' } }), 'open'],
    ['of addresses of IPv6', deny({ IpAddress: { [SOURCE]: '::/0' } }), 'open'],
    ['of addresses outside of all', deny({ NotIpAddress: { [SOURCE]: '0.0.0.0/0' } }), 'open'],
    ['of one session name', deny({ StringEquals: { [SESSION]: 'root' } }), 'open'],
    ['of all session names but some', deny({ StringNotLike: { [SESSION]: 'ci-*' } }), 'open'],
    ['of all session names', deny({ StringLike: { [SESSION]: '*' } }), 'closed'],
    ['of some addresses', deny(office), 'not evaluated'],
    [
      'of all addresses, which may be missing',
      deny({ IpAddress: { [SOURCE]: ['0.0.0.0/0', '::/0'] } }),
      'not evaluated',
    ],
  ])('%s', (_what, denial, outcome) => {
    expect(verdict(allow(CLOUD), denial)).toBe(outcome);
  });

  it('is not needed if no request lacks TLS', () => {
    expect(verdict(allow(CLOUD, { Bool: { 'aws:SecureTransport': 'false' } }))).toBe('closed');
  });

  it('of everything closes a statement that is not evaluated', () => {
    expect(verdict(allow(CLOUD, office), deny())).toBe('closed');
  });
});

describe('sts:RoleSessionName', () => {
  it('must be one that Allow and Deny leave', () => {
    const named = allow(CLOUD, { StringLike: { [SESSION]: 'ci-?' } });
    expect(verdict(named, deny({ StringLike: { [SESSION]: 'ci-*' } }))).toBe('closed');
    const [finding] = scopeOf([named, deny({ StringLike: { [SESSION]: ['ci-a', 'ci-z'] } })]);
    expect(finding?.message).toMatch(/ and the session name "ci-[^az]"\./);
  });

  it.each([
    ['of one character', 'x', 'closed'],
    ['with a slash', 'a/b', 'closed'],
    ['of two characters', 'ab', 'open'],
    ['of 64 characters', 'a'.repeat(64), 'open'],
    ['of 65 characters', 'a'.repeat(65), 'not evaluated'],
  ])('%s', (_what, name, outcome) => {
    expect(verdict(allow(CLOUD, { StringEquals: { [SESSION]: name } }))).toBe(outcome);
  });

  it('restricts no token of another provider', () => {
    const others = { Principal: undefined, NotPrincipal: { Federated: CLOUD } };
    const named = allow(CLOUD, { StringEquals: { [SESSION]: 'ci' } }, others);
    expect(scopeOf([named]).map(({ severity }) => severity)).toEqual(['critical']);
    const denied = deny({ StringLike: { [SESSION]: 'c*' } });
    expect(scopeOf([named, denied]).map(({ severity }) => severity)).toEqual([]);
    const everybody = allow(CLOUD, { StringLike: { [SESSION]: 'ci-*' } }, { Principal: '*' });
    expect(scopeOf([everybody]).map(({ severity }) => severity)).toEqual(['critical']);
  });
});

describe('the example token', () => {
  it('is shown whole, however long it is', () => {
    const end = 'x'.repeat(500);
    const [finding] = scopeOf([
      allow(CLOUD, { StringLike: { [SUB]: `org/${ORG}/project/*/vcs-ref/${end}` } }),
    ]);
    const example = /a token with the subject "(.*?)"\./.exec(finding?.message ?? '')?.[1] ?? '';
    expect(example.startsWith(`org/${ORG}/project/`) && example.endsWith(`/vcs-ref/${end}`)).toBe(true);
  });

  it('is not shown if it is too long to try', () => {
    const long = Array.from({ length: 540 }, (_, index) => index).join('.');
    const source = `vcs-origin/github.com/acme/app/vcs-ref/refs/heads/${long}`;
    const [finding] = scopeOf([allow(CLOUD, { StringLike: { [SUB]: `org/${ORG}/project/*/${source}` } })]);
    expect(finding?.message).toMatch(
      /a token whose subject has \d{4} characters, which is too long to show\./,
    );
  });
});

describe('a provider whose audiences are not known', () => {
  it('matches any audience that every token has', () => {
    const any = { StringLike: { [keyOf(CLOUD, 'aud')]: '*' } };
    expect(scopeOf([allow(CLOUD, any)], null)).toMatchObject([{ severity: 'high' }]);
    expect(scopeOf([allow(CLOUD), deny(any)], null)).toEqual([]);
  });
});

it('matches no condition key with the scheme of the issuer', () => {
  const key = `https://${keyOf(CLOUD, 'sub')}`;
  expect(verdict(allow(CLOUD, { StringLike: { [key]: `org/${ORG}/project/${PROJECT}/*` } }))).toBe('closed');
  expect(verdict(allow(CLOUD, { StringNotLike: { [key]: 'x' } }))).toBe('open');
});
