import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_EVIDENCE, evidenceOf, isEvidence, limitEvidence, shareOf } from '../../lambda/state/evidence';
import { MAX_ITEM_BYTES, isNearLimit } from '../../lambda/state/fit';
import { reload } from '../support/state/items';
import { isMessageDay } from '../../lambda/checks/history/not-saved';
import { diary } from '../support/diary';
import { fuzzing } from '../support/fuzz';
import { finding, inSync } from '../support/reports';
import type { Finding } from '../../lambda/domain/types';
import type { CheckId } from '../../lambda/domain/checks';

describe('evidence in state items', () => {
  it('is a hash of constant length, and a well-known word stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 700 }), (subject) => {
        expect(isEvidence(evidenceOf(subject))).toBe(true);
        expect(evidenceOf(subject).length).toBeLessThanOrEqual(17);
      }),
      fuzzing(0.3),
    );
    expect(['itself', 'severity high'].map(evidenceOf)).toEqual(['itself', 'severity high']);
    expect(isEvidence('Ring the helpdesk')).toBe(false);
  });

  it('is limited fairly: small sets keep all, large ones the same share, and all together fit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000), { maxLength: 12 }), fc.nat(9_000), (demands, total) => {
        const share = shareOf(demands, total);
        const taken = demands.map((demand) => Math.min(demand, share));
        expect(taken.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(
          Math.max(total, Number.isFinite(share) ? 0 : demands.reduce((sum, each) => sum + each, 0)),
        );
        if (demands.reduce((sum, each) => sum + each, 0) > total)
          expect(share).toBeGreaterThanOrEqual(Math.floor(total / demands.length));
      }),
      fuzzing(0.3),
    );
  });

  it('that was alerted is dropped last', () => {
    const value = (text: string) => ({ value: text, found: 1, missed: 0 });
    const all = ['a', 'b', 'severity low', 'c'].map(value);
    expect(limitEvidence(all, ['c'], 3).map((each) => each.value)).toEqual(['severity low', 'c', 'a']);
    expect(limitEvidence(all, [], 4)).toBe(all);
  });
});

describe('a state item with thousands of roles', () => {
  const open = (check: CheckId, from: number, amount: number): readonly Finding[] =>
    Array.from({ length: amount }, (_, index) => ({
      ...finding(check, 'high', 'Open.'),
      subject: `arn:aws:iam::123456789012:role/${'x'.repeat(500)}/deploy-${from + index}`,
    }));

  it.each([
    ['1,500 roles', 1_500, ['TRUST001']],
    ['2,000 roles with three findings each', 2_000, ['TRUST001', 'TRUST002', 'TRUST004']],
  ] as const)('of %s fits, and nothing is alerted again', async (_, amount, checks) => {
    const { run, say } = diary();
    const findings = checks.flatMap((check) => open(check, 0, amount));
    const looks = [{ report: { ...inSync('a'), findings } }];
    run({ hour: 0, looks: [{ report: inSync('a') }] });
    const runs = [6, 12, 18, 24, 30].map((hour) => run({ hour, looks }));
    expect(runs.map(({ notifications }) => notifications.length)).toEqual([0, 1, 0, 0, 0]);
    const { targets, account } = runs[4] ?? {};
    if (targets === undefined || account == null) throw new TypeError('Nothing was saved.');
    const loaded = await reload({ targets, account });
    expect(loaded.bytes).toBeLessThan(MAX_ITEM_BYTES);
    expect(loaded.targets).toEqual(targets);
    expect(isNearLimit(loaded)).toBe(amount * checks.length > MAX_EVIDENCE);
    if (amount * checks.length > MAX_EVIDENCE) return;
    const more = [{ report: { ...inSync('a'), findings: [...findings, ...open('TRUST001', amount, 1)] } }];
    expect([36, 42, 48].map((hour) => say({ hour, looks: more }).length)).toEqual([0, 1, 0]);
  });

  it('preserves the findings of another check, for any number of open roles', () => {
    const { run, say } = diary();
    run({ hour: 0, looks: [{ report: inSync('a') }] });
    const flood = open('TRUST001', 0, 9_000);
    const looks = [{ report: { ...inSync('a'), findings: [...flood, ...open('TRUST002', 0, 20)] } }];
    [6, 12, 18].forEach((hour) => run({ hour, looks }));
    const more = [{ report: { ...inSync('a'), findings: [...flood, ...open('TRUST002', 0, 21)] } }];
    expect([24, 30, 36].map((hour) => say({ hour, looks: more }).length)).toEqual([0, 1, 0]);
  });
});

describe('isMessageDay: a message about state that could not be saved', () => {
  it('is sent by one run a day, for any schedule, with its flexible window', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(60, 120, 180, 360, 480, 720),
        fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 72, maxLength: 72 }),
        (interval, late) => {
          const saved = '2026-11-01T00:00:00.000Z';
          const runs = late
            .slice(0, (3 * 1_440) / interval)
            .map(
              (minutes, index) => new Date(Date.parse(saved) + ((index + 1) * interval + minutes) * 60_000),
            );
          expect(runs.filter((now) => isMessageDay(saved, now, interval))).toHaveLength(3);
          expect(runs[0] !== undefined && isMessageDay(saved, runs[0], interval)).toBe(true);
        },
      ),
      fuzzing(0.3),
    );
  });

  it('is sent by every run if runs are rarer than days, or if the time is not known', () => {
    expect(isMessageDay(null, new Date(), 60)).toBe(true);
    expect(isMessageDay('2026-11-01T00:00:00.000Z', new Date('2026-11-01T00:01:00Z'), 4_320)).toBe(true);
  });
});
