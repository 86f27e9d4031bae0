import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EvaluatedHost } from '../../lambda/checks/host';
import type { Finding } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import { LOGINS_FAIL } from '../../lambda/domain/logins';
import { createRemedy } from '../../lambda/remedies/remedy';
import type { CheckId } from '../../lambda/domain/checks';
import type { FailureCode } from '../../lambda/domain/errors';
import { evaluateHosts, evaluateTarget, sortFindings } from '../../lambda/checks/target';
import type { Observation } from '../../lambda/checks/target';
import { NOW, hierarchy, judged, madeUpTrust, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { finding } from '../support/reports';

const HOST = 'ci.example.com';
const ISSUER = `https://${HOST}/a`;
const ARN = `arn:aws:iam::123456789012:oidc-provider/${HOST}/a`;
const OLD = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy(HOST, 'A');
});

type Change = Partial<Omit<Observation, 'hosts'>> & { readonly hosts?: readonly EvaluatedHost[] };

const listing = (...thumbprints: readonly string[]): Change => ({
  provider: { ok: true, value: { arn: ARN, url: '', thumbprints, audiences: [] } },
});
const keys = (...thumbprints: readonly string[]): Change => ({
  jwks: {
    ok: true,
    value: {
      signingKeys: thumbprints.map((thumbprint) => ({
        thumbprint,
        kid: null,
        kty: 'EC',
        alg: null,
        bits: null,
      })),
      problems: [],
      weak: [],
    },
  },
});

/** Of an issuer without findings. */
const observation = (changes: Change = {}): Observation => ({
  target: { issuer: ISSUER, providerArn: ARN, configured: true },
  discovery: { ok: true, value: { issuer: ISSUER, jwksUri: `${ISSUER}/keys` } },
  milliseconds: 1,
  jwks: null,
  provider: null,
  ...listing(served.middle.thumbprint),
  hosts: [judged(HOST, [{ chain: served.chain }])],
  ...changes,
});

const failing = (code: FailureCode) => ({ ok: false, failure: failure('iam', code, code) }) as const;
const unseen = (code: FailureCode): EvaluatedHost => ({
  ...judged(HOST, []),
  failure: failure('tls', code, `probed: ${code}`),
});
const brief = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

describe('evaluateTarget', () => {
  it('contains what was observed of the target', () => {
    const silent = failure('tls', 'TLS_TIMEOUT', 'silent');
    const host = judged(HOST, [{ chain: served.chain }]);
    const trust = {
      roles: ['arn:r'],
      findings: [finding('TRUST001', 'critical', 'open')],
      skipped: [],
      notEvaluated: [],
    };
    const seen = observation({ ...keys('b', 'a'), trust, hosts: [{ ...host, unanswered: [silent] }] });
    expect(evaluateTarget(seen)).toEqual({
      issuer: ISSUER,
      providerArn: ARN,
      status: 'in-sync',
      enforced: false,
      enforcedBasis: 'public-ca',
      listed: [served.middle.thumbprint],
      expected: [served.middle.thumbprint],
      proposed: [served.middle.thumbprint],
      chains: host.chains.map(({ reported }) => reported),
      signingKeys: ['a', 'b'],
      roles: ['arn:r'],
      findings: trust.findings,
      unanswered: [silent],
    });
  });

  it('contains nothing else', () => {
    expect(Object.keys(evaluateTarget(observation()))).not.toContain('unanswered');
    expect(evaluateTarget(observation({ jwks: failing('HTTP_STATUS'), provider: null }))).toMatchObject({
      status: 'provider-missing',
      listed: [],
      signingKeys: [],
      roles: [],
    });
  });

  it('contains the findings of all checks, the most severe first', () => {
    const list = listing(OLD, served.leaf.thumbprint.toUpperCase());
    const hosts = [judged(HOST, [{ chain: [...served.chain, served.leaf], trusted: false }])];
    const { findings } = evaluateTarget(observation({ ...list, jwks: failing('HTTP_STATUS'), hosts }));
    expect(brief(findings)).toEqual([
      'THUMB002 high',
      'CERT002 high',
      'JWKS001 high',
      'CERT006 medium',
      'THUMB004 info',
    ]);
  });

  it('preserves the order of findings of one severity', () => {
    const of = (...severities: readonly Finding['severity'][]): readonly Finding[] =>
      severities.map((severity, index) => finding('CERT001', severity, String(index)));
    expect(sortFindings(of('low', 'high', 'low', 'high')).map(({ message }) => message)).toEqual([
      '1',
      '3',
      '0',
      '2',
    ]);
  });
});

