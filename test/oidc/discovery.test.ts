import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDiscovery } from '../../lambda/oidc/discovery';
import { remedySteps } from '../../lambda/remedies/steps';
import { failure } from '../../lambda/domain/errors';
import type { FailureCode } from '../../lambda/domain/errors';
import { anyText } from '../support/any-text';
import { evaluateDiscoveryFailure } from '../../lambda/checks/discovery';

const ISSUER = 'https://oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const JWKS = `${ISSUER}/.well-known/jwks-pub.json`;
const DOCUMENT = `The discovery document ${ISSUER}/.well-known/openid-configuration`;
const guarded = { mayBePrivate: () => false };

const json = (change: object = {}): string => JSON.stringify({ issuer: ISSUER, jwks_uri: JWKS, ...change });
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const escaped = (text: string): string => text.replaceAll('\u202e', String.raw`\u{202e}`);

describe('readDiscovery', () => {
  it.each([
    ['the least', json()],
    ['more than we read', json({ response_types_supported: ['id_token'], __proto: 1, constructor: {} })],
    ['white space', `\r\n\t ${json()} \n`],
    ['repeated keys that nobody reads', `{"a":1,"a":2,${json().slice(1)}`],
    ['the same keys further down', json({ a: { issuer: 'x', jwks_uri: 'y' }, b: [{ issuer: 'z' }] })],
    ['key names inside strings', json({ a: '"issuer": "x", {[', b: String.raw`\",{\"issuer\":` })],
    ['64 levels', json({ a: 'x' }).replace('"x"', nested(63))],
  ])('accepts a document with %s', (_what, body) => {
    expect(readDiscovery(body, ISSUER, guarded)).toEqual({
      ok: true,
      value: { issuer: ISSUER, jwksUri: JWKS },
    });
  });

  it.each([
    'https://keys.example.com',
    'https://keys.example.com:8443/a?b=c',
    'HTTPS://KEYS.example.com/a@b',
    'https://1.2.3.4.example.com/',
    'https://keys.example.com/https://me@x',
    `https://keys.example.com/${'x'.repeat(2_023)}`,
  ])('accepts the jwks_uri %s', (uri) => {
    expect(readDiscovery(json({ jwks_uri: uri }), ISSUER, guarded)).toEqual({
      ok: true,
      value: { issuer: ISSUER, jwksUri: uri },
    });
  });

  it.each<[body: string, code: FailureCode, words: string]>([
    ['', 'OIDC_NOT_JSON', 'is not JSON: it is empty.'],
    [' \n', 'OIDC_NOT_JSON', 'is not JSON: it is empty.'],
    ['<html>\u001b[2J', 'OIDC_NOT_JSON', String.raw`is not JSON: it begins with "<html>\u{1b}[2J".`],
    ['\n\t <html> \n', 'OIDC_NOT_JSON', String.raw`is not JSON: it begins with "<html> \u{a}".`],
    ['<'.repeat(999), 'OIDC_NOT_JSON', `is not JSON: it begins with "${'<'.repeat(40)}".`],
    [json().slice(0, -1), 'OIDC_NOT_JSON', `is not JSON: it begins with "${json().slice(0, 40)}".`],
    [`\uFEFF${json()}`, 'OIDC_NOT_JSON', 'is not JSON: it begins with a byte order mark.'],
    ['[]', 'OIDC_NOT_AN_OBJECT', 'is an array instead of a JSON object.'],
    ['null', 'OIDC_NOT_AN_OBJECT', 'is null instead of a JSON object.'],
    ['7', 'OIDC_NOT_AN_OBJECT', 'is a number instead of a JSON object.'],
    ['true', 'OIDC_NOT_AN_OBJECT', 'is a boolean instead of a JSON object.'],
    [`"${ISSUER}"`, 'OIDC_NOT_AN_OBJECT', 'is a string instead of a JSON object.'],
    [nested(100_000), 'OIDC_TOO_DEEP', 'has more than 64 levels of nesting, which is the limit.'],
    ['['.repeat(100_000), 'OIDC_NOT_JSON', `is not JSON: it begins with "${'['.repeat(40)}".`],
    [
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      'OIDC_TOO_DEEP',
      'has more than 64 levels of nesting, which is the limit.',
    ],
    [
      json({ a: 'x' }).replace('"x"', nested(64)),
      'OIDC_TOO_DEEP',
      'has more than 64 levels of nesting, which is the limit.',
    ],
    [
      `{"issuer":"https://evil.example",${json().slice(1)}`,
      'OIDC_DUPLICATE_KEY',
      'contains the key "issuer" more than once.',
    ],
    [
      `{"issu\\u0065r" : "x",${json().slice(1)}`,
      'OIDC_DUPLICATE_KEY',
      'contains the key "issuer" more than once.',
    ],
    [
      `{"jwks_uri":"x",${json().slice(1)}`,
      'OIDC_DUPLICATE_KEY',
      'contains the key "jwks_uri" more than once.',
    ],
    ['{}', 'OIDC_ISSUER_MISSING', 'must contain "issuer" as a string; it is missing.'],
    [json({ issuer: null }), 'OIDC_ISSUER_MISSING', 'must contain "issuer" as a string; it is null.'],
    [json({ issuer: [ISSUER] }), 'OIDC_ISSUER_MISSING', 'must contain "issuer" as a string; it is a list.'],
    [
      `{"__proto__":${json()},"constructor":{"prototype":${json()}}}`,
      'OIDC_ISSUER_MISSING',
      'must contain "issuer" as a string; it is missing.',
    ],
    [
      json({ jwks_uri: undefined }),
      'OIDC_JWKS_URI_MISSING',
      'must contain "jwks_uri" as a string; it is missing.',
    ],
    [json({ jwks_uri: 7 }), 'OIDC_JWKS_URI_MISSING', 'must contain "jwks_uri" as a string; it is 7.'],
    [
      json({ jwks_uri: {} }),
      'OIDC_JWKS_URI_MISSING',
      'must contain "jwks_uri" as a string; it is an object.',
    ],
  ])('refuses the body %.60j', (body, code, words) => {
    expect(readDiscovery(body, ISSUER, guarded)).toEqual({
      ok: false,
      failure: { step: 'discovery', code, message: `${DOCUMENT} ${words}` },
    });
  });

  const slash = ' Only the slash at the end differs.';
  const letters = ' Only upper and lower case differ.';
  it.each([
    ['', ''],
    [`${ISSUER}/`, slash],
    [ISSUER.toUpperCase(), letters],
    [ISSUER.replace('oidc', 'OIDC'), letters],
    [ISSUER.replace('b9d4', '0000'), ''],
    ['https://oidc.circleci.com', ''],
    [`${ISSUER}\u202e`, ''],
    [ISSUER.replace('https', 'http'), ''],
  ])('refuses the issuer %j', (found, nuance) => {
    expect(readDiscovery(json({ issuer: found }), ISSUER, guarded)).toEqual({
      ok: false,
      failure: {
        step: 'discovery',
        code: 'OIDC_ISSUER_DIFFERS',
        message: `${DOCUMENT} names the issuer "${escaped(found)}" instead of "${ISSUER}".${nuance}`,
      },
    });
  });

  it('compares the issuer with the provider as it is, slash and case included', () => {
    for (const issuer of ['https://tenant.example.com/', 'https://Tenant.example.com']) {
      const body = json({ issuer });
      expect(readDiscovery(body, issuer, guarded).ok).toBe(true);
      expect(readDiscovery(body, 'https://tenant.example.com', guarded).ok).toBe(false);
    }
  });

  it('reports that the document lacks the slash of the provider', () => {
    const read = readDiscovery(json(), `${ISSUER}/`, guarded);
    expect(read).toMatchObject({
      failure: {
        message: `${DOCUMENT} names the issuer "${ISSUER}" instead of "${ISSUER}/".${slash}`,
      },
    });
  });

  it('truncates foreign text', () => {
    const read = readDiscovery(json({ issuer: 'x'.repeat(100_000) }), ISSUER, guarded);
    expect(read).toMatchObject({
      failure: {
        message: `${DOCUMENT} names the issuer "${'x'.repeat(300)}…" instead of "${ISSUER}".`,
      },
    });
  });

  it.each([
    ['', 'is not a URL'],
    ['/jwks', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['https://ho st/', 'is not a URL'],
    ['https://\u202ehost/', 'is not a URL'],
    ['https://host\\@evil.example/', 'is not a URL'],
    ['https://host:99999/', 'is not a URL'],
    ['http://keys.example.com/https://x', 'does not begin with https:// and a host'],
    ['http://keys.example.com/', 'does not begin with https:// and a host'],
    ['file:///etc/passwd', 'does not begin with https:// and a host'],
    ['https:keys.example.com', 'does not begin with https:// and a host'],
    ['https:///keys.example.com', 'does not begin with https:// and a host'],
    ['https://me:secret@keys.example.com/', 'contains a user name or password'],
    ['https://@keys.example.com/', 'contains a user name or password'],
    ['https://keys.example.com/#a', 'contains a fragment (#)'],
    ['https://keys.example.com#', 'contains a fragment (#)'],
  ])('refuses the jwks_uri %j', (uri, words) => {
    expect(readDiscovery(json({ jwks_uri: uri }), ISSUER, guarded)).toEqual({
      ok: false,
      failure: {
        step: 'discovery',
        code: 'OIDC_JWKS_URI_REFUSED',
        message: `${DOCUMENT} has the "jwks_uri" "${escaped(uri)}", which ${words}.`,
      },
    });
  });

  it.each([2_049, 10_240])('refuses a jwks_uri of %d characters', (length) => {
    const uri = 'https://keys.example.com/'.padEnd(length, 'x');
    expect(readDiscovery(json({ jwks_uri: uri }), ISSUER, guarded)).toMatchObject({
      failure: {
        code: 'OIDC_JWKS_URI_REFUSED',
        message: `${DOCUMENT} has the "jwks_uri" "${uri.slice(0, 300)}…", which has more than 2048 characters.`,
      },
    });
  });

  it.each([
    'https://10.0.0.1/jwks',
    'https://127.0.0.1:8443/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://8.8.8.8/',
    'https://[2600:9000::1]/',
  ])('accepts the address in %s only if private networks are permitted (fault 24)', (uri) => {
    const body = json({ jwks_uri: uri });
    expect(readDiscovery(body, ISSUER, { mayBePrivate: () => true }).ok).toBe(true);
    expect(readDiscovery(body, ISSUER, guarded)).toEqual({
      ok: false,
      failure: {
        step: 'discovery',
        code: 'OIDC_JWKS_URI_ADDRESS',
        message: `${DOCUMENT} has the "jwks_uri" "${uri}", which contains an IP address instead of a host name.`,
      },
    });
  });

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://100.100.100.200/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://0.0.0.0/',
  ])('refuses the address in %s although private networks are permitted', (uri) => {
    expect(readDiscovery(json({ jwks_uri: uri }), ISSUER, { mayBePrivate: () => true })).toMatchObject({
      failure: { code: 'OIDC_JWKS_URI_ADDRESS' },
    });
  });

  it('reports each repeated key, in any position and spelling', () => {
    const other = fc.record({ name: anyText, value: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(other), fc.constantFrom('issuer', 'jwks_uri'), fc.nat(), (others, key, place) => {
        const members = others
          .filter(({ name }) => name !== 'issuer' && name !== 'jwks_uri')
          .map(({ name, value }) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
        const alone = `{${[...members, json().slice(1, -1)].join(',')}}`;
        expect(readDiscovery(alone, ISSUER, guarded).ok).toBe(true);
        members.splice(place % (members.length + 1), 0, `"${key}":1`);
        const twice = `{${[...members, json().slice(1, -1)].join(' , ')}}`;
        expect(readDiscovery(twice, ISSUER, guarded)).toMatchObject({
          failure: { code: 'OIDC_DUPLICATE_KEY' },
        });
      }),
    );
  });
});

