import { describe, expect, it } from '@jest/globals';
import { readReport } from '../../cli/commands/report-schema';
import { UsageError } from '../../cli/usage-error';
import { STEPS } from '../../lambda/domain/errors';
import { inSync, reportOf } from '../support/reports';

/** As the payload of an invocation brings it. */
const withFailure = (failure: object): unknown => {
  const report = reportOf([inSync('a')]);
  const target = { ...inSync('b'), status: 'not-audited', failure };
  return JSON.parse(JSON.stringify({ ...report, failures: [failure], targets: [...report.targets, target] }));
};

const FAILURE = { code: 'AWS_THROTTLED', message: 'AWS throttled it.' };

describe('a report that invoke reads', () => {
  it.each(STEPS)('may have a failure of step %s, with and without its detail', (step) => {
    for (const failure of [
      { step, ...FAILURE },
      { step, ...FAILURE, detail: 'Rate exceeded' },
    ]) {
      const { failures, targets } = readReport(withFailure(failure));
      expect(failures).toEqual([failure]);
      expect(targets[1]?.failure).toEqual(failure);
    }
  });

  it('may have a failure of a step that a newer function knows', () => {
    expect(readReport(withFailure({ step: 'cloud-trail', ...FAILURE })).failures).toMatchObject([
      { step: 'cloud-trail' },
    ]);
  });

  it('may have skipped checks, also for a reason that a newer function knows', () => {
    const skipped = [{ check: 'TRUST001', code: 'new-reason', reason: 'Not known.', roles: ['a'] }];
    const report = reportOf([inSync('a')]);
    const payload = { ...report, skipped, targets: report.targets.map((one) => ({ ...one, skipped })) };
    expect(readReport(JSON.parse(JSON.stringify(payload)))).toMatchObject({
      skipped,
      targets: [{ skipped }],
    });
    const broken = { ...report, skipped: [{ ...skipped[0], code: 'a\n# b' }] };
    expect(() => readReport(JSON.parse(JSON.stringify(broken)))).toThrow(UsageError);
  });

  it.each([
    ['no step', FAILURE],
    ['an empty step', { ...FAILURE, step: '' }],
    ['a step that is no word', { ...FAILURE, step: 'tls\n# heading' }],
    ['a step without end', { ...FAILURE, step: 'x'.repeat(100) }],
    ['a step that is a number', { ...FAILURE, step: 5 }],
    ['a detail that is no text', { ...FAILURE, step: 'tls', detail: 5 }],
  ])('has no failure with %s', (_, failure) => {
    expect(() => readReport(withFailure(failure))).toThrow(UsageError);
  });
});
