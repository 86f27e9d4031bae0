import { describe, expect, it } from '@jest/globals';
import { settleIntent } from '../../../lambda/checks/history/intents';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);
const NOW = new Date('2026-11-23T12:00:00Z');
const ON = { mode: 'guarded', now: NOW } as const;
const MINUTE_MS = 60_000;
const begun = (minutes: number, added = [B, C]) => ({
  at: new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString(),
  added,
});

describe('an update that another run began', () => {
  it('is no news where there was none, or the list could not be read', () => {
    expect(settleIntent(null, [A], ON)).toBeNull();
    expect(settleIntent(begun(60), null, ON)).toBeNull();
  });

  it('is done where the list shows all of it, however the list is written, and at once', () => {
    const listed = [A, B.toUpperCase(), C];
    expect(settleIntent(begun(0), listed, ON)).toEqual({
      intent: begun(0),
      kind: 'done',
      updated: { before: [A], list: listed, added: [B, C], isVisible: true },
    });
  });

  it('is left alone as long as whoever began it may be at work: a quarter of an hour', () => {
    expect(settleIntent(begun(14.99), [A], ON)).toBeNull();
    expect(settleIntent(begun(15), [A], ON)?.kind).toBe('lost');
  });

  it('is lost where the list shows but a part of it, and people are told what to look at', () => {
    expect(settleIntent(begun(15), [A, B], ON)).toEqual({
      intent: begun(15),
      kind: 'lost',
      change: {
        kind: 'update-lost',
        startedAt: '2026-11-23T11:45:00.000Z',
        thumbprints: { names: [B, C], more: 0 },
      },
    });
  });

  it('is nothing where updates are off, whatever the state table claims', () => {
    expect(settleIntent(begun(60), [A, B, C], { ...ON, mode: 'off' })).toBeNull();
    expect(settleIntent(begun(60), [A], { ...ON, mode: 'off' })).toBeNull();
  });

  it('says of the list what IAM lists', () => {
    const other = 'd'.repeat(40);
    expect(settleIntent(begun(1), [other, B, C], ON)).toMatchObject({
      updated: { before: [other], list: [other, B, C] },
    });
  });

  it('is not done where it names nothing', () => {
    expect(settleIntent(begun(1, []), [A], ON)).toBeNull();
  });
});
