import { describe, expect, it } from '@jest/globals';
import { settle } from '../../../lambda/core/update/intent';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);
const NOW = new Date('2026-11-23T12:00:00Z');
const MINUTE_MS = 60_000;
const begun = (minutes: number, added = [B, C]) => ({
  at: new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString(),
  before: [A],
  list: [A, ...added],
  added,
});

describe('an update that another run began', () => {
  it('is no news where there was none, or the list could not be read', () => {
    expect(settle(null, [A], NOW)).toBeNull();
    expect(settle(begun(60), null, NOW)).toBeNull();
  });

  it('is done where the list shows all of it, however the list is written, and at once', () => {
    const listed = [A, B.toUpperCase(), C];
    expect(settle(begun(0), listed, NOW)).toEqual({
      intent: begun(0),
      kind: 'done',
      updated: { ...begun(0), isVisible: true },
    });
  });

  it('is left alone as long as whoever began it may be at work: a quarter of an hour', () => {
    expect(settle(begun(14.99), [A], NOW)).toBeNull();
    expect(settle(begun(15), [A], NOW)?.kind).toBe('lost');
  });

  it('is lost where the list shows but a part of it, and people are told what to look at', () => {
    expect(settle(begun(15), [A, B], NOW)).toEqual({
      intent: begun(15),
      kind: 'lost',
      finding: {
        check: 'THUMB008',
        severity: 'medium',
        message: `An update that the monitor began at 2026-11-23T11:45:00.000Z is not in the list: ${B}, ${C}. It was not applied, or somebody took it back. It is not tried again.`,
        remedy: 'Look at the evidence. If the certificate is right, list it yourself.',
      },
    });
  });
});
