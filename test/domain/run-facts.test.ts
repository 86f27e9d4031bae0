import { describe, expect, it } from '@jest/globals';
import type { TargetReport } from '../../lambda/domain/types';
import { factsOf } from '../../lambda/domain/run-facts';
import { drifted, inSync, reportOf, unseen } from '../support/reports';

const others = { hasNoRecipients: true, unreadableItems: 2, conflicts: 3, isNotSaved: true };

/** A target whose chains hold certificates with these ends, each on the path or beside it. */
const expiring = (...ends: readonly (readonly [notAfter: string, onPath: boolean])[]): TargetReport => {
  const target = inSync('a');
  const [chain] = target.chains;
  const [certificate] = chain?.certificates ?? [];
  if (chain === undefined || certificate === undefined) throw new TypeError('no chain');
  const chains = ends.map(([notAfter, onPath]) => ({
    ...chain,
    certificates: [{ ...certificate, notAfter, onPath }],
  }));
  return { ...target, chains };
};
const daysOf = (...targets: readonly TargetReport[]): number | null =>
  factsOf(reportOf(targets), others).daysToExpiry;

describe('the metrics of a run', () => {
  it('count checked, drifted and not audited targets, and preserve the other input', () => {
    const targets = [drifted('a'), inSync('b'), unseen('c'), drifted('d')];
    expect(factsOf(reportOf(targets), others)).toEqual({
      milliseconds: 3_000,
      targetsChecked: 4,
      targetsDrifted: 2,
      targetsUnknown: 1,
      daysToExpiry: expect.any(Number),
      targets,
      failures: [],
      ...others,
    });
  });

  it('contain the failures of the run', () => {
    const failures = [
      { step: 'state', code: 'AWS_THROTTLED', message: 'x', detail: 'Rate exceeded' },
    ] as const;
    expect(factsOf(reportOf([], { failures }), others)).toMatchObject({ failures });
  });

  it('contain the days until the first certificate on a served path expires, from the end of the run', () => {
    const later = expiring(['2027-01-01T12:00:03.000Z', true]);
    const first = expiring(['2026-11-25T12:00:03.000Z', true], ['2026-11-24T00:00:03.000Z', true]);
    expect(daysOf(later, first)).toBe(0.5);
    expect(daysOf(first, later)).toBe(0.5);
    expect(daysOf(expiring(['2026-11-21T12:00:03.000Z', true]))).toBe(-2);
    expect(daysOf(later, expiring(['2026-11-24T00:00:03.000Z', false]))).toBe(39);
  });

  it('have no expiry if no chain was collected', () => {
    expect(daysOf(unseen('a'))).toBeNull();
    expect(daysOf()).toBeNull();
  });
});
