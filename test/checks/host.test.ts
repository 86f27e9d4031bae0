import { beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { Finding } from '../../lambda/domain/types';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../../lambda/domain/logins';
import { RENEW } from '../../lambda/checks/certificates';
import { evaluateHost } from '../../lambda/checks/host';
import type { EvaluatedHost, HostOptions } from '../../lambda/checks/host';
import { evaluateList, evaluateUnverified } from '../../lambda/checks/lists';
import { openTrustStore } from '../../lambda/x509/trust-store';
import { NOW, hierarchy, judged, observed, madeUpTrust } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { hostKey, hostName } from '../../lambda/domain/host';

const HOST = 'ci.example.com';
const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);
const soon = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

const OPTIONS: HostOptions = {
  trustAnchors: {},
  expiryDays: 30,
  get trust() {
    return madeUpTrust();
  },
  now: NOW,
};
const SILENT = { step: 'tls', code: 'TLS_TIMEOUT', message: 'silent' } as const;

let good: Hierarchy;
let other: Hierarchy;
let stray: Identity;

beforeAll(async () => {
  good = await hierarchy(HOST, 'Good');
  other = await hierarchy(HOST, 'Other');
  stray = await mint({ commonName: 'Stranger', ca: true });
});

describe('evaluateHost', () => {
  it('reports nothing for a valid chain', () => {
    expect(judged(HOST, [{ chain: good.chain }]).findings).toEqual([]);
  });

  it.each([
    [31, []],
    [30, ['CERT001 medium']],
    [29, ['CERT001 medium']],
    [8, ['CERT001 medium']],
    [7, ['CERT001 high']],
    [6, ['CERT001 high']],
    [0, ['CERT001 high']],
  ] as const)('warns %d days before a certificate expires: %j', async (days, findings) => {
    const { chain } = await hierarchy(HOST, 'Short', { notAfter: soon(days) });
    expect(brief(judged(HOST, [{ chain }]).findings)).toEqual(findings);
  });

  it('warns as many days before as configured', async () => {
    const { chain } = await hierarchy(HOST, 'Short', { notAfter: soon(60) });
    expect(brief(judged(HOST, [{ chain }], { expiryDays: 90 }).findings)).toEqual(['CERT001 medium']);
  });

  it.each([
    ['expired', { notAfter: soon(-1) }, /has expired/],
    ['not valid yet', { notBefore: soon(1) }, /is not valid yet/],
    ['for another host', { hosts: ['other.example.com'] }, /is not valid for ci\.example\.com/],
  ])('reports a certificate as critical if it is %s', async (_, options, words) => {
    const { chain } = await hierarchy(HOST, 'Bad', options);
    const { findings } = judged(HOST, [{ chain, trusted: false, distrust: 'CERT_HAS_EXPIRED' }]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'CERT005',
        severity: 'critical',
        message: expect.stringMatching(words),
      }),
    );
  });

  it('accepts a certificate from its first moment to its last', async () => {
    for (const [options, findings] of [
      [{ notBefore: NOW }, []],
      [{ notAfter: NOW }, ['CERT001 high']],
    ] as const) {
      const { chain } = await hierarchy(HOST, 'Edge', options);
      expect(brief(judged(HOST, [{ chain, trusted: false, anchored: true }]).findings)).toEqual(findings);
    }
  });

  it('ignores expired certificates of a chain that is trusted all the same', async () => {
    const expired = await mint({
      commonName: 'Good Root',
      ca: true,
      keyOf: good.root,
      notBefore: soon(-2),
      notAfter: soon(-1),
    });
    const chain = [...good.chain, expired];
    expect(judged(HOST, [{ chain }]).findings).toEqual([]);
    expect(brief(judged(HOST, [{ chain, trusted: false }]).findings)).toEqual(['CERT005 critical']);
  });

  it('checks only the names of unrelated certificates', async () => {
    const weak = await mint({
      commonName: 'Weak stranger',
      ca: true,
      keyType: 'rsa',
      rsaBits: 1024,
      notAfter: soon(1),
    });
    expect(brief(judged(HOST, [{ chain: [...good.chain, weak] }]).findings)).toEqual(['CERT002 high']);
  });

  it('does not call a host publicly trusted because of the trust store of the process (fault 51)', () => {
    const serving = { chain: good.chain, trusted: true };
    const trust = openTrustStore([]);
    const host = judged(HOST, [serving], { trust });
    expect(host.chains[0]?.reported.publiclyTrusted).toBe(false);
    expect(host).toMatchObject({ basis: 'private-ca', expected: [good.middle.thumbprint], proposed: [] });
    const known = judged('acme.okta.com', [serving], { trust });
    expect(brief(known.findings)).toEqual(['NET001 high']);
    expect(known).toMatchObject({ expected: [], proposed: [], failure: { code: 'TLS_UNTRUSTED' } });
  });

  it('names unrelated certificates in a chain and does not expect them', () => {
    const host = judged(HOST, [{ chain: [...good.chain, stray] }]);
    expect(brief(host.findings)).toEqual(['CERT002 high']);
    expect(host.findings[0]?.message).toContain(`${stray.thumbprint} (CN=Stranger)`);
    expect(host.expected).toEqual([good.middle.thumbprint]);
  });

  it('reports an incomplete chain only if nobody can complete it', () => {
    const cut = { chain: [good.leaf], trusted: false, distrust: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    expect(brief(judged(HOST, [cut]).findings)).toEqual(['CERT003 medium']);
    // A store of the process that contains the intermediate CA completes nothing.
    expect(brief(judged(HOST, [{ ...cut, trusted: true }]).findings)).toEqual(['CERT003 medium']);
    expect(judged(HOST, [{ ...cut, anchored: true }]).findings).toEqual([]);
    expect(judged(HOST, [{ ...cut, chain: [...good.chain, good.root] }]).findings).toEqual([]);
    expect(brief(judged(HOST, [{ ...cut, chain: [good.leaf, stray] }]).findings)).toEqual([
      'CERT002 high',
      'CERT003 medium',
    ]);
  });

  it('reports weak keys and signatures', async () => {
    const { chain } = await hierarchy(HOST, 'Weak', { keyType: 'rsa', rsaBits: 1024, hash: 'SHA-1' });
    const { findings } = judged(HOST, [{ chain, keyType: 'rsa' }]);
    expect(brief(findings)).toEqual(['CERT004 medium']);
    expect(findings[0]?.message).toMatch(/less than 2048 bits; .* MD5 or SHA-1/);
  });

  it('reports an interception of a public host and evaluates nothing else', () => {
    const host = judged('oidc.circleci.com', [{ chain: good.chain, trusted: false }]);
    expect(brief(host.findings)).toEqual(['NET001 high']);
    expect(host).toMatchObject({
      basis: 'unknown',
      expected: [],
      failure: {
        step: 'tls',
        code: 'TLS_UNTRUSTED',
        message: expect.stringContaining('oidc.circleci.com is a public host'),
      },
    });
    expect(evaluateUnverified([good.middle.thumbprint], [host])).toEqual([]);
  });

  it('reports an interception at one of several addresses', () => {
    const host = judged('oidc.circleci.com', [
      { chain: good.chain },
      { chain: good.chain, address: '192.0.2.2', trusted: false },
    ]);
    expect(brief(host.findings)).toEqual(['NET001 high']);
    expect(host.failure).not.toBeNull();
  });

  it.each([
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ])('reports %s on a public host as an interception', (distrust) => {
    const host = judged('gitlab.com', [{ chain: good.chain, trusted: false, distrust }]);
    expect(brief(host.findings)).toEqual(['NET001 high']);
  });

  it('does not report an expired certificate of a public host as an interception', async () => {
    const { chain, root } = await hierarchy('oidc.circleci.com', 'Late', { notAfter: soon(-1) });
    const expired = { chain, trusted: false, distrust: 'CERT_HAS_EXPIRED' };
    const host = judged('oidc.circleci.com', [expired], { trust: openTrustStore([root.pem]) });
    expect(brief(host.findings)).toEqual(['CERT005 critical']);
    expect(host.failure).toBeNull();
  });

  it('reports a host with private addresses only', () => {
    const at = (address: string): { chain: readonly Identity[]; address: string } => ({
      chain: good.chain,
      address,
    });
    expect(brief(judged(HOST, [at('10.0.0.1'), at('fd00::1')]).findings)).toEqual(['NET002 medium']);
    expect(judged(HOST, [at('10.0.0.1'), at('8.8.8.8')]).findings).toEqual([]);
    const seen = observed(HOST, [at('10.0.0.1')]);
    const silent = { kind: 'unanswered', failure: SILENT } as const;
    const variants = [...seen.variants, { address: '8.8.8.8', keyType: 'rsa', answer: silent } as const];
    expect(evaluateHost({ ...seen, variants }, OPTIONS).findings).toEqual([]);
  });

  it('merges equal results, with their addresses', () => {
    const host = judged(HOST, [
      { chain: good.chain, address: '192.0.2.2' },
      { chain: good.chain, address: '192.0.2.1' },
    ]);
    expect(host.chains.map(({ reported }) => reported.addresses)).toEqual([['192.0.2.1', '192.0.2.2']]);
  });

  it('is not audited without a chain, and is audited with one beside a failed variant', () => {
    const failure = SILENT;
    const silent = { address: '192.0.2.9', keyType: 'rsa', answer: { kind: 'unanswered', failure } } as const;
    const options = OPTIONS;
    const seen = observed(HOST, [{ chain: good.chain }]);
    expect(evaluateHost({ ...seen, variants: [silent] }, options)).toMatchObject({
      failure,
      expected: [],
      unanswered: [],
      basis: 'unknown',
    });
    expect(evaluateHost({ ...seen, variants: [...seen.variants, silent] }, options)).toMatchObject({
      failure: null,
      unanswered: [failure],
    });
  });

  it.each([
    ['IPv6 without a route', '2001:db8::9', 'TCP_UNREACHABLE', []],
    ['IPv6 that is dropped', '2001:db8::9', 'TCP_TIMEOUT', []],
    ['IPv6 that resets', '2001:db8::9', 'TLS_RESET', ['TLS_RESET']],
    ['IPv4 without a route', '192.0.2.9', 'TCP_UNREACHABLE', ['TCP_UNREACHABLE']],
  ] as const)('counts %s as %s, beside IPv4 that works', (_, address, code, unanswered) => {
    const seen = observed(HOST, [{ chain: good.chain }]);
    const failure = { step: 'tls', code, message: address } as const;
    const dead = (['rsa', 'ecdsa'] as const).map(
      (keyType) => ({ address, keyType, answer: { kind: 'unanswered', failure } }) as const,
    );
    const host = evaluateHost(
      { ...seen, variants: [...seen.variants, ...dead], tls12: [...seen.tls12, { address, offered: null }] },
      OPTIONS,
    );
    expect(host).toMatchObject({ basis: 'public-ca', failure: null });
    expect(host.unanswered.map((one) => one.code)).toEqual(unanswered);
  });

  it('counts dropped IPv6 if no IPv4 works, and each cause by itself', () => {
    const seen = observed(HOST, [{ chain: good.chain, address: '2001:db8::1' }]);
    const silent = ['2001:db8::9', '192.0.2.9'].map((address) => {
      const failure = { step: 'tls', code: 'TCP_TIMEOUT', message: address } as const;
      return { address, keyType: 'rsa', answer: { kind: 'unanswered', failure } } as const;
    });
    const host = evaluateHost({ ...seen, variants: [...seen.variants, ...silent] }, OPTIONS);
    expect(host.unanswered.map(({ message }) => message)).toEqual(['2001:db8::9', '192.0.2.9']);
  });

  it('reports little of a chain that cannot be parsed', () => {
    const seen = observed(HOST, [{ chain: good.chain }]);
    const variants = seen.variants.map((variant) =>
      variant.answer.kind === 'served'
        ? {
            ...variant,
            answer: {
              ...variant.answer,
              chain: { ...variant.answer.chain, certificates: [Buffer.from('x')] },
            },
          }
        : variant,
    );
    const failure = {
      step: 'tls',
      code: 'TLS_MALFORMED',
      message: `${HOST}: The server sent a certificate that cannot be read.`,
    };
    expect(evaluateHost({ ...seen, variants }, OPTIONS)).toMatchObject({ chains: [], failure });
    expect(evaluateHost({ ...seen, variants: [...variants, ...seen.variants] }, OPTIONS)).toMatchObject({
      failure: null,
      unanswered: [failure],
    });
  });

  it('lists its certificates, and the newest TLS version that it supports', () => {
    const seen = observed(HOST, [{ chain: good.chain }, { chain: good.chain, address: '192.0.2.2' }]);
    for (const versions of [
      ['TLSv1.2', 'TLSv1.3'],
      ['TLSv1.3', 'TLSv1.2'],
    ]) {
      const variants = seen.variants.map(({ answer, ...about }, index) => ({
        ...about,
        answer:
          answer.kind === 'served'
            ? { ...answer, chain: { ...answer.chain, tls: versions[index] ?? '' } }
            : answer,
      }));
      expect(evaluateHost({ ...seen, variants }, OPTIONS).chains.map(({ reported }) => reported)).toEqual([
        {
          host: HOST,
          addresses: ['192.0.2.1', '192.0.2.2'],
          keyType: 'ecdsa',
          tls: 'TLSv1.3',
          publiclyTrusted: true,
          certificates: [
            [good.leaf, `CN=${HOST}`, 'CN=Good Intermediate'] as const,
            [good.middle, 'CN=Good Intermediate', 'CN=Good Root'] as const,
          ].map(([{ thumbprint, certificate }, subject, issuer]) => ({
            subject,
            issuer,
            thumbprint,
            notAfter: '2027-12-31T00:00:00.000Z',
            onPath: true,
            sha256: certificate.fingerprint256,
            anchored: true,
          })),
        },
      ]);
    }
  });

  it.each([
    ['requires TLS 1.3 where one address does', [true, false], 'tls13-only'],
    ['is not known where one address did not say', [true, null], 'unknown'],
    ['takes TLS 1.2 where all do', [true, true], 'public-ca'],
  ] as const)('%s', (_, offers, basis) => {
    const addresses = ['192.0.2.1', '192.0.2.2'];
    const seen = observed(
      HOST,
      addresses.map((address) => ({ chain: good.chain, address })),
    );
    const tls12 = addresses.map((address, index) => ({ address, offered: offers[index] ?? null }));
    expect(evaluateHost({ ...seen, tls12 }, OPTIONS).basis).toBe(basis);
  });

  it('does not depend on the order of chains', async () => {
    const { chain } = await hierarchy(HOST, 'Second');
    const expected = [
      [good.chain, chain],
      [chain, good.chain],
    ].map(
      (chains) =>
        judged(
          HOST,
          chains.map((one) => ({ chain: one })),
        ).expected,
    );
    expect(expected[0]).toHaveLength(2);
    expect(expected[1]).toEqual(expected[0]);
  });

  it('separates the trust results of two edges', () => {
    const host = judged(HOST, [
      { chain: good.chain },
      { chain: good.chain, address: '192.0.2.2', trusted: false },
    ]);
    expect(host.chains.map(({ reported }) => [reported.publiclyTrusted, reported.addresses])).toEqual([
      [true, ['192.0.2.1']],
      [false, ['192.0.2.2']],
    ]);
    expect(host).toMatchObject({ basis: 'private-ca', expected: [good.middle.thumbprint] });
  });

  it('finds its anchors by host and port, IPv6 in brackets', () => {
    expect([
      hostKey({ name: '::1', port: 8443 }),
      hostName({ name: '::1', port: 443 }),
      hostKey({ name: HOST, port: 443 }),
      hostName({ name: '::1', port: 8443 }),
      hostName({ name: HOST, port: 443 }),
    ]).toEqual(['[::1]:8443', '[::1]', `${HOST}:443`, '[::1]:8443', HOST]);
  });
});

