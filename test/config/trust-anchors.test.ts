import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { mint } from '../../demo/authority';
import { foldTrustAnchors, validateTrustAnchors } from '../../lambda/config/trust-anchors';

/** As OpenSSL writes PEM: lines of 64 columns (RFC 7468 section 2). */
const wrapped = (pem: string): string => {
  const base64 = pem.replaceAll(/-----.*-----|\s/g, '');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};
const [FIRST = '', SECOND = ''] = rootCertificates.map(wrapped);
const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const PKCS8 = KEY.export({ type: 'pkcs8', format: 'pem' }).toString();
const SEC1 = '-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n';
const SERVER = 'https://ci.example.com';
const scope = { issuers: [SERVER, 'https://gitlab.com'], discoversAll: false };

describe('validateTrustAnchors', () => {
  it.each([
    ['nothing', undefined, {}],
    ['a bundle for all issuers but public ones', FIRST, { 'ci.example.com:443': FIRST }],
    ['several certificates', FIRST + SECOND, { 'ci.example.com:443': FIRST + SECOND }],
    ['text around them', `# ours\n${FIRST}\r\n# end`, { 'ci.example.com:443': FIRST }],
    ['Windows line ends', FIRST.replaceAll('\n', '\r\n'), { 'ci.example.com:443': FIRST }],
    ['no host at all', {}, {}],
    ['a host', { 'CI.example.com': FIRST }, { 'ci.example.com:443': FIRST }],
    [
      'the host of the keys beside it',
      { 'ci.example.com:443': FIRST, 'keys.example.com:8443': SECOND },
      { 'ci.example.com:443': FIRST, 'keys.example.com:8443': SECOND },
    ],
  ])('accepts %s', (_what, value, anchors) => {
    expect(validateTrustAnchors(value, scope)).toEqual({ ok: true, value: anchors });
  });

  it('accepts IPv6 hosts in brackets, as documents are requested', () => {
    const issuers = ['https://[::1]:8443'];
    expect(validateTrustAnchors(FIRST, { issuers, discoversAll: false })).toEqual({
      ok: true,
      value: { '[::1]:8443': FIRST },
    });
  });

  it('accepts an object that names one of several hosts', () => {
    const several = { issuers: ['https://a.example.com', SERVER], discoversAll: false };
    expect(validateTrustAnchors({ 'ci.example.com': FIRST }, several).ok).toBe(true);
    expect(validateTrustAnchors({ 'b.example.com': FIRST, 'c.example.com': FIRST }, several)).toEqual({
      ok: false,
      problems: [
        'trustAnchors: b.example.com:443, c.example.com:443: no configured issuer has this host. Add the issuer to issuers, or correct the host.',
      ],
    });
  });

  it('accepts any host if every provider of the account is audited', () => {
    expect(validateTrustAnchors({ 'a.example.com': FIRST }, { issuers: [], discoversAll: true })).toEqual({
      ok: true,
      value: { 'a.example.com:443': FIRST },
    });
  });

  it('does not validate the scope if the issuers are invalid', () => {
    expect(validateTrustAnchors({ 'a.example.com': FIRST }, null).ok).toBe(true);
    expect(validateTrustAnchors(FIRST, null)).toEqual({ ok: true, value: {} });
  });

  it('accepts only self-signed CA certificates that are valid now', async () => {
    const root = await mint({ commonName: 'Root', ca: true });
    const middle = await mint({ commonName: 'Intermediate', ca: true, signedBy: root });
    const server = await mint({ commonName: 'localhost', hosts: ['localhost'] });
    const [past, soon] = [new Date('2020-01-01T00:00:00Z'), new Date('2020-02-01T00:00:00Z')];
    const old = await mint({ commonName: 'Old', ca: true, notBefore: past, notAfter: soon });
    const judge = (pem: string, now: Date | null = new Date()): unknown =>
      validateTrustAnchors({ 'ci.example.com': pem }, scope, now);
    const refused = (reason: RegExp): unknown => ({
      ok: false,
      problems: [expect.stringMatching(new RegExp(`^trustAnchors\\["ci.example.com"\\]: ${reason.source}`))],
    });
    expect(judge(root.pem)).toMatchObject({ ok: true });
    expect(judge(middle.pem)).toEqual(refused(/certificate 1 \("CN=Intermediate"\) is not a trust anchor/));
    expect(judge(root.pem + middle.pem)).toEqual(refused(/certificate 2 .* is not a trust anchor/));
    expect(judge(server.pem)).toEqual(refused(/certificate 1 .* is not a trust anchor/));
    expect(judge(old.pem)).toEqual(refused(/certificate 1 \("CN=Old"\) expired on 2020-02-01/));
    expect(judge(old.pem, new Date('2019-12-31T00:00:00Z'))).toEqual(
      refused(/certificate 1 .* is not valid before 2020-01-01/),
    );
    expect(judge(old.pem, null)).toMatchObject({ ok: true });
  });

  const none = 'contains no certificate. It must be PEM, beginning with -----BEGIN CERTIFICATE-----.';
  const key = 'contains a private key. Remove it, and replace that key, because copies of it may exist.';
  const notAHost = 'must be a host or host:port, without https:// and without a path.';
  const known =
    'is a well-known public host, which is verified only by public certificate authorities. Remove it.';
  const noHost =
    'applies to no host: no issuer is configured, or only well-known public ones. Add your issuer to issuers, or write {"host": "<PEM>"}.';

  it.each([
    ['', `trustAnchors: ${none}`],
    ['ca.pem', `trustAnchors: ${none}`],
    [FIRST + PKCS8, `trustAnchors: ${key}`],
    [SEC1, `trustAnchors: ${key}`],
    [
      FIRST + '-----BEGIN X509 CRL-----\n-----END X509 CRL-----',
      'trustAnchors: contains a PEM block "X509 CRL". Only certificates are allowed.',
    ],
    [FIRST + SECOND.slice(0, -40), 'trustAnchors: certificate 2 cannot be read. Export it as PEM again.'],
    [FIRST.replace('MII', 'AAA'), 'trustAnchors: certificate 1 cannot be read. Export it as PEM again.'],
    [7, 'trustAnchors: must be a PEM bundle, or an object such as {"ci.example.com": "<PEM>"}; it is 7.'],
    [
      [],
      'trustAnchors: must be a PEM bundle, or an object such as {"ci.example.com": "<PEM>"}; it is a list.',
    ],
    [
      null,
      'trustAnchors: must be a PEM bundle, or an object such as {"ci.example.com": "<PEM>"}; it is null.',
    ],
    [{ 'ci.example.com': 7 }, 'trustAnchors["ci.example.com"]: must be a PEM bundle; it is 7.'],
    [{ 'ci.example.com': PKCS8 }, `trustAnchors["ci.example.com"]: ${key}`],
    [{ [SERVER]: FIRST }, `trustAnchors["${SERVER}"]: ${notAHost}`],
    [{ 'ci.example.com/a': FIRST }, `trustAnchors["ci.example.com/a"]: ${notAHost}`],
    [{ '': FIRST }, `trustAnchors[""]: ${notAHost}`],
    [{ 'a\nb': FIRST }, `trustAnchors["a${String.raw`\u{a}`}b"]: ${notAHost}`],
    [{ 'oidc.circleci.com': FIRST }, `trustAnchors["oidc.circleci.com"]: ${known}`],
    [{ 'GitLab.com:443': FIRST }, `trustAnchors["GitLab.com:443"]: ${known}`],
    [
      { 'ci.example.com': FIRST, 'ci.example.com:443': SECOND },
      'trustAnchors: names ci.example.com:443 more than once. Put all its certificates into one bundle.',
    ],
    [
      { 'ci.exmaple.com': FIRST },
      'trustAnchors: ci.exmaple.com:443: no configured issuer has this host. Add the issuer to issuers, or correct the host.',
    ],
  ])('refuses %j', (value, problem) => {
    expect(validateTrustAnchors(value, scope)).toEqual({ ok: false, problems: [problem] });
  });

  it('refuses a bundle without a host', () => {
    for (const issuers of [[], ['https://gitlab.com']]) {
      expect(validateTrustAnchors(FIRST, { issuers, discoversAll: false })).toEqual({
        ok: false,
        problems: [`trustAnchors: ${noHost}`],
      });
    }
  });

  it('reports every wrong host', () => {
    expect(validateTrustAnchors({ 'a/b': FIRST, 'gitlab.com': FIRST, 'ci.example.com': '' }, scope)).toEqual({
      ok: false,
      problems: [
        `trustAnchors["a/b"]: ${notAHost}`,
        `trustAnchors["gitlab.com"]: ${known}`,
        `trustAnchors["ci.example.com"]: ${none}`,
      ],
    });
  });
});

describe('foldTrustAnchors', () => {
  const issuers = [SERVER, 'https://gitlab.com', 'https://b.example.com'];

  it('writes one bundle if all hosts have the same', () => {
    const anchors = { 'b.example.com:443': FIRST, 'ci.example.com:443': FIRST };
    expect(foldTrustAnchors(anchors, issuers)).toBe(FIRST);
    expect(foldTrustAnchors(Object.fromEntries(Object.entries(anchors).reverse()), issuers)).toBe(FIRST);
  });

  it.each([
    [{}],
    [{ 'ci.example.com:443': FIRST }],
    [{ 'ci.example.com:443': FIRST, 'b.example.com:443': SECOND }],
    [{ 'ci.example.com:443': FIRST, 'b.example.com:443': FIRST, 'c.example.com:443': FIRST }],
  ])('returns %j unchanged', (anchors) => {
    expect(foldTrustAnchors(anchors, issuers)).toBe(anchors);
  });
});
