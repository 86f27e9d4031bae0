import { describe, expect, it } from '@jest/globals';
import { exitCodeOf, skippedIn } from '../../cli/exit';
import { skipAll } from '../../lambda/domain/skipped';
import { drifted, inSync, reportOf, unseen } from '../support/reports';

describe('exitCodeOf with --fail-on-skipped', () => {
  const skipped = skipAll(['TRUST001'], { code: 'step-limit', reason: 'x' });
  const history = skipAll(['PROV006'], { code: 'no-state', reason: 'x' });

  it('is 2 if a check of a target or of the account was skipped', () => {
    const ofTarget = reportOf([{ ...inSync('a'), skipped }]);
    const ofAccount = reportOf([inSync('a')], { skipped });
    for (const report of [ofTarget, ofAccount]) {
      expect([exitCodeOf(report, 'high'), exitCodeOf(report, 'high', true)]).toEqual([0, 2]);
      expect(skippedIn(report)).toEqual(skipped);
    }
  });

  it('is not changed by checks that compare with earlier runs', () => {
    const report = reportOf([inSync('a')], { skipped: history });
    expect(exitCodeOf(report, 'high', true)).toBe(0);
  });

  it('is that of the findings if nothing was skipped', () => {
    expect(exitCodeOf(reportOf([drifted('a')]), 'low', true)).toBe(1);
    expect(exitCodeOf(reportOf([unseen('a')]), 'low', true)).toBe(2);
  });
});
