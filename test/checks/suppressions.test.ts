import { describe, expect, it } from '@jest/globals';
import {
  acceptFindings,
  acceptNotes,
  isSubjectAccepted,
  openFindings,
} from '../../lambda/checks/suppressions';
import { markAccepted, scopeOf } from '../support/accepted';
import type { AcceptedFinding } from '../../lambda/config/config';
import fc from 'fast-check';
import { newTargetMemory } from '../../lambda/state/schema';
import { asVersion1, readEarlierTarget, rereadTarget } from '../support/state/items';
import type { Finding } from '../../lambda/domain/types';
import { firstMessage } from '../support/followed';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../support/reports';

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

/** The findings of the target, marked, separated. */
function parted(
  entries: readonly AcceptedFinding[],
  now: Date,
): Record<'open' | 'accepted', readonly Finding[]> {
  const { findings } = markAccepted(target, entries, now);
  const open = openFindings(findings);
  return { open, accepted: findings.filter((each) => !open.includes(each)) };
}

describe('acceptFindings', () => {
  it('separates suppressed findings from others, and preserves the order of both', () => {
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
  ])('does not suppress %s', (_, changes) => {
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

  it('leaves a target without a suppression unchanged', () => {
    expect(markAccepted(target, [], NOW)).toEqual(target);
  });

  it('reports an entry that has expired', () => {
    const { open } = parted([entry({ until: '2026-01-31', reason: 'see\u001b[2J' })], NOW);
    expect(open[0]?.message).toBe(
      `${target.findings[0]?.message ?? ''} It was accepted until 2026-01-31, with the reason "see\\u{1b}[2J".`,
    );
  });
});

describe('isSubjectAccepted', () => {
  const asks = (changes: Partial<AcceptedFinding>): boolean =>
    isSubjectAccepted(
      'DISC003',
      'keys.example.com:443',
      [entry({ check: 'CERT001' }), entry({ check: 'DISC003', ...changes })],
      scopeOf({ issuer: issuerOf('a'), now: NOW, baselines: [] }),
    );

  it.each<[Partial<AcceptedFinding>, boolean]>([
    [{}, true],
    [{ check: 'THUMB002' }, false],
    [{ issuer: issuerOf('b') }, false],
    [{ until: '2026-11-23' }, true],
    [{ until: '2026-11-22' }, false],
    [{ until: '2026-11-23T12:00:00Z' }, false],
    [{ subject: 'keys.example.com' }, true],
    [{ subject: 'Keys.Example.com:443' }, true],
    [{ subject: 'other.example.com' }, false],
  ])('of %j: %s, found or not', (changes, expected) => {
    expect(asks(changes)).toBe(expected);
  });

  it('is false for a host that an applied entry without a subject did not cover', () => {
    const baselines = [{ check: 'DISC003', account: null, subjects: [] }] as const;
    const scope = scopeOf({ issuer: issuerOf('a'), now: NOW, baselines });
    const entries = [entry({ check: 'DISC003' })];
    expect(isSubjectAccepted('DISC003', 'keys.example.com:443', entries, scope)).toBe(false);
  });
});

const ROLE = 'arn:aws:iam::123456789012:role/ci/deploy';
const open = (subject: string, check: Finding['check'] = 'TRUST001'): Finding => ({
  ...finding(check, 'high', `${subject} is open.`),
  subject,
});
const wide: AcceptedFinding = {
  check: 'TRUST001',
  issuer: issuerOf('a'),
  reason: 'known',
  until: '2027-01-31',
};
const known = scopeOf({ issuer: issuerOf('a'), now: NOW, baselines: [], isNew: false });
const acceptedBy = (
  findings: readonly Finding[],
  accept: readonly AcceptedFinding[],
  scope = known,
): readonly (string | undefined)[] =>
  acceptFindings(findings, accept, scope)
    .findings.filter(({ accepted }) => accepted !== undefined)
    .map(({ subject }) => subject);

describe('a suppression with a subject', () => {
  it.each([
    ['the name of the role', 'deploy'],
    ['its ARN', ROLE],
  ])('covers the role by %s, and no other', (_, subject) => {
    const others = [open(ROLE), open(`${ROLE}-2`), open('arn:aws:iam::123456789012:role/other')];
    expect(acceptedBy(others, [{ ...wide, subject }])).toEqual([ROLE]);
  });

  it('covers a finding about thumbprints only if it names all of them', () => {
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
    const accept = [{ ...wide, check: 'THUMB001', subject: a.toUpperCase() } as const];
    expect(acceptedBy([open(a, 'THUMB001'), open(`${a} ${b}`, 'THUMB001')], accept)).toEqual([a]);
  });

  it('covers no finding without thumbprints', () => {
    expect(acceptedBy([finding('TRUST001', 'high', 'x')], [{ ...wide, subject: 'deploy' }])).toEqual([]);
  });
});

describe('a suppression of an account', () => {
  it('applies to that account alone', () => {
    const accept = [{ ...wide, account: '123456789012' }];
    expect(acceptedBy([open(ROLE)], accept, { ...known, account: '123456789012' })).toEqual([ROLE]);
    expect(acceptedBy([open(ROLE)], accept, { ...known, account: '210987654321' })).toEqual([]);
    expect(acceptedBy([open(ROLE)], accept, known)).toEqual([]);
  });

  it('without an issuer covers findings of the account and of no provider', () => {
    const { check, reason, until } = wide;
    expect(acceptedBy([open(ROLE)], [{ check, reason, until }], { ...known, issuer: null })).toEqual([ROLE]);
    expect(acceptedBy([open(ROLE)], [{ check, reason, until }])).toEqual([]);
    expect(acceptedBy([open(ROLE)], [wide], { ...known, issuer: null })).toEqual([]);
  });
});

describe('a suppression without a subject', () => {
  const apply = (findings: readonly Finding[], changes: Partial<typeof known> = {}, entries = [wide]) =>
    acceptFindings(findings, entries, { ...known, ...changes });

  it('covers what existed when it was first applied, even if its date and reason change', () => {
    const { baselines } = apply([open('one')]);
    const later = [{ ...wide, reason: 'other', until: '2028-01-01' }];
    expect(acceptedBy([open('one'), open('two')], later, { ...known, baselines })).toEqual(['one']);
  });

  it('is applied again after it was removed', () => {
    const { baselines } = apply([open('one')]);
    const removed = apply([open('two')], { baselines }, []).baselines;
    expect(removed).toEqual([]);
    expect(acceptedBy([open('two')], [wide], { ...known, baselines: removed })).toEqual(['two']);
  });

  it('waits for a run that makes the check, and for its date', () => {
    expect(apply([], { skipped: new Set(['TRUST001']) }).baselines).toEqual([]);
    expect(apply([], {}, [{ ...wide, until: '2026-01-01' }]).baselines).toEqual([]);
    expect(apply([]).baselines).toEqual([{ check: 'TRUST001', account: null, subjects: [] }]);
  });

  it('covers a finding about the issuer as a whole at any time, but each change once', () => {
    const { baselines } = apply([], {}, [
      { ...wide, check: 'CERT001' },
      { ...wide, check: 'THUMB008' },
    ]);
    const entries = [
      { ...wide, check: 'CERT001' },
      { ...wide, check: 'THUMB008' },
    ] as const;
    const later = [finding('CERT001', 'medium', 'soon'), finding('THUMB008', 'high', 'added')];
    const { findings } = acceptFindings(later, entries, { ...known, baselines });
    expect(findings.map(({ accepted }) => accepted !== undefined)).toEqual([true, false]);
  });

  it('has a limit, and names the entry that it truncated', () => {
    const many = Array.from({ length: 250 }, (_, index) => open(`role-${index}`));
    const { findings, baselines, remarks } = apply(many);
    expect(openFindings(findings)).toHaveLength(50);
    expect(JSON.stringify(baselines).length).toBeLessThan(6_000);
    expect(acceptNotes(remarks)).toEqual([
      `These entries of accept cover the first 200 subjects only: TRUST001 of ${issuerOf('a')}. To accept more, add entries with a subject.`,
    ]);
  });

  it('reports that it is applied without an earlier state, or without any', () => {
    expect(apply([open('one')], { isNew: true }).remarks).toEqual([
      { kind: 'new', entry: `TRUST001 of ${issuerOf('a')}` },
    ]);
    const stateless = apply([open('one'), open('two')], { baselines: null });
    expect(openFindings(stateless.findings)).toEqual([]);
    expect(acceptNotes(stateless.remarks)).toEqual([
      expect.stringMatching(
        /^There is no saved state, .*: TRUST001 of .*\. To accept one finding only, add its subject to the entry\.$/,
      ),
    ]);
    expect(apply([open('one')]).remarks).toEqual([]);
  });

  it('never covers a subject that did not exist when it was first applied, for any sequence of runs', () => {
    const subject = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const run = fc.record({
      subjects: fc.uniqueArray(subject),
      isUnseen: fc.boolean(),
      until: fc.constantFrom('2026-01-01', '2026-11-23', '2027-01-31'),
      reason: fc.string({ minLength: 1 }),
    });
    let [covered, uncovered] = [0, 0];
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
        let baselines: (typeof known)['baselines'] = [];
        let first: readonly string[] | null = null;
        for (const { subjects, isUnseen, until, reason } of runs) {
          const found = isUnseen ? [] : subjects;
          const isActive = until !== '2026-01-01';
          if (isActive && !isUnseen) first ??= found;
          const skippedChecks = new Set<Finding['check']>(isUnseen ? ['TRUST001'] : []);
          const scope = { ...known, baselines, skipped: skippedChecks };
          const result = acceptFindings(
            found.map((one) => open(one)),
            [{ ...wide, until, reason }],
            scope,
          );
          // As it is in the table between two runs.
          baselines = rereadTarget({
            ...newTargetMemory(NOW.toISOString()),
            baselines: result.baselines,
          }).baselines;
          for (const { subject: one = '', accepted } of result.findings) {
            const mayBeCovered = isActive && first?.includes(one) === true;
            expect(accepted !== undefined).toBe(mayBeCovered);
            if (mayBeCovered) covered += 1;
            else uncovered += 1;
          }
        }
      }),
    );
    expect(Math.min(covered, uncovered)).toBeGreaterThan(0);
  });

  it('reads items of versions without a baseline', () => {
    const memory = newTargetMemory(NOW.toISOString());
    const { baselines, ...old } = asVersion1(memory);
    expect(baselines).toEqual([]);
    expect(readEarlierTarget(JSON.stringify(old))).toEqual(memory);
  });
});

