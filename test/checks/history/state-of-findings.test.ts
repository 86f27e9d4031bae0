import { describe, expect, it } from '@jest/globals';
import type { Finding, TargetReport } from '../../../lambda/domain/types';
import { evidenceOf } from '../../../lambda/state/evidence';
import { newAccountMemory, newTargetMemory } from '../../../lambda/state/schema';
import type { ObservedCertificate, Track } from '../../../lambda/state/schema';
import { findingStates, findingStatesOfRun } from '../../../lambda/checks/history/state-of-findings';
import type { Known, KnownFindingState } from '../../../lambda/checks/history/state-of-findings';
import { ECDSA, OLD, RSA, drifted, finding, inSync, unseen } from '../../support/reports';
import { CHECK_IDS } from '../../../lambda/domain/checks';
import type { CheckId } from '../../../lambda/domain/checks';

const NOW = new Date('2026-11-24T06:00:00.000Z');
const daysAgo = (days: number): string => new Date(NOW.getTime() - days * 86_400_000).toISOString();
const AT = daysAgo(0);
const accepted = { reason: 'known', until: '2027-01-31' };

const sighting = (thumbprint: string, expected: string | null): ObservedCertificate => ({
  thumbprint,
  first: daysAgo(30),
  last: AT,
  expected,
  streakSince: null,
  streakRuns: 0,
});
const track = (key: Track['key'], severity: Finding['severity'] = 'high'): Track => ({
  key,
  since: AT,
  found: 1,
  missed: 0,
  severity,
  evidence: [],
  findings: [],
  more: 0,
  notified: null,
});
/** A target after a run; `tracks` of the last run. */
const known = (report: TargetReport, changes: Partial<Known> & { tracks?: readonly Track[] } = {}): Known => {
  const { tracks = [], ...rest } = changes;
  const thumbprints = report.expected.map((each) => sighting(each, AT));
  return {
    report,
    skipped: new Set<CheckId>(),
    memory: { ...newTargetMemory(AT), thumbprints, tracks },
    refusal: null,
    ...rest,
  };
};
const of = (key: string, target: Known): KnownFindingState | undefined =>
  findingStates(target, NOW).find((each) => each.key === key);

const absent = { state: { kind: 'absent' }, accepted: false };
const blindTo = new Set(CHECK_IDS);

it('every state is absent if there are no findings', () => {
  expect(findingStates(known(inSync('a')), NOW)).toEqual(
    ['unknown', 'drift', 'update'].map((key) => ({ key, ...absent })),
  );
});

describe('state of findings: not audited', () => {
  const target = unseen('a');
  const [why] = target.findings;
  const other = finding('CERT001', 'low', 'x');

  it('is present with the findings that explain it, and no other', () => {
    expect(of('unknown', known({ ...target, findings: [...target.findings, other] }))).toEqual({
      key: 'unknown',
      state: { kind: 'present', findings: target.findings, severity: 'high', subjects: [] },
      accepted: false,
    });
  });

  it('is suppressed together with them, one of several included', () => {
    const marked = { ...finding('DISC001', 'high', 'x'), accepted };
    expect(of('unknown', known({ ...target, findings: [marked] }))).toMatchObject({
      state: { findings: [] },
      accepted: true,
    });
    expect(
      of('unknown', known({ ...target, findings: why === undefined ? [] : [marked, why] })),
    ).toMatchObject({
      state: { findings: [why] },
      accepted: true,
    });
    expect(of('unknown', known({ ...target, findings: [{ ...other, accepted }] }))).toMatchObject({
      accepted: false,
    });
  });
});

