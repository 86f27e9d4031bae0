import { beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import { evaluateDrift } from '../../lambda/checks/drift';
import type { DriftVerdict } from '../../lambda/checks/drift';
import { LOGINS_FAIL, LOGINS_UNKNOWN, NO_LOGIN_AFFECTED } from '../../lambda/domain/logins';
import { remedySteps } from '../../lambda/remedies/steps';
import { evaluateHost } from '../../lambda/checks/host';
import type { EvaluatedHost } from '../../lambda/checks/host';
import { NOW, hierarchy, judged, madeUpTrust, observed } from '../support/observed';
import type { Hierarchy, Serving } from '../support/observed';

const HOST = 'ci.example.com';
const OTHER = 'keys.example.com';
/** The remedy that has the command at once. */
const ADD = /^Add the new thumbprint/;
const STRANGE = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
/** The well-known root of this name. */
const AMAZON_ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
const ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/x';

let a: Hierarchy;
let b: Hierarchy;
let elsewhere: Hierarchy;
let third: Hierarchy;

beforeAll(async () => {
  a = await hierarchy(HOST, 'A');
  b = await hierarchy(HOST, 'B');
  elsewhere = await hierarchy(OTHER, 'C');
  third = await hierarchy(HOST, 'D');
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
    ['public-ca', {}, true, false, 'THUMB001 low', NO_LOGIN_AFFECTED],
    ['private-ca', { trusted: false }, true, true, 'THUMB001 critical', LOGINS_FAIL],
    ['tls13-only', {}, false, true, 'THUMB001 critical', `${LOGINS_FAIL} ${HOST} supports TLS 1.3 only.`],
    ['unknown', {}, null, null, 'THUMB001 medium', LOGINS_UNKNOWN],
  ] as const)(
    'states the effect of drift on the basis %s',
    (basis, more, tls12, enforced, finding, words) => {
      const verdict = judge([STRANGE], judged(HOST, [serving(a, more)], { tls12 }));
      expect(verdict).toMatchObject({ status: 'drifted', enforced, basis, expected: [a.middle.thumbprint] });
      expect(found(verdict)).toEqual([finding]);
      expect(verdict.findings[0]?.message).toContain(words);
    },
  );

  it('returns the command with the full new list', () => {
    const verdict = judge([STRANGE.toUpperCase()], judged(HOST, [serving(a)]));
    expect(verdict.findings[0]?.remedy).toBe(
      [
        'Add the new thumbprint (existing entries stay):',
        'aws iam update-open-id-connect-provider-thumbprint \\',
        `  --open-id-connect-provider-arn ${ARN} \\`,
        `  --thumbprint-list ${STRANGE} ${a.middle.thumbprint}`,
      ].join('\n'),
    );
  });

  it('asks for a decision if the list has no room', () => {
    const five = Array.from({ length: 5 }, (_, index) => String(index).repeat(40));
    expect(judge(five, judged(HOST, [serving(a)])).findings[0]?.remedy).toMatch(
      /would have 6 .* IAM permits 5/,
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
    expect(verdict.findings[0]?.message).toContain(`contains none of the certificates that ${OTHER} sends.`);
  });

  it.each([
    ['only a lower certificate', [], 'THUMB002'],
    ['one chain of two', [{ address: '192.0.2.2' }], 'THUMB006'],
  ] as const)('does not say that logins fail if %s is listed', (_, more, check) => {
    const chains = [
      serving(a, { trusted: false }),
      ...more.map((one) => serving(b, { ...one, trusted: false })),
    ];
    const listed = check === 'THUMB002' ? a.leaf.thumbprint : a.middle.thumbprint;
    const verdict = judge([listed], judged(HOST, chains));
    expect(found(verdict)).toEqual([`${check} high`]);
    expect(verdict.findings[0]?.message).toContain(LOGINS_UNKNOWN);
    expect(verdict.findings[0]?.message).not.toContain(LOGINS_FAIL);
  });

  it('names the host that decides, if another one drifted', () => {
    const verdict = judge(
      [elsewhere.middle.thumbprint],
      judged(OTHER, [serving(elsewhere, { trusted: false })]),
      judged(HOST, [serving(a)]),
    );
    expect(found(verdict)).toEqual(['THUMB007 critical']);
    expect(verdict.findings[0]?.message).toContain(
      `${LOGINS_FAIL} ${OTHER} has a certificate that no public CA issued.`,
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
      `The list contains ${a.root.thumbprint}, the root certificate of this chain, but the server does not send it.`,
    );
  });

  it('names each root of the chains that is listed in place of what is served', async () => {
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const amazon = await mint({ commonName: 'Amazon Root CA 1', ca: true, notBefore });
    const leaf = await mint({ commonName: HOST, hosts: [HOST], signedBy: amazon, notBefore });
    const trustAnchors = { [`${HOST}:443`]: a.root.pem };
    const chains = [serving(a, { anchored: true }), { chain: [leaf] }];
    const { findings } = judge(
      [a.root.thumbprint, AMAZON_ROOT, STRANGE],
      judged(HOST, chains, { trustAnchors }),
    );
    expect(findings[0]?.message).toContain(
      `The list contains ${a.root.thumbprint}, ${AMAZON_ROOT}, the root certificate of this chain, but`,
    );
  });

  it('asks for a comparison before it lists a certificate that could not be verified', () => {
    const remedyOf = (more: Partial<Serving>): string | undefined =>
      judge([STRANGE], judged(HOST, [serving(a, more)])).findings[0]?.remedy;
    expect(remedySteps(remedyOf({ trusted: false }) ?? '')).toEqual([
      {
        prose: expect.stringMatching(/SHA-256 fingerprint [0-9A-F:]+\./),
        command: expect.stringMatching(/^openssl x509 /),
      },
      { prose: expect.stringContaining('trustAnchors'), command: null },
      {
        prose: expect.stringMatching(/^Only after that comparison: /),
        command: expect.stringMatching(/^aws iam /),
      },
    ]);
    expect(remedyOf({ trusted: false, anchored: true })).toMatch(ADD);
    expect(remedyOf({})).toMatch(ADD);
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

describe('the text of a gap', () => {
  const CALM = `${NO_LOGIN_AFFECTED} ${HOST} has a certificate of a public CA. According to the AWS documentation, AWS trusts it and does not use the list.`;
  const gapsOf = (verdict: DriftVerdict): readonly unknown[] =>
    verdict.findings.map(({ check, subject, message }) => [check, subject, message]);

  it('names what is missing of a chain, of several chains, and of a lower certificate', () => {
    const { thumbprint: top } = a.middle;
    const host = judged(HOST, [serving(a)]);
    expect(gapsOf(judge([STRANGE], host))).toEqual([
      ['THUMB001', top, `The thumbprint list contains none of the certificates that ${HOST} sends. ${CALM}`],
    ]);
    expect(gapsOf(judge([a.leaf.thumbprint], host))).toEqual([
      [
        'THUMB002',
        top,
        `The list contains only a lower certificate of the chain of ${HOST}, not the last one. When the lower certificate is renewed, its thumbprint changes. The AWS documentation names only the last certificate of the chain. Lists with a lower certificate have worked until it was renewed. ${CALM}`,
      ],
    ]);
    const several = judged(HOST, [serving(a), serving(b), serving(third)]);
    for (const listed of [[top], [top, third.middle.thumbprint]]) {
      const missing = [b, third]
        .map(({ middle }) => middle.thumbprint)
        .filter((one) => !listed.includes(one))
        .sort();
      expect(gapsOf(judge(listed, several))).toEqual([
        [
          'THUMB006',
          missing.join(' '),
          `${HOST} serves different certificate chains, depending on address or key type. Not listed: ${missing.join(', ')}. AWS does not document which chain it uses. ${CALM}`,
        ],
      ]);
    }
  });

  it('of the discovery host is another one', () => {
    const keys = judged(OTHER, [serving(elsewhere)]);
    expect(gapsOf(judge([elsewhere.middle.thumbprint], keys, judged(HOST, [serving(a)])))).toEqual([
      [
        'THUMB007',
        a.middle.thumbprint,
        `The discovery host ${HOST} serves other certificates than the host of the signing keys, and none of them is listed. The AWS documentation asks for the thumbprints of both hosts. ${CALM}`,
      ],
    ]);
  });

  it('names the host that decides whether logins fail: its own, or the one with the graver basis', () => {
    const decidedBy = (...hosts: readonly EvaluatedHost[]): readonly (string | undefined)[] =>
      judge([STRANGE], ...hosts).findings.map(
        ({ message }) => /(\S+) has a certificate that no public CA issued/.exec(message)?.[1],
      );
    const keys = judged(OTHER, [serving(elsewhere)]);
    const privately = { trusted: false };
    const discovery = judged(HOST, [serving(a, privately)]);
    expect(decidedBy(judged(OTHER, [serving(elsewhere, privately)]), discovery)).toEqual([OTHER, HOST]);
    expect(decidedBy(keys, discovery)).toEqual([HOST, HOST]);
  });
});

describe('the remedy of a gap', () => {
  const remedyOf = (listed: readonly string[], ...hosts: readonly EvaluatedHost[]): string =>
    judge(listed, ...hosts).findings[0]?.remedy ?? '';
  const fingerprint = ({ middle }: Hierarchy): string => middle.certificate.fingerprint256;
  const privately = { trusted: false };

  it('compares the certificates of hosts without an anchor, as far as the list lacks them', () => {
    const hosts = [judged(OTHER, [serving(elsewhere, privately)]), judged(HOST, [serving(a, privately)])];
    const both = remedyOf([STRANGE], ...hosts);
    expect([both.includes(fingerprint(elsewhere)), both.includes(fingerprint(a))]).toEqual([true, true]);
    const one = remedyOf([elsewhere.middle.thumbprint], ...hosts);
    expect([one.includes(fingerprint(elsewhere)), one.includes(fingerprint(a))]).toEqual([false, true]);
    const covered = [judged(OTHER, [serving(elsewhere)]), judged(HOST, [serving(a, privately)])];
    expect(remedyOf([a.middle.thumbprint], ...covered)).toMatch(ADD);
  });

  it('compares those that the configured anchors do not verify, if nothing can be proposed', () => {
    const trustAnchors = { [`${HOST}:443`]: b.root.pem };
    const unverified = judged(HOST, [serving(a, privately)], { trustAnchors });
    const remedy = remedyOf([STRANGE], unverified);
    expect(remedy).toMatch(/^The monitor cannot verify the served certificates/);
    expect(remedy).toContain(fingerprint(a));
    expect(remedy).not.toContain('aws iam');
    const half = judged(HOST, [serving(a, privately), serving(b, { ...privately, anchored: true })], {
      trustAnchors,
    });
    expect(remedyOf([b.middle.thumbprint], half)).toMatch(/^There is no command, because no trust anchor /);
    expect(remedyOf([STRANGE], half)).toMatch(ADD);
  });

  it('points to other findings if what is served verifies, and no anchor is above its end', async () => {
    const above = await mint({ commonName: 'Other Root', ca: true });
    const crossed = await mint({ commonName: 'A Root', ca: true, keyOf: a.root, signedBy: above });
    const host = judged(HOST, [{ chain: [...a.chain, crossed], below: a.chain }]);
    expect(host).toMatchObject({ expected: [crossed.thumbprint], proposed: [] });
    expect(remedyOf([STRANGE], host)).toContain('CERT005, CERT006 or CERT007');
  });
});
