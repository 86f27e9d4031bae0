import { beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import { evaluateDrift } from '../../lambda/checks/drift';
import type { DriftVerdict } from '../../lambda/checks/drift';
import { evaluateHost } from '../../lambda/checks/host';
import type { EvaluatedHost } from '../../lambda/checks/host';
import { NOW, hierarchy, judged, madeUpTrust, observed } from '../support/observed';
import type { Hierarchy, Serving } from '../support/observed';

const HOST = 'ci.example.com';
const OTHER = 'keys.example.com';
const STRANGE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
/** The well-known root of this name. */
const AMAZON_ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
const ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/x';

let a: Hierarchy;
let b: Hierarchy;
let elsewhere: Hierarchy;

beforeAll(async () => {
  a = await hierarchy(HOST, 'A');
  b = await hierarchy(HOST, 'B');
  elsewhere = await hierarchy(OTHER, 'C');
});

const judge = (thumbprints: readonly string[], ...hosts: readonly EvaluatedHost[]): DriftVerdict =>
  evaluateDrift({ provider: { arn: ARN, thumbprints }, hosts });
const serving = (chain: Hierarchy, more: Partial<Serving> = {}): Serving => ({ chain: chain.chain, ...more });
const found = ({ findings }: DriftVerdict): readonly string[] =>
  findings.map(({ check, severity }) => `${check} ${severity}`);

describe('evaluateDrift', () => {
  it('is in sync if the end of the path is listed, in any case and with colons', () => {
    const host = judged(HOST, [serving(a)]);
    const written = a.middle.certificate.fingerprint;
    for (const listed of [[a.middle.thumbprint], [written], [STRANGE, written.toLowerCase()]]) {
      expect(judge(listed, host)).toMatchObject({
        status: 'in-sync',
        enforced: false,
        basis: 'public-ca',
        findings: [],
      });
    }
  });

  it.each([
    ['public-ca', {}, true, false, 'THUMB001 low', 'No login is affected today.'],
    ['private-ca', { trusted: false }, true, true, 'THUMB001 critical', 'Logins fail.'],
    ['tls13-only', {}, false, true, 'THUMB001 critical', 'requires TLS 1.3'],
    ['unknown', {}, null, null, 'THUMB001 medium', 'is not known'],
  ] as const)(
    'states the effect of drift on the basis %s',
    (basis, more, tls12, enforced, finding, words) => {
      const verdict = judge([STRANGE], judged(HOST, [serving(a, more)], { tls12 }));
      expect(verdict).toMatchObject({ status: 'drifted', enforced, basis, expected: [a.middle.thumbprint] });
      expect(found(verdict)).toEqual([finding]);
      expect(verdict.findings[0]?.message).toContain(words);
      expect(verdict.findings[0]?.message).toContain(
        'By AWS documentation, and as far as we can see from here, ',
      );
    },
  );

  it('returns the command with the full new list', () => {
    const verdict = judge([STRANGE.toUpperCase()], judged(HOST, [serving(a)]));
    expect(verdict.findings[0]?.remedy).toBe(
      [
        'List the certificates that are served now, beside those listed before:',
        'aws iam update-open-id-connect-provider-thumbprint \\',
        `  --open-id-connect-provider-arn ${ARN} \\`,
        `  --thumbprint-list ${STRANGE} ${a.middle.thumbprint}`,
      ].join('\n'),
    );
  });

  it('asks for a decision if the list has no room', () => {
    const five = Array.from({ length: 5 }, (_, index) => String(index).repeat(40));
    expect(judge(five, judged(HOST, [serving(a)])).findings[0]?.remedy).toMatch(
      /would hold 6 .* IAM permits 5/,
    );
  });

  it.each([
    [{}, 'THUMB002 low'],
    [{ trusted: false }, 'THUMB002 high'],
  ])('reports a list that contains only the leaf (%j)', (more, finding) => {
    expect(found(judge([a.leaf.thumbprint], judged(HOST, [serving(a, more)])))).toEqual([finding]);
  });

  it.each([
    [{}, 'THUMB006 low'],
    [{ trusted: false }, 'THUMB006 high'],
  ])('reports edges that end in different certificates (%j)', (more, finding) => {
    const host = judged(HOST, [serving(a, more), serving(b, { ...more, address: '192.0.2.2' })]);
    const verdict = judge([a.middle.thumbprint], host);
    expect(found(verdict)).toEqual([finding]);
    expect(verdict.expected).toEqual([a.middle.thumbprint, b.middle.thumbprint].sort());
    expect(verdict.findings[0]?.message).toContain(b.middle.thumbprint);
    expect(judge([a.middle.thumbprint, b.middle.thumbprint], host).status).toBe('in-sync');
  });

  it('reports a discovery host that is not covered', () => {
    const verdict = judge(
      [elsewhere.middle.thumbprint],
      judged(OTHER, [serving(elsewhere)]),
      judged(HOST, [serving(a)]),
    );
    expect(found(verdict)).toEqual(['THUMB007 low']);
    expect(found(judge([STRANGE], judged(OTHER, [serving(elsewhere)]), judged(HOST, [serving(a)])))).toEqual([
      'THUMB001 low',
      'THUMB007 low',
    ]);
  });

  it('does not report a discovery host that shares the certificates', () => {
    const hosts = [judged(OTHER, [serving(a)]), judged(HOST, [serving(a)])];
    expect(found(judge([STRANGE], ...hosts))).toEqual(['THUMB001 low']);
    expect(judge([a.middle.thumbprint], ...hosts).status).toBe('in-sync');
  });

  it('reports a JWKS host that is not covered although the discovery host is', () => {
    const verdict = judge(
      [a.middle.thumbprint],
      judged(OTHER, [serving(elsewhere)]),
      judged(HOST, [serving(a)]),
    );
    expect(found(verdict)).toEqual(['THUMB001 low']);
    expect(verdict.findings[0]?.message).toContain(`No certificate that ${OTHER} serves is listed.`);
  });

  it.each([
    ['only a lower certificate', [], 'THUMB002'],
    ['one chain of two', [{ address: '192.0.2.2' }], 'THUMB006'],
  ] as const)('reports that logins may fail, not that they do, if %s is listed', (_, more, check) => {
    const chains = [
      serving(a, { trusted: false }),
      ...more.map((one) => serving(b, { ...one, trusted: false })),
    ];
    const listed = check === 'THUMB002' ? a.leaf.thumbprint : a.middle.thumbprint;
    const verdict = judge([listed], judged(HOST, chains));
    expect(found(verdict)).toEqual([`${check} high`]);
    expect(verdict.findings[0]?.message).toContain(
      `Logins may fail. By AWS documentation, and as far as we can see from here, AWS does not trust`,
    );
  });

  it('names the host that decides, if another one drifted', () => {
    const verdict = judge(
      [elsewhere.middle.thumbprint],
      judged(OTHER, [serving(elsewhere, { trusted: false })]),
      judged(HOST, [serving(a)]),
    );
    expect(found(verdict)).toEqual(['THUMB007 critical']);
    expect(verdict.findings[0]?.message).toContain(
      `AWS does not trust the certificate of ${OTHER} by itself`,
    );
  });

  it('requires TLS 1.3 only if an address that served does', () => {
    const host = evaluateHost(
      {
        ...observed(HOST, [serving(a)]),
        tls12: [
          { address: '192.0.2.1', offered: true },
          { address: '2001:db8::1', offered: null },
          { address: '192.0.2.9', offered: false },
        ],
      },
      { trustAnchors: {}, trust: madeUpTrust(), expiryDays: 30, now: NOW },
    );
    expect(judge([STRANGE], host)).toMatchObject({ enforced: false, basis: 'public-ca' });
  });

  it('names the root that tools take from a local store, which no server sends', () => {
    const trustAnchors = { [`${HOST}:443`]: `${b.root.pem}${a.root.pem}` };
    const host = judged(HOST, [serving(a, { trusted: false, anchored: true })], { trustAnchors });
    const verdict = judge([a.root.thumbprint, b.root.thumbprint], host);
    expect(found(verdict)).toEqual(['THUMB001 critical']);
    expect(verdict.findings[0]?.message).toContain(
      `The list holds ${a.root.thumbprint}, this chain's root, which the server does not send.`,
    );
  });

  it('names the root of a public chain that is listed in place of what is served', async () => {
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const amazon = await mint({ commonName: 'Amazon Root CA 1', ca: true, notBefore });
    const leaf = await mint({ commonName: HOST, hosts: [HOST], signedBy: amazon, notBefore });
    const { findings } = judge([AMAZON_ROOT], judged(HOST, [{ chain: [leaf] }]));
    expect(findings[0]?.message).toContain(`The list holds ${AMAZON_ROOT}, this chain's root, which`);
  });

  it('asks for a comparison before it lists a certificate that could not be verified', () => {
    const remedyOf = (more: Partial<Serving>): string | undefined =>
      judge([STRANGE], judged(HOST, [serving(a, more)])).findings[0]?.remedy;
    expect(remedyOf({ trusted: false })).toMatch(
      /^Nothing here is verified.*SHA-256 fingerprint [0-9A-F:]+\..* whose values are not verified:\naws iam /,
    );
    expect(remedyOf({ trusted: false, anchored: true })).toMatch(/^List the certificates/);
    expect(remedyOf({})).toMatch(/^List the certificates/);
  });

  it('never proposes an unrelated certificate (fault 10)', async () => {
    const stranger = await mint({ commonName: 'Stranger', ca: true });
    const host = judged(HOST, [{ chain: [...a.chain, stranger] }]);
    const verdict = judge([STRANGE], host);
    expect(verdict.expected).toEqual([a.middle.thumbprint]);
    expect(JSON.stringify(verdict)).not.toContain(stranger.thumbprint);
    // In the list, it covers nothing.
    expect(found(judge([stranger.thumbprint], host))).toEqual(['THUMB001 low']);
  });

  it('does not depend on the order of hosts', () => {
    const hosts = [judged(OTHER, [serving(elsewhere)]), judged(HOST, [serving(a)])];
    expect(judge([STRANGE], ...hosts).expected).toHaveLength(2);
    expect(judge([STRANGE], ...[...hosts].reverse()).expected).toEqual(judge([STRANGE], ...hosts).expected);
  });

  it('uses the graver basis of two hosts', () => {
    const verdict = judge(
      [STRANGE],
      judged(OTHER, [serving(elsewhere)]),
      judged(HOST, [serving(a, { trusted: false })]),
    );
    expect(verdict).toMatchObject({ enforced: true, basis: 'private-ca' });
  });

  it('reports drift with an empty list only if AWS checks it (fault 30)', () => {
    expect(judge([], judged(HOST, [serving(a)]))).toMatchObject({ status: 'in-sync', findings: [] });
    expect(judge([], judged(HOST, [serving(a)], { tls12: null }))).toMatchObject({ status: 'in-sync' });
    expect(found(judge([], judged(HOST, [serving(a, { trusted: false })])))).toEqual(['THUMB001 critical']);
  });

  it('has nothing to compare if the provider is missing', () => {
    expect(evaluateDrift({ provider: null, hosts: [judged(HOST, [serving(a)])] })).toMatchObject({
      status: 'provider-missing',
      expected: [a.middle.thumbprint],
      findings: [],
    });
  });

  it('returns unknown for hosts without a chain', () => {
    expect(judge([STRANGE])).toMatchObject({ enforced: null, basis: 'unknown', expected: [] });
  });
});
