import { describe, expect, it } from '@jest/globals';
import type { TargetReport } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import { LOGINS_UNKNOWN } from '../../lambda/domain/logins';
import { headline, reportText } from '../../lambda/report/text';
import { OLD, RSA, drifted, finding, inSync, reportOf, unseen } from '../support/reports';

const AMAZON_ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
const LEAF = '1'.repeat(40);
const STRAY = '5'.repeat(39).concat('a');

/** The lines below a listed value: its name. */
function namesOf(listed: string): string {
  const [first, ...others] = inSync('a').chains;
  if (first === undefined) throw new TypeError('no chain');
  const [leaf, top] = first.certificates;
  if (leaf === undefined || top === undefined) throw new TypeError('no certificates');
  const below = { ...leaf, subject: 'CN=Below', issuer: 'CN=Amazon Root CA 1, O=Amazon, C=US' };
  const stray = { ...leaf, subject: 'CN=Stranger', thumbprint: STRAY, onPath: false };
  const middle = { ...below, thumbprint: '2'.repeat(40) };
  const elsewhere = others.map((chain) => ({
    ...chain,
    certificates: chain.certificates.map((each) => ({ ...each, thumbprint: '3'.repeat(40) })),
  }));
  const chains = [{ ...first, certificates: [leaf, middle, top, stray] }, ...elsewhere];
  const text = reportText(reportOf([{ ...drifted('a'), listed: [listed], chains }]));
  const [, after = ''] = text.split(`  listed    ${listed}\n`);
  return (after.split('  expected')[0] ?? '').replaceAll(/\s+/g, ' ').trim();
}

describe('reportText: each listed value has evidence', () => {
  it.each([
    ['the expected one', RSA, 'served, as expected'],
    ['the leaf', LEAF, 'the leaf of this chain: CN=oidc.circleci.com'],
    ['an intermediate', '2'.repeat(40), 'an intermediate of this chain, below its end: CN=Below'],
    ['a stranger', STRAY, 'served, but not on the path: CN=Stranger'],
    ['the root', AMAZON_ROOT, 'the root of this chain, which is not served: Amazon Root CA 1, self-signed'],
    [
      'a known certificate',
      OLD,
      'Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (served by Amazon hosts until August 2024)',
    ],
    ['a placeholder', 'f'.repeat(40), 'a placeholder'],
    ['more than a placeholder', `${'f'.repeat(40)}0`, 'not served, and not known'],
    ['more in front of one', `0${'f'.repeat(40)}`, 'not served, and not known'],
    ['anything else', 'deadbeef'.repeat(5), 'not served, and not known'],
  ])('%s', (_, listed, name) => {
    expect(namesOf(listed)).toBe(name);
  });

  it('and so has every variant of a probe that had no answer', () => {
    const message = 'oidc.circleci.com:443 (192.0.2.11) did not answer within 5000 ms.';
    const silent = { ...inSync('a'), unanswered: [{ step: 'tls', code: 'TLS_TIMEOUT', message } as const] };
    expect(reportText(reportOf([silent])).replaceAll(/\s+/g, ' ')).toContain(`no answer: ${message}`);
    expect(reportText(reportOf([inSync('a')]))).not.toContain('no answer');
  });
});

describe('headline', () => {
  const missing: TargetReport = { ...inSync('a'), status: 'provider-missing' };
  const lost = failure('iam', 'AWS_THROTTLED', 'AWS throttled.');
  const where = 'in AWS account 123456789012';

  it.each([
    [[inSync('a')], {}, `Thumbprints: in sync 1 of 1 target ${where}.`],
    [[inSync('a'), inSync('b')], { account: null }, 'Thumbprints: in sync 2 of 2 targets.'],
    [[drifted('a'), inSync('b')], {}, `Thumbprints: drift 1 of 2 targets ${where}.`],
    [
      [drifted('a'), drifted('b'), unseen('c'), missing],
      {},
      `Thumbprints: drift 2, not audited 1, provider missing 1 of 4 targets ${where}.`,
    ],
    [[missing], { failures: [lost] }, `Thumbprints: provider missing 1 of 1 target ${where}.`],
    [[inSync('a')], { failures: [lost] }, `Thumbprints: not everything could be checked ${where}.`],
    [[], { failures: [lost], account: null }, 'Thumbprints: not everything could be checked.'],
    [[], {}, `Nothing to check ${where}: no OIDC provider is configured or selected.`],
    [[], { account: null }, 'Nothing to check: no OIDC provider is configured or selected.'],
    [
      [],
      { action: 'test-alert' as const },
      'A test message was published. Each confirmed subscription receives it.',
    ],
  ])('has the numbers by status (%#)', (targets, more, sentence) => {
    const report = reportOf(targets, more);
    expect(headline(report)).toBe(sentence);
    expect(unwrapped(report.text).startsWith(sentence)).toBe(true);
  });

  it('of a test is all there is', () => {
    expect(reportText(reportOf([], { action: 'test-alert' }))).toBe(
      'A test message was published. Each confirmed subscription receives it.\n',
    );
  });
});