describe('the text of a finding about a host', () => {
  const said = (host: EvaluatedHost): readonly string[] => host.findings.map(({ message }) => message);
  const distrusted = { trusted: false, distrust: 'CERT_HAS_EXPIRED' };

  it('names the certificate that expires first', async () => {
    const chains = await Promise.all(
      [20.5, 7].map((days) => hierarchy(HOST, `In ${days}`, { notAfter: soon(days) })),
    );
    const host = judged(HOST, chains);
    expect(said(host)).toEqual([`${HOST}: CN=${HOST} expires on 2026-11-30, in 7 days.`]);
  });

  it('names every reason for which a client refuses the certificates, and every missing issuer', async () => {
    const late = await hierarchy(HOST, 'LATE', { notAfter: soon(-1), hosts: ['other.example.com'] });
    const early = await hierarchy(HOST, 'EARLY', { notBefore: soon(1) });
    const host = judged(
      HOST,
      [late, early].map(({ chain }) => ({ chain, ...distrusted })),
    );
    expect(said(host)).toEqual([
      `${HOST}: the certificate is not valid for ${HOST}; CN=${HOST} has expired; CN=${HOST} is not valid yet. AWS does not accept such a certificate. ${LOGINS_FAIL}`,
      `${HOST} serves an incomplete certificate chain: the certificate of CN=LATE Root and CN=EARLY Root is missing, and it is not a known trust anchor.`,
    ]);
  });

  it('says what is wrong with the order of a chain', () => {
    const { leaf, root, middle } = good;
    const fails = `According to the AWS documentation, AWS STS cannot use such a chain. ${LOGINS_UNKNOWN}`;
    expect(said(judged(HOST, [{ chain: [leaf, root, middle] }]))).toEqual([
      `${HOST} serves a certificate chain in the wrong order. ${fails}`,
    ]);
    const { chain } = other;
    const strays = [...chain].map(({ thumbprint, subject }) => `${thumbprint} (${subject})`).join(', ');
    expect(said(judged(HOST, [{ chain: [leaf, root, middle, middle, ...chain] }]))).toEqual([
      `${HOST} serves a certificate chain in the wrong order, with duplicate certificates, with unrelated certificates. Unrelated: ${strays}. ${fails}`,
    ]);
  });

  it('names the addresses that are private, and the authority of an interception', () => {
    const at = (address: string) => ({ chain: good.chain, address });
    expect(said(judged(HOST, [at('10.0.0.1'), at('fd00::1')]))).toEqual([
      `${HOST} has only private addresses in the network of the monitor (10.0.0.1, fd00::1). AWS STS needs a public address.`,
    ]);
    const intercepted = [good, other].map(({ chain }) => ({ chain, trusted: false }));
    expect(said(judged('oidc.circleci.com', intercepted))).toEqual([
      `oidc.circleci.com is a public host, but the monitor received a certificate chain that is not publicly trusted, issued by CN=Good Root (${good.middle.thumbprint}) and CN=Other Root (${other.middle.thumbprint}). A TLS inspection proxy probably intercepts the connection of the monitor. AWS receives another chain. The thumbprints were not audited.`,
    ]);
  });

  it('is followed by what to do', async () => {
    const weak = await hierarchy(HOST, 'Weak', { keyType: 'rsa', rsaBits: 1_024 });
    const { leaf, middle, root } = good;
    const ending = await hierarchy(HOST, 'Ending', { notAfter: soon(5) });
    const ended = await hierarchy(HOST, 'Ended', { notAfter: soon(-1) });
    const hosts = [
      judged(HOST, [{ chain: ending.chain }]),
      judged(HOST, [{ chain: ended.chain, trusted: false }]),
      judged(HOST, [{ chain: [leaf, root, middle] }]),
      judged(HOST, [{ chain: [leaf], trusted: false, distrust: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }]),
      judged(HOST, [weak]),
      judged('oidc.circleci.com', [{ chain: good.chain, trusted: false }]),
      judged(HOST, [{ chain: good.chain, address: '10.0.0.1' }]),
    ];
    expect(
      hosts.flatMap(({ findings }) => findings.map(({ check, remedy }) => `${check}: ${remedy}`)),
    ).toEqual([
      `CERT001: ${RENEW}`,
      `CERT005: ${RENEW}`,
      'CERT002: Configure the server to send its own certificate first, then each issuer in order, and nothing else.',
      'CERT003: Configure the server to send the missing intermediate certificates, or name the private CA in trustAnchors.',
      "CERT004: Ask the issuer's operator to replace the certificate.",
      'NET001: Exempt oidc.circleci.com from TLS inspection, or run the monitor in a network without TLS inspection.',
      'NET002: Serve the discovery document and the signing keys on a public address. If the name has a public address outside this network (split DNS), accept this finding.',
    ]);
  });

  it('is about TLS if every address refuses the version, and else there is none', () => {
    const refusing = (...reasons: readonly ('version' | 'key-type')[]): EvaluatedHost =>
      evaluateHost(
        {
          ...observed(HOST, []),
          variants: reasons.map((reason, index) => ({
            address: `192.0.2.${index + 1}`,
            keyType: 'rsa',
            answer: { kind: 'not-offered', reason },
          })),
        },
        OPTIONS,
      );
    const old = refusing('version', 'version');
    expect(said(old)).toEqual([
      `${HOST} does not support TLS 1.2 or later, so the monitor could not read its certificates.`,
    ]);
    expect(old.findings[0]?.remedy).toContain('TLS 1.2');
    expect(old.failure).toEqual({
      step: 'tls',
      code: 'TLS_HANDSHAKE',
      message: `${HOST} supports neither TLS 1.2 nor TLS 1.3.`,
    });
    for (const host of [refusing('version', 'key-type'), refusing('key-type', 'key-type'), refusing()])
      expect(host).toMatchObject({
        findings: [],
        failure: {
          step: 'tls',
          code: 'TLS_NO_CERTIFICATE',
          message: expect.stringContaining(HOST),
        },
      });
  });
});