describe('a target is not audited', () => {
  it.each<[string, () => Change, string | null]>([
    ['where nothing failed: it could', () => ({}), null],
    [
      'where its list is kept from us, whatever else',
      () => ({ provider: failing('AWS_ACCESS_DENIED'), discovery: failing('HTTP_STATUS') }),
      'AWS_ACCESS_DENIED',
    ],
    ['where its list was left out on purpose', () => ({ provider: failing('AWS_SKIPPED') }), 'AWS_SKIPPED'],
    [
      'but more for its document than for that',
      () => ({ provider: failing('AWS_SKIPPED'), discovery: failing('HTTP_STATUS') }),
      'HTTP_STATUS',
    ],
    [
      'and more for its host',
      () => ({ provider: failing('AWS_SKIPPED'), hosts: [unseen('TLS_RESET')] }),
      'probed: TLS_RESET',
    ],
    ['where its provider is gone: it could', () => ({ provider: failing('AWS_NOT_FOUND') }), null],
    ['where only verification failed: it could', () => ({ discovery: failing('TLS_UNTRUSTED') }), null],
    [
      'where one of its hosts was not seen',
      () => ({ hosts: [...observation().hosts, unseen('TLS_RESET')] }),
      'probed: TLS_RESET',
    ],
    [
      'where verification failed, and its host was not seen',
      () => ({ discovery: failing('TLS_UNTRUSTED'), hosts: [unseen('TLS_TIMEOUT')] }),
      'probed: TLS_TIMEOUT',
    ],
    ['where no host was probed', () => ({ hosts: [] }), 'The monitor connected to no host of the issuer.'],
    [
      'where its document broke off, as the probe explains it',
      () => ({ discovery: failing('TCP_RESET'), hosts: [unseen('TLS_HANDSHAKE')] }),
      'probed: TLS_HANDSHAKE',
    ],
    [
      'where its document timed out, as the probe explains it',
      () => ({ discovery: failing('TCP_TIMEOUT'), hosts: [unseen('TLS_TIMEOUT')] }),
      'probed: TLS_TIMEOUT',
    ],
    [
      'where no handshake came to an end, as the probe explains it',
      () => ({ discovery: failing('TLS_HANDSHAKE'), hosts: [unseen('TLS_NO_CERTIFICATE')] }),
      'probed: TLS_NO_CERTIFICATE',
    ],
    [
      'where its document timed out, and the probe knows no better',
      () => ({ discovery: failing('TCP_TIMEOUT'), hosts: [unseen('TCP_REFUSED')] }),
      'TCP_TIMEOUT',
    ],
    [
      'where its document broke off, and the probe was answered',
      () => ({ discovery: failing('TCP_RESET') }),
      'TCP_RESET',
    ],
    [
      'where its document broke off, and nothing was probed',
      () => ({ discovery: failing('TCP_RESET'), hosts: [] }),
      'TCP_RESET',
    ],
    [
      'where the server answered with an error, whatever the probe says',
      () => ({ discovery: failing('HTTP_STATUS'), hosts: [unseen('TLS_RESET')] }),
      'HTTP_STATUS',
    ],
  ])('%s', (_, changes, message) => {
    const report = evaluateTarget(observation(changes()));
    expect(report.failure?.message ?? null).toBe(message);
    expect(report.status === 'not-audited').toBe(message !== null);
  });

  it('if no host was probed, and if none shows a certificate', () => {
    expect(evaluateTarget(observation({ hosts: [] })).failure).toEqual(
      failure('tls', 'TLS_NO_CERTIFICATE', 'The monitor connected to no host of the issuer.'),
    );
  });

  it('because of its document, and the finding is that of the probe', () => {
    const broken = { discovery: failing('TCP_RESET'), hosts: [unseen('TLS_HANDSHAKE')] };
    const [first] = evaluateTarget(observation(broken)).findings;
    expect(first).toMatchObject({
      check: 'DISC001',
      message: expect.stringContaining('probed: TLS_HANDSHAKE'),
    });
  });

  it('so drift is not reported, and unread documents are not reported as lost', () => {
    const [good] = observation().hosts;
    const hosts = [...(good === undefined ? [] : [good]), unseen('TLS_RESET')];
    const report = evaluateTarget(observation({ ...listing(OLD), hosts }));
    expect(report).toMatchObject({ findings: [], listed: [OLD], expected: [served.middle.thumbprint] });
    expect(evaluateTarget(observation({ provider: failing('AWS_THROTTLED') })).findings).toEqual([]);
  });
});