describe('state of findings: drift', () => {
  const target = drifted('a');
  const present = (target: Known) => of('drift', target)?.state;

  it('is present with its findings, and each missing thumbprint', () => {
    const more = { ...target, findings: [...target.findings, finding('CERT001', 'critical', 'x')] };
    expect(of('drift', known(more))).toEqual({
      key: 'drift',
      state: {
        kind: 'present',
        findings: target.findings,
        severity: 'low',
        subjects: [
          { value: evidenceOf(RSA), foundNow: true },
          { value: evidenceOf(ECDSA), foundNow: true },
        ],
      },
      accepted: false,
    });
  });

  it('is suppressed with its findings', () => {
    const findings = target.findings.map((each) => ({ ...each, accepted }));
    const graver = { ...finding('THUMB002', 'critical', 'x'), accepted };
    expect(of('drift', known({ ...target, findings: [...findings, graver] }))).toMatchObject({
      state: { kind: 'present', findings: [] },
      accepted: true,
    });
    const open = finding('THUMB002', 'medium', 'x');
    expect(of('drift', known({ ...target, findings: [...findings, open] }))).toMatchObject({
      state: { findings: [open], severity: 'medium' },
      accepted: false,
    });
  });

  it('stays as long as an edge served within seven days what the list lacks, with the same severity', () => {
    const tracks = [track('drift', 'critical')];
    const thumbprints = [sighting(RSA, AT), sighting(OLD, daysAgo(6.9))];
    const memory = { ...newTargetMemory(AT), thumbprints, tracks };
    expect(present(known(inSync('a'), { memory }))).toEqual({
      kind: 'present',
      findings: [],
      severity: 'critical',
      subjects: [{ value: evidenceOf(OLD), foundNow: false }],
    });
    const gone = {
      ...memory,
      thumbprints: [sighting(RSA, AT), sighting(OLD, daysAgo(7)), sighting(OLD, null)],
    };
    expect(present(known(inSync('a'), { memory: gone }))).toEqual({ kind: 'absent' });
    // It was alerted to nobody.
    expect(present(known(inSync('a'), { memory: { ...memory, tracks: [track('CERT001')] } }))).toEqual({
      kind: 'absent',
    });
  });

  it.each<[string, Partial<TargetReport>, string]>([
    ['of a list that is gone', { status: 'provider-missing', listed: [OLD] }, 'absent'],
    ['that could not be looked at', { status: 'not-audited', listed: [OLD] }, 'absent'],
    ['of an empty list that AWS does not consult', { status: 'in-sync', listed: [] }, 'absent'],
    ['of a list that has an entry', { status: 'in-sync', listed: ['1'.repeat(40)] }, 'present'],
    ['of an empty list that AWS consults', { status: 'drifted', listed: [] }, 'present'],
  ])('%s is %s', (_, change, kind) => {
    const target = known({ ...inSync('a'), ...change }, { tracks: [track('drift')] });
    expect(present(target)?.kind).toBe(kind);
  });

  it('is not reported by a run that does not find it', () => {
    const target = known({ ...inSync('a'), listed: [OLD] }, { tracks: [track('drift')] });
    expect(present(target)).toMatchObject({
      subjects: [
        { value: evidenceOf(RSA), foundNow: false },
        { value: evidenceOf(ECDSA), foundNow: false },
      ],
    });
  });

  it('is not resolved by a run that could not check', () => {
    const tracks = [track('drift')];
    expect(present(known(inSync('a'), { tracks, skipped: new Set<CheckId>(['THUMB001']) }))).toEqual({
      kind: 'skipped',
    });
    expect(present(known(target, { tracks, skipped: blindTo }))?.kind).toBe('present');
  });
});

describe('state of findings: a refused update', () => {
  const refusal = { ...finding('THUMB001', 'medium', 'Refused.'), subject: 'room' };

  it('is present with its reason', () => {
    const presence = {
      kind: 'present',
      findings: [refusal],
      severity: 'medium',
      subjects: [{ value: evidenceOf('room'), foundNow: true }],
    };
    expect(of('update', known(drifted('a'), { refusal }))).toEqual({
      key: 'update',
      state: presence,
      accepted: false,
    });
    const { subject: _, ...bare } = refusal;
    expect(of('update', known(drifted('a'), { refusal: bare }))).toMatchObject({
      state: { subjects: [{ value: 'itself' }] },
    });
  });

  it('is not resolved by a run that could not check', () => {
    expect(of('update', known(unseen('a'), { skipped: blindTo }))).toEqual({
      key: 'update',
      state: { kind: 'skipped' },
      accepted: false,
    });
  });
});