describe('evaluateDiscoveryFailure', () => {
  it.each<[FailureCode, string, string]>([
    ['DNS_NOT_FOUND', 'DISC001', 'high'],
    ['DNS_UNAVAILABLE', 'DISC001', 'high'],
    ['SSRF_ADDRESS_REFUSED', 'DISC001', 'high'],
    ['TCP_REFUSED', 'DISC001', 'high'],
    ['TCP_RESET', 'DISC001', 'high'],
    ['TCP_TIMEOUT', 'DISC001', 'high'],
    ['TCP_UNREACHABLE', 'DISC001', 'high'],
    ['TLS_TIMEOUT', 'DISC001', 'high'],
    ['TLS_RESET', 'DISC001', 'high'],
    ['TLS_HANDSHAKE', 'DISC001', 'high'],
    ['TLS_NO_CERTIFICATE', 'DISC001', 'high'],
    ['TLS_MALFORMED', 'DISC001', 'high'],
    ['TLS_TOO_LARGE', 'DISC001', 'high'],
    ['HTTP_TIMEOUT', 'DISC001', 'high'],
    ['HTTP_REDIRECT', 'DISC001', 'high'],
    ['HTTP_STATUS', 'DISC001', 'high'],
    ['HTTP_ENCODING', 'DISC001', 'high'],
    ['HTTP_TOO_LARGE', 'DISC001', 'high'],
    ['HTTP_BROKEN', 'DISC001', 'high'],
    ['OIDC_NOT_JSON', 'DISC001', 'high'],
    ['OIDC_TOO_DEEP', 'DISC001', 'high'],
    ['OIDC_NOT_AN_OBJECT', 'DISC001', 'high'],
    ['OIDC_DUPLICATE_KEY', 'DISC001', 'high'],
    ['OIDC_ISSUER_MISSING', 'DISC002', 'critical'],
    ['OIDC_ISSUER_DIFFERS', 'DISC002', 'critical'],
    ['OIDC_JWKS_URI_MISSING', 'DISC003', 'high'],
    ['OIDC_JWKS_URI_REFUSED', 'DISC003', 'high'],
    ['OIDC_JWKS_URI_ADDRESS', 'DISC003', 'high'],
  ])('reports %s as %s, %s', (code, check, severity) => {
    const [finding, ...others] = evaluateDiscoveryFailure(
      failure('discovery', code, 'What happened.'),
      ISSUER,
    );
    expect(finding).toEqual({
      check,
      severity,
      message: 'What happened.',
      remedy: expect.stringMatching(/.(\.|null)$/),
    });
    expect(others).toEqual([]);
  });

  it.each([
    ['https://ci.example.com:8443/org/x', 'ci.example.com:8443 -servername ci.example.com'],
    ['https://ci.example.com', 'ci.example.com:443 -servername ci.example.com'],
    ['https://[2001:db8::1]', null],
  ])('has a command for the TLS handshake with the host of %s, if it can be pasted', (issuer, host) => {
    const [finding] = evaluateDiscoveryFailure(failure('discovery', 'TLS_HANDSHAKE', 'x'), issuer);
    expect(remedySteps(finding?.remedy ?? '').map(({ command }) => command)).toEqual([
      host === null ? null : `openssl s_client -connect ${host} </dev/null`,
    ]);
  });

  it.each<FailureCode>([
    'TLS_UNTRUSTED',
    'DNS_DOMAIN_NOT_FOUND',
    'DNS_DANGLING_CNAME',
    'HTTP_NO_SUCH_BUCKET',
    'AWS_ACCESS_DENIED',
    'AWS_SKIPPED',
    'DEADLINE_EXCEEDED',
  ])('ignores %s', (code) => {
    expect(evaluateDiscoveryFailure(failure('discovery', code, 'What happened.'), ISSUER)).toEqual([]);
  });
});