describe('PROV001: a required provider is missing', () => {
  const remedy = createRemedy(ISSUER);

  it('is reported if the account has no such provider', () => {
    const target = { issuer: ISSUER, providerArn: null, configured: true };
    expect(evaluateTarget(observation({ target, provider: null })).findings).toEqual([
      finding('PROV001', 'high', `The account has no OIDC provider for ${ISSUER}. ${LOGINS_FAIL}`, remedy),
    ]);
  });

  it('is reported if it was deleted during the run', () => {
    expect(evaluateTarget(observation({ provider: failing('AWS_NOT_FOUND') })).findings).toEqual([
      finding(
        'PROV001',
        'high',
        `The OIDC provider ${ARN} was deleted during the run. ${LOGINS_FAIL}`,
        remedy,
      ),
    ]);
  });
});

describe('DISC005: somebody else can take over a host', () => {
  const trusting = (roles: readonly string[], skipped: readonly CheckId[] = []): Change => ({
    trust: { roles, findings: [], skipped, notEvaluated: [] },
  });
  const takeover = (changes: Change): readonly string[] =>
    brief(evaluateTarget(observation(changes)).findings);

  it.each<FailureCode>(['DNS_DOMAIN_NOT_FOUND', 'DNS_DANGLING_CNAME', 'HTTP_NO_SUCH_BUCKET'])(
    'is the one finding about a host, if a document fails with %s',
    (code) => {
      const host = { discovery: failing(code), hosts: [unseen(code)] };
      expect(takeover({ ...host, ...trusting(['arn:r']) })).toEqual(['DISC005 critical']);
      expect(takeover({ jwks: failing(code), ...trusting(['arn:r']) })).toEqual(['DISC005 critical']);
      expect(takeover({ ...host, jwks: failing(code), ...trusting(['arn:r']) })).toEqual([
        'DISC005 critical',
      ]);
    },
  );

  it.each<[string, () => Change, readonly string[]]>([
    ['no role trusts the provider', () => trusting([]), ['DISC005 high']],
    ['roles were not evaluated', () => ({}), ['DISC005 high']],
    ['roles were not read', () => trusting([], ['PROV004']), ['DISC005 high']],
    [
      'roles trust a provider that does not exist',
      () => ({ ...trusting(['arn:r']), provider: failing('AWS_NOT_FOUND') }),
      ['DISC005 high', 'PROV001 high'],
    ],
    [
      'a role trusts a provider that was not read',
      () => ({ ...trusting(['arn:r']), provider: failing('AWS_THROTTLED') }),
      ['DISC005 critical'],
    ],
  ])('is as severe as its effect: %s', (_, changes, expected) => {
    const code = 'DNS_DOMAIN_NOT_FOUND';
    expect(takeover({ discovery: failing(code), hosts: [unseen(code)], ...changes() })).toEqual(expected);
  });
});

describe('evaluateHosts', () => {
  it('evaluates a host once, however many targets share it', () => {
    const host = observed(HOST, [{ chain: served.chain }]);
    const facts = ['a', 'b'].map((name) => ({
      ...observation(),
      target: { issuer: `https://${HOST}/${name}`, providerArn: null, configured: true },
      hosts: [host],
    }));
    const options = { trustAnchors: {}, trust: madeUpTrust(), expiryDays: 30, now: NOW };
    const [first, second] = evaluateHosts(facts, options);
    expect(first?.hosts).toMatchObject([{ expected: [served.middle.thumbprint] }]);
    expect(second?.hosts[0]).toBe(first?.hosts[0]);
  });
});