describe('state of findings: a check', () => {
  const roles = ['arn:a', 'arn:b'].map((subject, index) => ({
    ...finding('TRUST001', index === 0 ? 'high' : 'critical', 'x'),
    subject,
  }));
  const subjects = ['arn:a', 'arn:b'].map((value) => ({ value: evidenceOf(value), foundNow: true }));

  it('is present with all its findings, each of its own subject', () => {
    const report = { ...inSync('a'), findings: [...roles, finding('CERT001', 'low', 'x')] };
    expect(of('TRUST001', known(report))).toEqual({
      key: 'TRUST001',
      state: { kind: 'present', findings: roles, severity: 'critical', subjects },
      accepted: false,
    });
    expect(of('CERT001', known(report))).toMatchObject({
      state: { subjects: [{ value: 'itself', foundNow: true }] },
    });
  });

  it('is suppressed if all its findings are, and reports the others if some are', () => {
    const all = roles.map((each) => ({ ...each, accepted }));
    const [first] = all;
    const [, second] = roles;
    expect(of('TRUST001', known({ ...inSync('a'), findings: all }))).toMatchObject({
      state: { findings: all, severity: 'critical' },
      accepted: true,
    });
    const some = first === undefined || second === undefined ? [] : [first, second];
    expect(of('TRUST001', known({ ...inSync('a'), findings: some }))).toMatchObject({
      state: { findings: [second], severity: 'critical', subjects: subjects.slice(1) },
      accepted: false,
    });
  });

  it('of earlier runs is absent now, or was not evaluated', () => {
    const tracks = [track('CERT001'), track('drift'), track('unknown'), track('update')];
    const keys = findingStates(known(inSync('a'), { tracks }), NOW).map(({ key }) => key);
    expect(keys).toEqual(['unknown', 'drift', 'update', 'CERT001']);
    expect(of('CERT001', known(inSync('a'), { tracks }))).toEqual({ key: 'CERT001', ...absent });
    expect(
      of('CERT001', known(inSync('a'), { tracks, skipped: new Set<CheckId>(['CERT001']) })),
    ).toMatchObject({ state: { kind: 'skipped' }, accepted: false });
  });

  it('has no state of its own for drift, changes, and findings that explain a failure', () => {
    const findings = CHECK_IDS.map((check) => finding(check, 'low', 'x'));
    const keys = findingStates(known({ ...drifted('a'), findings }), NOW).map(({ key }) => key);
    const others = ['THUMB001', 'THUMB002', 'THUMB006', 'THUMB007', 'THUMB008'].concat([
      'DISC001',
      'JWKS002',
      'PROV006',
      'PROV007',
    ]);
    expect(keys).toEqual([
      'unknown',
      'drift',
      'update',
      ...CHECK_IDS.filter((check) => !others.includes(check)),
    ]);
  });
});

describe('state of findings: the account', () => {
  const run = {
    findings: [finding('OPS001', 'high', 'x')],
    isBlind: false,
    skipped: new Set<CheckId>(),
    memory: newAccountMemory(AT),
  };

  it('follows the same rules', () => {
    const memory = { ...newAccountMemory(AT), tracks: [track('unknown'), track('OPS001'), track('PROV001')] };
    expect(findingStatesOfRun({ ...run, memory })).toEqual([
      { key: 'unknown', ...absent },
      {
        key: 'OPS001',
        state: {
          kind: 'present',
          findings: run.findings,
          severity: 'high',
          subjects: [{ value: 'itself', foundNow: true }],
        },
        accepted: false,
      },
      { key: 'PROV001', ...absent },
    ]);
  });

  it('may be not evaluated', () => {
    const memory = { ...newAccountMemory(AT), tracks: [track('OPS001')] };
    expect(
      findingStatesOfRun({ memory, findings: [], isBlind: true, skipped: new Set<CheckId>(['OPS001']) }),
    ).toEqual([
      {
        key: 'unknown',
        state: { kind: 'present', findings: [], severity: 'high', subjects: [] },
        accepted: false,
      },
      { key: 'OPS001', state: { kind: 'skipped' }, accepted: false },
    ]);
  });
});
