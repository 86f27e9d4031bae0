import { describe, expect, it } from '@jest/globals';
import { reportText } from '../../lambda/core/text';
import { OLD, RSA, drifted, inSync, reportOf } from '../support/reports';

const AMAZON_ROOT = '8da7f965ec5efc37910f1c6e59fdc1cc6a6ede16';
const LEAF = '1'.repeat(40);
const STRAY = '5'.repeat(39).concat('a');

/** The lines below a listed value: what it is called. */
function namesOf(listed: string): string {
  const [first, ...others] = inSync('a').chains;
  if (first === undefined) throw new TypeError('no chain');
  const [leaf, top] = first.certificates;
  if (leaf === undefined || top === undefined) throw new TypeError('no certificates');
  const below = { ...leaf, subject: 'CN=Below', issuer: 'CN=Amazon Root CA 1, O=Amazon, C=US' };
  const stray = { ...leaf, subject: 'CN=Stranger', thumbprint: STRAY, onPath: false };
  const middle = { ...below, thumbprint: '2'.repeat(40) };
  const chains = [{ ...first, certificates: [leaf, middle, top, stray] }, ...others];
  const text = reportText(reportOf([{ ...drifted('a'), listed: [listed], chains }]));
  const [, after = ''] = text.split(`  listed    ${listed}\n`);
  return (after.split('  expected')[0] ?? '').replaceAll(/\s+/g, ' ').trim();
}

describe('the evidence names each listed value', () => {
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
    ['anything else', 'deadbeef'.repeat(5), 'not served, and not known'],
  ])('%s', (_, listed, name) => {
    expect(namesOf(listed)).toBe(name);
  });

  it('and every way to meet the host that gave no answer', () => {
    const message = 'oidc.circleci.com:443 (192.0.2.11) did not answer within 5000 ms.';
    const silent = { ...inSync('a'), unanswered: [{ step: 'tls', code: 'TLS_TIMEOUT', message } as const] };
    expect(reportText(reportOf([silent])).replaceAll(/\s+/g, ' ')).toContain(`no answer: ${message}`);
    expect(reportText(reportOf([inSync('a')]))).not.toContain('no answer');
  });
});

describe('the first sentence', () => {
  it('says of a test that it was sent, and nothing of providers', () => {
    expect(reportText(reportOf([], { action: 'test-alert' }))).toBe(
      'A test message was published. Each confirmed subscription gets it.\n',
    );
  });
});
