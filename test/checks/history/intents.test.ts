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
  it('is no change if there was none, or if the list could not be read', () => {
    expect(settleIntent(null, [A], ON)).toBeNull();
    expect(settleIntent(begun(60), null, ON)).toBeNull();
  });

  it('is complete if the list has all of it, in any spelling, and at once, whoever has added it', () => {
    const listed = [A, B.toUpperCase(), C];
    expect(settleIntent(begun(0), listed, ON)).toEqual({
      intent: begun(0),
      kind: 'done',
      updated: { before: [A], list: listed, added: [B, C], isVisible: true, by: 'unknown' },
    });
  });

  it('is left alone for a quarter of an hour, since its run may be in progress', () => {
    expect(settleIntent(begun(14.99), [A], ON)).toBeNull();
    expect(settleIntent(begun(15), [A], ON)?.kind).toBe('lost');
  });

  it('is lost if the list has only a part of it, and the message names the event to look for', () => {
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

  it('is ignored if updates are off, whatever the state table claims', () => {
    expect(settleIntent(begun(60), [A, B, C], { ...ON, mode: 'off' })).toBeNull();
    expect(settleIntent(begun(60), [A], { ...ON, mode: 'off' })).toBeNull();
  });

  it('is reported with the list that IAM returns', () => {
    const other = 'd'.repeat(40);
    expect(settleIntent(begun(1), [other, B, C], ON)).toMatchObject({
      updated: { before: [other], list: [other, B, C] },
    });
  });

  it('is not complete if it names no thumbprint', () => {
    expect(settleIntent(begun(1, []), [A], ON)).toBeNull();
  });
});