describe('reportText: the sections', () => {
  const accepted = { reason: 'known', until: '2027-01-31' };
  const role = finding('TRUST001', 'high', 'A role is open.', 'Close it.');
  const known = { ...finding('CERT001', 'high', 'It is known.', 'Renew it.'), accepted };

  it('begin with the summary of the account, then each target, once, then the remedies, then the evidence', () => {
    const alike = [inSync('a'), inSync('b')].map((target, index) => ({
      ...target,
      chains: [],
      findings: [
        finding('CERT001', 'medium', 'It ends.', 'Renew it.'),
        { ...role, message: `Role ${index} is open.` },
        { ...known, check: 'TRUST002' as const },
      ],
    }));
    const report = reportOf(alike, {
      findings: [finding('OPS001', 'high', 'Nobody listens.')],
      failures: [failure('iam', 'AWS_THROTTLED', 'AWS throttled.')],
      notes: ['One was left out.'],
    });
    const [before, after] = reportText(report).split('\n\nEVIDENCE\n\n');
    expect(before).toBe(
      [
        'Thumbprints: not everything could be checked in AWS account 123456789012.',
        LOGINS_UNKNOWN,
        'AWS throttled.',
        'One was left out.',
        'Nobody listens.',
        'Role 0 is open.',
        'Role 1 is open.',
        'It ends.',
        'WHAT TO DO',
        'Close it.',
        'Renew it.',
      ].join('\n\n'),
    );
    expect(after).toMatch(/^in-sync: .*\nin-sync: .*\n {2}CERT001 \(medium\)\n {2}TRUST001 \(high\)\n/);
    expect(after).toMatch(/[^\n]\n$/);
  });

  it('have one paragraph and a list for many similar findings', () => {
    const many = (amount: number): string =>
      reportText(
        reportOf(
          Array.from({ length: amount }, (_, index) => ({
            ...inSync('a'),
            issuer: `https://ci-${index}.example.com`,
            findings: [finding('PROV004', 'low', `Provider ${index} is unused.`, 'Delete it.')],
          })),
        ),
      );
    const [three = '', thirty = ''] = [3, 30].map((amount) => many(amount).split('EVIDENCE')[0]);
    expect(three.match(/Provider \d+/g)).toEqual(['Provider 0', 'Provider 1', 'Provider 2']);
    expect(thirty.match(/Provider \d+/g)).toEqual(['Provider 0']);
    expect(thirty).toContain('30 similar findings (PROV004: no role uses the provider)');
    expect(thirty.match(/^ {2}https:\S+$/gm)).toHaveLength(20);
    expect(thirty).toContain('\n  and 10 more\n');
    expect(thirty.match(/Delete it\./g)).toHaveLength(1);
    expect(many(100).split('\n').length).toBeLessThan(150);
  });

  it('contain the reason for targets that were not audited, once, and that it is no drift', () => {
    const text = unwrapped(reportText(reportOf([unseen('a')])));
    const { message = '' } = unseen('a').failure ?? {};
    expect(text.split(message)).toHaveLength(2);
    expect(text).toContain('the check itself failed');
    expect(unwrapped(reportText(reportOf([inSync('a')])))).not.toContain('the check itself failed');
  });

  it('have no heading without content', () => {
    expect(reportText(reportOf([inSync('a')]))).not.toContain('WHAT TO DO');
    expect(reportText(reportOf([]))).not.toContain('EVIDENCE');
  });

  it('leave out groups if there are too many, with their number and where to find them', () => {
    const many = Array.from({ length: 22 }, (_, index) => ({ ...drifted('a'), listed: [`${index}`] }));
    const start = 'Not shown in this text:';
    const end = 'of targets. To see all: thumbprint-monitor audit --output json';
    expect(unwrapped(reportText(reportOf(many)))).toContain(`${start} 2 more groups ${end}`);
    expect(unwrapped(reportText(reportOf(many.slice(0, 21))))).toContain(`${start} 1 more group ${end}`);
    expect(reportText(reportOf(many.slice(0, 20)))).not.toContain('Not shown');
    expect(unwrapped(reportText(reportOf(many.slice(0, 3)), 1))).toContain(`${start} 2 more groups ${end}`);
  });

  it('let foreign text add no lines', () => {
    const text = reportText(reportOf([{ ...inSync('a'), issuer: 'https://a/\u202e' }]));
    expect(text).toContain('https://a/\\u{202e}');
    expect(text).not.toContain('\u202e');
  });
});

/** A text in one line. */
function unwrapped(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
