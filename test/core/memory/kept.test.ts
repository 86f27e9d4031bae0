import { describe, expect, it } from '@jest/globals';
import { kept } from '../../../lambda/core/memory/kept';
import type { Track } from '../../../lambda/core/memory/memory';
import { finding } from '../../support/reports';

const track = (amount: number): Track => ({
  key: 'TRUST001',
  since: '2026-11-24T06:00:00.000Z',
  seen: 1,
  clean: 0,
  severity: 'high',
  evidence: [],
  findings: Array.from({ length: amount }, (_, index) =>
    finding('TRUST001', index === 0 ? 'high' : 'low', `Role ${index} is open.`, 'Close it.'),
  ),
  told: null,
});

describe('what an item keeps of a track', () => {
  it.each([0, 1, 20])('is all of %d findings', (amount) => {
    expect(kept(track(amount))).toEqual(track(amount));
  });

  it('is the first nineteen of more, and how many more there are', () => {
    expect(kept(track(1_000))).toEqual({
      ...track(1_000),
      findings: [...track(19).findings, finding('TRUST001', 'high', '981 more findings of TRUST001.')],
    });
    expect(kept(track(21)).findings.at(-1)?.message).toBe('2 more findings of TRUST001.');
  });
});
