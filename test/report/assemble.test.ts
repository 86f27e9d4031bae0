import { describe, expect, it } from '@jest/globals';
import type { TargetReport } from '../../lambda/domain/types';
import { assembleReport, withText } from '../../lambda/report/assemble';
import { reportText } from '../../lambda/report/text';
import { drifted, finding, inSync, unseen } from '../support/reports';

const run = {
  action: 'audit',
  account: '123456789012',
  startedAt: new Date('2026-11-23T12:00:00Z'),
  finishedAt: new Date('2026-11-23T12:00:03Z'),
  targets: [],
} as const;
const missing: TargetReport = { ...inSync('d'), status: 'provider-missing', providerArn: null };
const accepted = { reason: 'known', until: '2027-01-31' };

describe('assembleReport', () => {
  it('returns every part but the notes for a run without findings', () => {
    expect(assembleReport(run)).toEqual({
      schemaVersion: 1,
      action: 'audit',
      account: '123456789012',
      startedAt: '2026-11-23T12:00:00.000Z',
      finishedAt: '2026-11-23T12:00:03.000Z',
      findings: [],
      failures: [],
      summary: { inSync: 0, drifted: 0, providerMissing: 0, notAudited: 0, accepted: 0, worst: null },
      targets: [],
    });
    expect(assembleReport({ ...run, notes: [] })).not.toHaveProperty('notes');
    expect(assembleReport({ ...run, notes: ['Not looked at.'] }).notes).toEqual(['Not looked at.']);
  });

  it('counts targets by status and suppressed findings, and has the highest severity of the others', () => {
    const found = { ...inSync('a'), findings: [finding('CERT001', 'medium', 'x')] };
    const known = { ...inSync('b'), findings: [{ ...finding('CERT001', 'critical', 'x'), accepted }] };
    const ofAccount = [finding('OPS001', 'high', 'x'), { ...finding('PROV006', 'critical', 'x'), accepted }];
    const targets = [found, known, drifted('c'), missing, missing, unseen('e'), unseen('f'), unseen('0')];
    const withoutFindings = targets.map((target) =>
      target === found || target === known ? target : { ...target, findings: [] },
    );
    expect(assembleReport({ ...run, targets: withoutFindings }).summary).toEqual({
      inSync: 2,
      drifted: 1,
      providerMissing: 2,
      notAudited: 3,
      accepted: 1,
      worst: 'medium',
    });
    expect(assembleReport({ ...run, targets: [found, known], findings: ofAccount }).summary).toMatchObject({
      accepted: 2,
      worst: 'high',
    });
  });

  it('sorts targets by issuer and then by provider, without a change of the input', () => {
    const ordered = [
      { ...inSync('a'), providerArn: null },
      { ...inSync('a'), providerArn: 'arn:1' },
      { ...inSync('a'), providerArn: 'arn:2' },
      // By code unit, as it is in no locale.
      { ...inSync('a'), issuer: 'https://oidc.circleci.com/org/b' },
    ];
    const targets = [...ordered].reverse();
    expect(assembleReport({ ...run, targets }).targets).toEqual(ordered);
    expect(assembleReport({ ...run, targets: ordered }).targets).toEqual(ordered);
    expect(targets).toEqual([...ordered].reverse());
  });

  it('contains its own text', () => {
    const report = assembleReport({ ...run, targets: [drifted('a')] });
    expect(withText(report)).toEqual({ ...report, text: reportText(report) });
  });
});
