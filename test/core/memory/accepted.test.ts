import { describe, expect, it } from '@jest/globals';
import { isAccepted, markAccepted, openFindings } from '../../../lambda/core/memory/accepted';
import type { AcceptedFinding } from '../../../lambda/core/config';
import type { Finding } from '../../../lambda/core/domain';
import { firstMessage } from '../../support/followed';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../../support/reports';

const NOW = new Date('2026-11-23T12:00:00Z');
const entry = (changes: Partial<AcceptedFinding> = {}): AcceptedFinding => ({
  check: 'THUMB001',
  issuer: issuerOf('a'),
  reason: 'The list is Terraform’s; see PLAT-7.',
  until: '2027-01-31',
  ...changes,
});
const other = finding('THUMB005', 'medium', 'The list is full.');
const target = { ...drifted('a'), findings: [...drifted('a').findings, other] };

/** The findings of the target, marked, apart. */
function parted(
  entries: readonly AcceptedFinding[],
  now: Date,
): Record<'open' | 'accepted', readonly Finding[]> {
  const { findings } = markAccepted(target, entries, now);
  const open = openFindings(findings);
  return { open, accepted: findings.filter((each) => !open.includes(each)) };
}

describe('markAccepted', () => {
  it('parts what is acknowledged from what is not, and keeps both in order', () => {
    const { open, accepted } = parted([entry()], NOW);
    expect(open).toEqual([other]);
    expect(accepted).toEqual([
      {
        ...target.findings[0],
        accepted: { reason: 'The list is Terraform’s; see PLAT-7.', until: '2027-01-31' },
      },
    ]);
  });

  it.each<[string, Partial<AcceptedFinding>]>([
    ['another check', { check: 'THUMB002' }],
    ['another issuer', { issuer: issuerOf('b') }],
    ['the issuer with a slash', { issuer: `${issuerOf('a')}/` }],
  ])('does not take %s for it', (_, changes) => {
    expect(parted([entry(changes)], NOW)).toEqual({ open: target.findings, accepted: [] });
  });

  it.each([
    ['2026-11-23', '2026-11-23T23:59:59.999Z', true],
    ['2026-11-23', '2026-11-24T00:00:00Z', false],
    ['2026-11-23T12:00:00Z', '2026-11-23T11:59:59.999Z', true],
    ['2026-11-23T12:00:00Z', '2026-11-23T12:00:00Z', false],
    ['2026-11-23T12:00:00+02:00', '2026-11-23T10:00:00Z', false],
  ])('holds until %s: at %s it is %s', (until, now, holds) => {
    const { accepted } = parted([entry({ until })], new Date(now));
    expect(accepted).toHaveLength(holds ? 1 : 0);
  });

  it('leaves a target alone of which nothing is acknowledged', () => {
    expect(markAccepted(target, [], NOW)).toBe(target);
  });

  it('tells of an entry whose date is over', () => {
    const { open } = parted([entry({ until: '2026-01-31', reason: 'see\u001b[2J' })], NOW);
    expect(open[0]?.message).toBe(
      `${target.findings[0]?.message ?? ''} It was accepted until 2026-01-31: "see\\u{1b}[2J".`,
    );
  });
});

describe('isAccepted', () => {
  const asks = (changes: Partial<AcceptedFinding>): boolean =>
    isAccepted('THUMB001', issuerOf('a'), [entry({ check: 'CERT001' }), entry(changes)], NOW);

  it.each<[Partial<AcceptedFinding>, boolean]>([
    [{}, true],
    [{ check: 'THUMB002' }, false],
    [{ issuer: issuerOf('b') }, false],
    [{ until: '2026-11-23' }, true],
    [{ until: '2026-11-22' }, false],
    [{ until: '2026-11-23T12:00:00Z' }, false],
  ])('of %j: %s, found or not', (changes, expected) => {
    expect(asks(changes)).toBe(expected);
    expect(isAccepted('THUMB001', issuerOf('a'), [], NOW)).toBe(false);
  });
});

describe('a report with accepted findings', () => {
  const mine = markAccepted(target, [entry()], NOW);

  it('counts them, and leaves them out of the worst severity', () => {
    expect(reportOf([markAccepted(drifted('a'), [entry()], NOW), inSync('b')]).summary).toMatchObject({
      drifted: 1,
      accepted: 1,
      worst: null,
    });
    expect(reportOf([mine]).summary).toMatchObject({ accepted: 1, worst: 'medium' });
  });

  it('keeps them in the evidence, not in the verdict nor in what to do', () => {
    const { text } = reportOf([mine]);
    expect(text).toContain('THUMB001 (low), accepted until 2027-01-31: The list is Terraform’s');
    expect(text).not.toContain('No certificate that oidc.circleci.com serves is listed.');
    expect(text).not.toContain('update-open-id-connect-provider-thumbprint');
  });

  it('alerts nobody for them alone, unseen issuers included', () => {
    const blind = markAccepted(unseen('b'), [entry({ check: 'DISC001', issuer: issuerOf('b') })], NOW);
    expect(firstMessage(reportOf([markAccepted(drifted('a'), [entry()], NOW), blind]))).toBeNull();
    expect(firstMessage(reportOf([unseen('b')]))).not.toBeNull();
  });

  it('alerts for the rest of the target', () => {
    expect(firstMessage(reportOf([mine]))?.attributes).toMatchObject({
      eventType: 'finding.firing',
      severity: 'medium',
    });
    expect(openFindings(mine.findings)).toEqual([other]);
  });
});
