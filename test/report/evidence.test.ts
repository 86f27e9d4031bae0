import { describe, expect, it } from '@jest/globals';
import { evidence } from '../../lambda/report/evidence';
import type { TargetReport } from '../../lambda/domain/types';
import { OLD, RSA, drifted, finding, inSync, issuerOf, unseen } from '../support/reports';

const bare: TargetReport = { ...inSync('a'), listed: [], expected: [], chains: [] };
const A = issuerOf('a');

/** The lines that are not indented. */
const headingsOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => !line.startsWith(' '));

describe('evidence section of a report', () => {
  it('says that there is none', () => {
    expect(evidence([bare])).toBe(`in-sync: ${A}\n  listed    none\n  expected  none`);
    expect(evidence([{ ...bare, providerArn: null }])).toBe(`in-sync: ${A}\n  expected  none`);
  });

  it('names five targets, and the number of others', () => {
    const [first, ...others] = Array.from('123456', (digit) => ({ ...bare, issuer: issuerOf(digit) }));
    if (first === undefined) throw new TypeError('no target');
    const names = Array.from('12345', (digit) => `in-sync: ${issuerOf(digit)}`);
    expect(headingsOf(evidence([first, ...others]))).toEqual([...names, 'and 1 more']);
    expect(headingsOf(evidence([first, ...others.slice(0, 4)]))).toEqual(names);
  });

  it('contains findings, suppressions, and the reason of a failure', () => {
    const accepted = { reason: 'see\u001b[2J', until: '2027-01-31' };
    const target = {
      ...unseen('a'),
      findings: [finding('CERT001', 'high', 'x'), { ...finding('CERT002', 'low', 'x'), accepted }],
    };
    expect(evidence([target]).split('\n').slice(0, 4)).toEqual([
      `not-audited: ${A}`,
      '  CERT001 (high)',
      '  CERT002 (low), accepted until 2027-01-31: see\\u{1b}[2J',
      '  TCP_TIMEOUT at step discovery',
    ]);
  });

  it('contains the chain of a host, and which certificates are not on the path', () => {
    const [chain] = inSync('a').chains;
    const [leaf, top] = chain?.certificates ?? [];
    if (chain === undefined || leaf === undefined || top === undefined) throw new TypeError('no chain');
    const certificates = [leaf, { ...top, onPath: false }];
    const target = { ...bare, chains: [{ ...chain, publiclyTrusted: false, certificates }] };
    expect(evidence([target]).split('\n').slice(3)).toEqual([
      '  served by oidc.circleci.com, RSA, TLSv1.3, not publicly trusted',
      '    at 192.0.2.10',
      '    at 192.0.2.11',
      `    ${'1'.repeat(40)} until 2027-03-01`,
      '      CN=oidc.circleci.com, issued by CN=Amazon',
      `    ${RSA} until 2037-12-31, not on the path`,
      '      CN=Amazon Root CA 1, issued by CN=Starfield',
    ]);
  });

  it('writes one value below the other, with known names, and no escape sequence', () => {
    const text = evidence([{ ...drifted('a'), listed: [OLD.toUpperCase(), '\u001b[2J'], chains: [] }]);
    expect(text.split('\n').slice(2, 7)).toEqual([
      `  listed    ${OLD.toUpperCase()}`,
      '              Starfield Services Root CA - G2, cross-signed by Starfield Class',
      '              2 (served by Amazon hosts until August 2024)',
      '            \\u{1b}[2J',
      `  expected  ${RSA}`,
    ]);
  });

  it('ends with every variant of a probe that had no answer', () => {
    const message = `It did not answer ${'x'.repeat(60)}.`;
    const target = { ...bare, unanswered: [{ step: 'tls', code: 'TLS_TIMEOUT', message } as const] };
    expect(evidence([target])).toBe(
      `${evidence([bare])}\n  no answer: It did not answer\n  ${'x'.repeat(60)}.`,
    );
  });
});

describe('the missing root of a served chain', () => {
  const ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
  const [chain] = inSync('a').chains;
  const [leaf] = chain?.certificates ?? [];

  it.each([
    ['is named where a certificate on the path names it', 'CN=Amazon Root CA 1, O=Amazon', true, true],
    ['is not where that one is beside the path', 'CN=Amazon Root CA 1, O=Amazon', false, false],
    ['is not where another is named', 'CN=Amazon Root CA 10', true, false],
  ])('%s', (_, issuer, onPath, isNamed) => {
    if (chain === undefined || leaf === undefined) throw new TypeError('no chain');
    const chains = [
      { ...chain, certificates: [leaf, { ...leaf, issuer, onPath, thumbprint: '2'.repeat(40) }] },
    ];
    const text = evidence([{ ...drifted('a'), listed: [ROOT], chains }]).replaceAll(/\s+/g, ' ');
    const name = 'Amazon Root CA 1, self-signed';
    expect(text).toContain(
      isNamed ? `the root of this chain, which is not served: ${name}` : `${ROOT} ${name}`,
    );
  });

  it('is named only for a root', () => {
    if (chain === undefined || leaf === undefined) throw new TypeError('no chain');
    const certificates = [{ ...leaf, issuer: 'CN=Amazon Root CA 1' }];
    const text = evidence([{ ...drifted('a'), listed: [OLD], chains: [{ ...chain, certificates }] }]);
    expect(text).not.toContain('the root of this chain');
  });
});