describe('a report with suppressed findings', () => {
  const mine = markAccepted(target, [entry()], NOW);

  it('counts them, and ignores them in the worst severity', () => {
    expect(reportOf([markAccepted(drifted('a'), [entry()], NOW), inSync('b')]).summary).toMatchObject({
      drifted: 1,
      accepted: 1,
      worst: null,
    });
    expect(reportOf([mine]).summary).toMatchObject({ accepted: 1, worst: 'medium' });
  });

  it('contains them in the evidence, not in the verdict nor in the remedies', () => {
    const { text } = reportOf([mine]);
    expect(text).toContain('THUMB001 (low), accepted until 2027-01-31: The list is Terraform’s');
    expect(text).not.toContain(drifted('a').findings[0]?.message);
    expect(text).not.toContain('update-open-id-connect-provider-thumbprint');
  });

  it('alerts nobody for them alone, issuers that were not audited included', () => {
    const blind = markAccepted(unseen('b'), [entry({ check: 'DISC001', issuer: issuerOf('b') })], NOW);
    expect(firstMessage(reportOf([markAccepted(drifted('a'), [entry()], NOW), blind]))).toBeNull();
    expect(firstMessage(reportOf([unseen('b')]))).not.toBeNull();
  });

  it('alerts for the other findings of the target', () => {
    expect(firstMessage(reportOf([mine]))?.attributes).toMatchObject({
      eventType: 'finding.firing',
      severity: 'medium',
    });
    expect(openFindings(mine.findings)).toEqual([other]);
  });
});