describe('evaluateList: what a list shows by itself', () => {
  const one = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

  it.each([
    [[one], []],
    [[], []],
    [[one.toUpperCase()], ['THUMB004 info']],
    [[one, one.toUpperCase()], ['THUMB004 info']],
    [['abc'], ['THUMB004 info']],
    [['0', '1', '2', '3', '4'].map((digit) => digit.repeat(40)), ['THUMB005 medium']],
  ])('%j', (listed, findings) => {
    expect(brief(evaluateList(listed))).toEqual(findings);
  });

  it('names the entries that are malformed or repeated', () => {
    const capitals = 'A'.repeat(40);
    expect(evaluateList(['ab:cd', one.toUpperCase(), one, capitals, 'x', 'x'])).toMatchObject([
      {
        message: `The thumbprint list has entries that are not 40 lower-case hex digits: "ab:cd", "${one.toUpperCase()}", "${capitals}", "x", "x"; listed twice: "${one}", "x".`,
        remedy: 'Write each thumbprint once, as 40 lower-case hex digits without colons.',
      },
      {
        message:
          'The thumbprint list is full (5 entries), so the thumbprint of the next certificate cannot be added.',
      },
    ]);
  });

  it('reports what cannot be verified from here only if the list covers it', () => {
    const host = judged(HOST, [{ chain: good.chain, trusted: false }]);
    expect(brief(evaluateUnverified([good.middle.thumbprint], [host]))).toEqual(['CERT006 medium']);
    expect(evaluateUnverified([one], [host])).toEqual([]);
    const keys = judged('keys.example.com', [{ chain: good.chain, trusted: false }]);
    expect(evaluateUnverified([good.middle.thumbprint], [keys, host])[0]).toMatchObject({
      message: expect.stringContaining(
        `keys.example.com and ${HOST}: the certificate chain is not publicly trusted`,
      ),
      remedy: expect.stringContaining(good.middle.certificate.fingerprint256),
    });
    const trustAnchors = { [`${HOST}:443`]: other.root.pem };
    const moved = judged(HOST, [{ chain: good.chain, trusted: false }], { trustAnchors });
    expect(evaluateUnverified([good.middle.thumbprint], [moved])[0]?.remedy).toContain('trustAnchors');
    // CERT005 reports that.
    const late = judged(HOST, [{ chain: good.chain, trusted: false, distrust: 'CERT_HAS_EXPIRED' }]);
    expect(evaluateUnverified([good.middle.thumbprint], [late])).toEqual([]);
    const anchored = judged(HOST, [{ chain: good.chain, trusted: false, anchored: true }]);
    expect(evaluateUnverified([good.middle.thumbprint], [anchored])).toEqual([]);
  });
});
