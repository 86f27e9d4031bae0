import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accountOfArn,
  circleCiIssuer,
  circleCiOrgOf,
  discoveryUrl,
  hostOf,
  isCircleCi,
  isKnownPublicHost,
  issuerOfProviderArn,
  parseIssuer,
  parseOrgId,
  parseProjectId,
  partitionOfArn,
} from '../../lambda/oidc/issuer';
import { anyText, anyUrl } from '../support/any-text';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';

describe('parseIssuer', () => {
  it.each([
    ['https://oidc.circleci.com/org/x', 'https://oidc.circleci.com/org/x'],
    ['HTTPS://OIDC.CircleCI.com/org/x', 'https://oidc.circleci.com/org/x'],
    ['https://ci.example.com/', 'https://ci.example.com/'],
    ['https://ci.example.com/a/', 'https://ci.example.com/a/'],
    ['https://ci.example.com:443/a', 'https://ci.example.com/a'],
    ['https://ci.example.com:8443', 'https://ci.example.com:8443'],
    ['https://ci.example.com/Case/Stays', 'https://ci.example.com/Case/Stays'],
    ['https://127.0.0.1:8443/org/x', 'https://127.0.0.1:8443/org/x'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
    ['https://ci.example.com/https://me@x', 'https://ci.example.com/https://me@x'],
    [`https://a.b/${'x'.repeat(243)}`, `https://a.b/${'x'.repeat(243)}`],
  ])('parses %s as %s', (text, issuer) => {
    expect(parseIssuer(text)).toEqual({ ok: true, value: issuer });
  });

  const scheme = 'it must begin with https:// and a host. IAM accepts nothing else.';
  const character = 'it contains white space, a backslash or an invisible character. Remove it.';
  const tail = 'it has a query or a fragment. Remove everything from ? or # on.';
  const user = 'it has a user name or password. Remove everything up to the @.';
  const path =
    'its path contains "." or ".." segments, or characters that must be percent-encoded. Write it exactly as in the claim iss of a token.';
  it.each([
    ['', '""', scheme],
    ['http://ci.example.com', '"http://ci.example.com"', scheme],
    ['ci.example.com/org', '"ci.example.com/org"', scheme],
    ['https://', '"https://"', scheme],
    ['https:///ci.example.com', '"https:///ci.example.com"', scheme],
    [' https://ci.example.com', '" https://ci.example.com"', scheme],
    ['https://ci.example.com\n', String.raw`"https://ci.example.com\u{a}"`, character],
    ['https://ci.\u202Eexample.com', String.raw`"https://ci.\u{202e}example.com"`, character],
    ['https://ci.example.com\\org', String.raw`"https://ci.example.com\org"`, character],
    ['https://ci.example.com?', '"https://ci.example.com?"', tail],
    ['https://ci.example.com/a?b=c', '"https://ci.example.com/a?b=c"', tail],
    ['https://ci.example.com#a', '"https://ci.example.com#a"', tail],
    ['https://me:secret@ci.example.com', '"https://me:secret@ci.example.com"', user],
    ['https://@ci.example.com', '"https://@ci.example.com"', user],
    ['https://ci.example.com:99999', '"https://ci.example.com:99999"', 'its host or port is not valid.'],
    ['https://ci.example.com/a/../b', '"https://ci.example.com/a/../b"', path],
    ['https://ci.example.com/ü', '"https://ci.example.com/ü"', path],
    [
      `https://a.b/${'x'.repeat(244)}`,
      `"https://a.b/${'x'.repeat(244)}"`,
      'it has 256 characters; IAM accepts at most 255.',
    ],
    [
      `https://a.b/${'x'.repeat(1_000)}`,
      `"https://a.b/${'x'.repeat(288)}…"`,
      'it has 1012 characters; IAM accepts at most 255.',
    ],
  ])('refuses %j', (text, shown, words) => {
    expect(parseIssuer(text)).toEqual({ ok: false, problem: `${shown} is not an issuer URL: ${words}` });
  });

  it('never throws, and parses its own result to itself', () => {
    const text = fc.oneof(anyText, anyUrl('https', 'http'));
    fc.assert(
      fc.property(text, (one) => {
        const parsed = parseIssuer(one);
        if (parsed.ok) expect(parseIssuer(parsed.value)).toEqual(parsed);
      }),
    );
  });
});

describe('parseOrgId', () => {
  it('accepts a UUID in any case and writes it in lower case', () => {
    expect(parseOrgId(ORG.toUpperCase())).toEqual({ ok: true, value: ORG });
  });

  it.each([
    [`${ORG}4`, 'it has 37 characters, a UUID has 36.'],
    [ORG.slice(1), 'it has 35 characters, a UUID has 36.'],
    ['x', 'it has 1 character, a UUID has 36.'],
    [ORG.replace('b', 'g'), 'a UUID has 8-4-4-4-12 hex digits.'],
    [ORG.replaceAll('-', '_'), 'a UUID has 8-4-4-4-12 hex digits.'],
  ])('refuses %s', (text, words) => {
    expect(parseOrgId(text)).toEqual({
      ok: false,
      problem: `"${text}" is not a CircleCI org id: ${words} Copy it from Organization Settings > Overview.`,
    });
  });
});

describe('parseProjectId', () => {
  it('accepts a UUID, too, and says where to copy it from', () => {
    expect(parseProjectId(ORG.toUpperCase())).toEqual({ ok: true, value: ORG });
    expect(parseProjectId('x')).toEqual({
      ok: false,
      problem:
        '"x" is not a CircleCI project id: it has 1 character, a UUID has 36. Copy it from Project Settings > Overview.',
    });
  });
});

describe('CircleCI issuers', () => {
  const server = `https://ci.example.com/org/${ORG}`;

  it('exist for each org', () => {
    expect(circleCiIssuer(ORG.toUpperCase())).toBe(`https://oidc.circleci.com/org/${ORG}`);
  });

  it.each([
    [circleCiIssuer(ORG), ORG],
    [server, ORG],
    [`${server}/`, null],
    ['https://oidc.circleci.com', null],
    ['https://oidc.circleci.com/org/x', null],
    [`https://ci.example.com/sub/org/${ORG}`, null],
  ])('finds in %s the org %s', (issuer, org) => {
    expect(circleCiOrgOf(issuer)).toBe(org);
  });

  it.each([
    [circleCiIssuer(ORG), [], true],
    ['https://oidc.circleci.com', [], true],
    ['https://OIDC.CircleCI.com/org/x/', [], true],
    [server, [server], true],
    [server, [], false],
    ['https://ci.example.com', ['https://ci.example.com'], false],
    [`https://oidc.circleci.com:8443/org/${ORG}`, [], false],
    [`https://oidc.circleci.com.example.com/org/${ORG}`, [], false],
    ['https://gitlab.com', ['https://gitlab.com'], false],
  ])('is %s, configured %j: %s', (issuer, configured, expected) => {
    expect(isCircleCi(issuer, configured)).toBe(expected);
  });
});

describe('hostOf and other functions of hosts', () => {
  it.each([
    ['https://CI.example.com/a', { name: 'ci.example.com', port: 443 }],
    ['https://ci.example.com:8443', { name: 'ci.example.com', port: 8443 }],
    ['https://[::1]:8443/x', { name: '::1', port: 8443 }],
  ])('parse the host of %s', (url, host) => {
    expect(hostOf(url)).toEqual(host);
  });

  it('recognize well-known public hosts by host and port', () => {
    expect(isKnownPublicHost({ name: 'gitlab.com', port: 443 })).toBe(true);
    expect(isKnownPublicHost({ name: 'gitlab.com', port: 8443 })).toBe(false);
    expect(isKnownPublicHost({ name: 'gitlab.example.com', port: 443 })).toBe(false);
  });

  it.each([
    ['acme.okta.com', true],
    ['a.b.okta.com', true],
    ['ACME.Okta.com.', true],
    ['okta.com', false],
    ['evilokta.com', false],
    ['okta.com.evil.example', false],
    ['acme.okta.com.evil.example', false],
    ['.okta.com', false],
    ['oidc.eks.eu-west-1.amazonaws.com', true],
    ['oidc.eks.cn-north-1.amazonaws.com.cn', true],
    ['oidc.eks.amazonaws.com', false],
    ['oidc.eks.a.b.amazonaws.com', false],
    ['xoidc.eks.eu-west-1.amazonaws.com', false],
    ['oidc.eks.eu-west-1.evilamazonaws.com', false],
    ['oidc-eks.eu-west-1.api.aws', true],
    ['x.oidc-eks.eu-west-1.api.aws', false],
    ['cognito-idp.eu-west-1.amazonaws.com', true],
    ['oidcXcircleci.com', false],
    ['vstoken.dev.azure.com', true],
    ['::1', false],
  ])('classify %s as always publicly trusted: %s', (name, isPublic) => {
    expect(isKnownPublicHost({ name, port: 443 })).toBe(isPublic);
  });

  it.each([
    ['https://ci.example.com', 'https://ci.example.com/.well-known/openid-configuration'],
    ['https://ci.example.com/', 'https://ci.example.com/.well-known/openid-configuration'],
    ['https://ci.example.com:8443/a', 'https://ci.example.com:8443/a/.well-known/openid-configuration'],
    ['https://ci.example.com/a/', 'https://ci.example.com/a/.well-known/openid-configuration'],
  ])('of %s publish the document at %s', (issuer, url) => {
    expect(discoveryUrl(issuer).href).toBe(url);
  });
});

describe('ARNs', () => {
  const provider = (partition: string, path: string): string =>
    `arn:${partition}:iam::123456789012:oidc-provider/${path}`;

  it.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-iso-b', 'aws-eusc'])(
    'are parsed in partition %s',
    (partition) => {
      const arn = provider(partition, `oidc.circleci.com/org/${ORG}`);
      expect(partitionOfArn(arn)).toBe(partition);
      expect(accountOfArn(arn)).toBe('123456789012');
      expect(issuerOfProviderArn(arn)).toBe(circleCiIssuer(ORG));
    },
  );

  it.each([
    [provider('aws', 'ci.example.com'), 'https://ci.example.com'],
    [provider('aws', 'localhost:8443/org/x'), 'https://localhost:8443/org/x'],
    [provider('aws', 'tenant.example.com/'), 'https://tenant.example.com/'],
    [provider('aws', 'OIDC.circleci.com/org/x/'), 'https://OIDC.circleci.com/org/x/'],
    [provider('aws', ''), null],
    [provider('aws', 'not a host'), null],
    ['arn:aws:iam::123456789012:saml-provider/ci.example.com', null],
    ['arn:aws:sts::123456789012:oidc-provider/ci.example.com', null],
    ['arn:aws:iam::12345:oidc-provider/ci.example.com', null],
    ['ci.example.com', null],
  ])('of providers: %s names %s', (arn, issuer) => {
    expect(issuerOfProviderArn(arn)).toBe(issuer);
  });

  it.each([
    ['arn:aws-cn:lambda:cn-north-1:123456789012:function:Monitor:live', '123456789012', 'aws-cn'],
    ['arn:aws:iam::1234567890123:role/x', null, 'aws'],
    ['arn:aws:iam::aws:policy/AdministratorAccess', null, 'aws'],
    ['123456789012', null, null],
    ['', null, null],
  ])('of any kind: %s', (arn, account, partition) => {
    expect(accountOfArn(arn)).toBe(account);
    expect(partitionOfArn(arn)).toBe(partition);
  });

  it('never make it throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(() => issuerOfProviderArn(provider('aws', text))).not.toThrow();
        expect(issuerOfProviderArn(text)).toBeNull();
      }),
    );
  });
});
