import { describe, expect, it } from '@jest/globals';
import type { Finding, Severity } from '../../lambda/domain/types';
import type { Track } from '../../lambda/state/schema';
import { followTrack, afterMessage } from '../../lambda/alerting/lifecycle';
import type { Occasion, Moment, LifecycleStep } from '../../lambda/alerting/lifecycle';
import { finding } from '../support/reports';
import type { FindingState } from '../../lambda/checks/history/state-of-findings';

const HOUR_MS = 3_600_000;
const at = (hour: number): Date => new Date(Date.parse('2026-11-01T00:00:00Z') + hour * HOUR_MS);

const there = (
  severity: Severity,
  subjects: readonly string[] = ['itself'],
  findings: readonly Finding[] = [finding('CERT001', severity, 'Soon.')],
): FindingState => ({
  kind: 'present',
  findings,
  severity,
  subjects: subjects.map((value) => ({ value, foundNow: true })),
});
/** `now` is found by this run, `earlier` by one of the last days. */
const alsoEarlier = (now: string, earlier: string): FindingState => ({
  kind: 'present',
  findings: [finding('THUMB001', 'low', 'Drift.')],
  severity: 'low',
  subjects: [
    { value: now, foundNow: true },
    { value: earlier, foundNow: false },
  ],
});
const GONE: FindingState = { kind: 'absent' };
const UNSEEN: FindingState = { kind: 'skipped' };

interface Run extends Partial<Omit<Moment, 'now'>> {
  readonly hour: number;
  readonly presence: FindingState;
  /** A message is sent and has a recipient. True unless said otherwise. */
  readonly heard?: boolean;
}

/** The notifications of each run. */
function dues(runs: readonly Run[], key: Track['key'] = 'CERT001'): readonly (Occasion | null)[] {
  let track: Track | null = null;
  return runs.map(({ hour, presence, heard = true, ...circumstances }) => {
    const moment = {
      now: at(hour),
      baseline: false,
      confirmed: false,
      accepted: false,
      room: Infinity,
      ...circumstances,
    };
    const step: LifecycleStep = followTrack(key, track, presence, moment);
    track = heard ? afterMessage(step, moment.now) : step.track;
    return step.occasion;
  });
}

/** The same state at these hours. */
const during = (presence: FindingState, ...hours: readonly number[]): readonly Run[] =>
  hours.map((hour) => ({ hour, presence }));

describe('alert lifecycle: a new problem', () => {
  it.each<[string, readonly Run[], readonly (Occasion | null)[]]>([
    ['waits for a second run', during(there('high'), 0, 6, 12), [null, 'firing', null]],
    ['does not wait in a first run', [{ hour: 0, presence: there('high'), baseline: true }], ['firing']],
    [
      'does not wait for a run where a second look said the same',
      [{ hour: 0, presence: there('critical'), confirmed: true }],
      ['firing'],
    ],
    [
      'is confirmed by the run after a clean one, too: edges take turns',
      [...during(there('high'), 0), ...during(GONE, 6), ...during(there('high'), 12)],
      [null, null, 'firing'],
    ],
    [
      'begins anew after two clean runs',
      [...during(there('high'), 0), ...during(GONE, 6, 12), ...during(there('high'), 18, 24)],
      [null, null, null, null, 'firing'],
    ],
    [
      'waits through a run that could not look',
      [...during(there('high'), 0), ...during(UNSEEN, 6), ...during(there('high'), 12)],
      [null, null, 'firing'],
    ],
    [
      'repeats until somebody listens',
      [0, 6, 12, 18].map((hour) => ({ hour, presence: there('high'), heard: hour === 18 })),
      [null, 'firing', 'firing', 'firing'],
    ],
  ])('%s', (_, runs, expected) => {
    expect(dues(runs)).toEqual(expected);
  });
});

describe('alert lifecycle: a change of a problem', () => {
  it.each<[string, readonly Run[], readonly (Occasion | null)[]]>([
    [
      'fires again in its second run',
      [...during(there('low', ['A']), 0, 6), ...during(there('low', ['B']), 12, 18, 24)],
      [null, 'firing', null, 'firing', null],
    ],
    [
      'fires again beside what is known',
      [...during(there('low', ['A']), 0, 6), ...during(there('low', ['A', 'B']), 12, 18, 24)],
      [null, 'firing', null, 'firing', null],
    ],
    [
      'does not fire where less of the same is seen',
      [...during(there('low', ['A', 'B']), 0, 6), ...during(there('low', ['A']), 12, 18, 24)],
      [null, 'firing', null, null, null],
    ],
    [
      'is no news where two take turns',
      [
        ...during(there('low', ['A', 'B']), 0, 6),
        ...[12, 18, 24, 30, 36].map((hour, index) => ({
          hour,
          presence: there('low', [index % 2 ? 'A' : 'B']),
        })),
      ],
      [null, 'firing', null, null, null, null, null],
    ],
    [
      'fires again where it misses one run in between',
      [
        ...during(there('low', ['A']), 0, 6),
        ...during(there('low', ['B']), 12),
        ...during(there('low', ['A']), 18),
        ...during(there('low', ['B']), 24),
      ],
      [null, 'firing', null, null, 'firing'],
    ],
    [
      'does not where it misses two',
      [
        ...during(there('low', ['A']), 0, 6),
        ...during(there('low', ['B']), 12),
        ...during(there('low', ['A']), 18, 24),
        ...during(there('low', ['B']), 30, 36),
      ],
      [null, 'firing', null, null, null, null, 'firing'],
    ],
    [
      'is news again where it was gone for two runs',
      ['A', 'A', 'B', 'B', 'A', 'A'].map((value, run) => ({
        hour: 6 * run,
        presence: there('low', [value]),
      })),
      [null, 'firing', null, 'firing', null, 'firing'],
    ],
    [
      'fires when a later run finds again what no message has named',
      [
        ...during(there('low', ['A']), 0),
        ...during(there('low', ['B']), 6),
        ...during(there('low', ['A']), 12),
        ...during(there('low', ['A', 'B']), 18, 24),
      ],
      [null, 'firing', 'firing', null, null],
    ],
    [
      'fires when a run finds again what earlier ones found and no message has named',
      [
        ...during(there('low', ['A']), 0),
        { hour: 6, presence: alsoEarlier('B', 'A') },
        { hour: 12, presence: alsoEarlier('B', 'A') },
        ...during(there('low', ['A', 'B']), 18, 24),
      ],
      [null, 'firing', null, 'firing', null],
    ],
    [
      'fires again where it is graver',
      [...during(there('low'), 0, 6), ...during(there('critical'), 12, 18, 24)],
      [null, 'firing', null, 'firing', null],
    ],
    [
      'fires at once where a second look confirms that it is graver',
      [...during(there('low'), 0, 6), { hour: 12, presence: there('critical'), confirmed: true }],
      [null, 'firing', 'firing'],
    ],
    [
      'does not fire where it is milder',
      [...during(there('critical'), 0, 6), ...during(there('low'), 12, 18, 24)],
      [null, 'firing', null, null, null],
    ],
    [
      'fires where it is grave again after it was mild for two runs',
      [...during(there('high'), 0, 6), ...during(there('low'), 12, 18), ...during(there('high'), 24, 30)],
      [null, 'firing', null, null, null, 'firing'],
    ],
  ])('%s', (_, runs, expected) => {
    expect(dues(runs)).toEqual(expected);
  });
});

describe('alert lifecycle: reminders', () => {
  it.each<[Severity, number, Occasion | null]>([
    ['critical', 23, null],
    ['critical', 24, 'reminder'],
    ['high', 71, null],
    ['high', 72, 'reminder'],
    ['medium', 30 * 24 - 1, null],
    ['medium', 30 * 24, 'reminder'],
    ['low', 10_000, null],
    ['info', 10_000, null],
  ])('of %s, %d hours after the message: %s', (severity, hours, expected) => {
    const runs: readonly Run[] = [
      { hour: 0, presence: there(severity), baseline: true },
      { hour: hours, presence: there(severity) },
    ];
    expect(dues(runs)).toEqual(['firing', expected]);
  });

  it('count from the last message that had a recipient', () => {
    const hours = [0, 24, 25, 47, 48, 49];
    const runs = hours.map((hour) => ({
      hour,
      presence: there('critical'),
      baseline: hour === 0,
      heard: hour !== 24,
    }));
    expect(dues(runs)).toEqual(['firing', 'reminder', 'reminder', null, null, 'reminder']);
  });

  it('are not sent by a run that does not find the problem', () => {
    const skippedNow: FindingState = {
      kind: 'present',
      findings: [],
      severity: 'critical',
      subjects: [{ value: 'itself', foundNow: false }],
    };
    expect(
      dues([
        { hour: 0, presence: there('critical'), baseline: true },
        { hour: 30, presence: skippedNow },
        { hour: 36, presence: UNSEEN },
        { hour: 42, presence: there('critical') },
      ]),
    ).toEqual(['firing', null, null, 'reminder']);
  });
});

describe('alert lifecycle: resolution', () => {
  it.each<[string, readonly Run[], readonly (Occasion | null)[]]>([
    [
      'is told after two clean runs, once',
      [...during(there('high'), 0, 6), ...during(GONE, 12, 18, 24)],
      [null, 'firing', null, 'resolved', null],
    ],
    [
      'is not told of what nobody was told',
      [...during(there('high'), 0), ...during(GONE, 6, 12, 18)],
      [null, null, null, null],
    ],
    [
      'is not told of what was said to an empty room',
      [
        ...[0, 6].map((hour) => ({ hour, presence: there('high'), heard: false })),
        ...during(GONE, 12, 18, 24),
      ],
      [null, 'firing', null, null, null],
    ],
    [
      'is repeated until somebody listens',
      [
        ...during(there('high'), 0, 6),
        ...[12, 18, 24, 30].map((hour) => ({ hour, presence: GONE, heard: hour >= 24 })),
      ],
      [null, 'firing', null, 'resolved', 'resolved', null],
    ],
    [
      'never comes by runs that could not look',
      [...during(there('high'), 0, 6), ...during(UNSEEN, 12, 18, 24, 30)],
      [null, 'firing', null, null, null, null],
    ],
    [
      'is put off by seeing it again',
      [
        ...during(there('high'), 0, 6),
        ...during(GONE, 12),
        ...during(there('high'), 18),
        ...during(GONE, 24, 30),
      ],
      [null, 'firing', null, null, null, 'resolved'],
    ],
    [
      'makes the next one news',
      [...during(there('high'), 0, 6), ...during(GONE, 12, 18), ...during(there('high'), 24, 30)],
      [null, 'firing', null, 'resolved', null, 'firing'],
    ],
  ])('%s', (_, runs, expected) => {
    expect(dues(runs)).toEqual(expected);
  });
});

describe('alert lifecycle: suppressed findings', () => {
  const accepted = (presence: FindingState, ...hours: readonly number[]): readonly Run[] =>
    hours.map((hour) => ({ hour, presence, accepted: true }));

  it.each<[string, readonly Run[], readonly (Occasion | null)[]]>([
    [
      'is followed, and told as soon as it is accepted no more',
      [...accepted(there('low'), 0, 6, 12), ...during(there('low'), 18, 24)],
      [null, null, null, 'firing', null],
    ],
    [
      'is told again where people were told before they accepted it',
      [...during(there('low'), 0, 6), ...accepted(there('low'), 12, 18), ...during(there('low'), 24, 30)],
      [null, 'firing', null, null, 'firing', null],
    ],
    [
      'has no reminders',
      [...during(there('critical'), 0, 6), ...accepted(there('critical'), 48, 96)],
      [null, 'firing', null, null],
    ],
    [
      'has an end where people were told before',
      [...during(there('low'), 0, 6), ...accepted(there('low'), 12), ...during(GONE, 18, 24)],
      [null, 'firing', null, null, 'resolved'],
    ],
    [
      'has no end where nobody was told',
      [...accepted(there('low'), 0, 6), ...during(GONE, 12, 18)],
      [null, null, null, null],
    ],
  ])('%s', (_, runs, expected) => {
    expect(dues(runs)).toEqual(expected);
  });
});

describe('alert lifecycle: targets that could not be audited', () => {
  const blind = there('high', [], []);
  it.each<[string, readonly Run[], readonly (Occasion | null)[]]>([
    ['is told in the third run', during(blind, 0, 6, 12, 18), [null, null, 'firing', null]],
    ['is told after a day where runs are rare', during(blind, 0, 24, 48), [null, 'firing', null]],
    ['is told at once in a first run', [{ hour: 0, presence: blind, baseline: true }], ['firing']],
    [
      'begins anew with each run that could look',
      [...during(blind, 0, 6), ...during(GONE, 12), ...during(blind, 18, 24), ...during(GONE, 30)],
      Array.from({ length: 6 }, () => null),
    ],
    [
      'has reminders after three days',
      during(blind, 0, 6, 12, 83, 84),
      [null, null, 'firing', null, 'reminder'],
    ],
    [
      'is over after two clean runs',
      [...during(blind, 0, 6, 12), ...during(GONE, 18, 24, 30)],
      [null, null, 'firing', null, 'resolved', null],
    ],
  ])('%s', (_, runs, expected) => {
    expect(dues(runs, 'unknown')).toEqual(expected);
  });
});

describe('alert lifecycle: the saved track', () => {
  const moment = { now: at(6), baseline: false, confirmed: false, accepted: false, room: Infinity };
  const findings = [finding('CERT001', 'low', 'Soon.', 'Renew it.')];
  const stored: Track['findings'] = [{ check: 'CERT001', severity: 'low', subject: null }];
  const quiet = { occasion: null, findings: [], found: [], waiting: false };
  const previous: Track = {
    key: 'CERT001',
    since: at(0).toISOString(),
    found: 1,
    missed: 1,
    severity: 'low',
    evidence: [
      { value: 'A', found: 1, missed: 0 },
      { value: 'B', found: 2, missed: 0 },
      { value: 'C', found: 2, missed: 1 },
      { value: 'severity info', found: 1, missed: 0 },
    ],
    findings: stored,
    more: 0,
    notified: { at: at(0).toISOString(), evidence: ['B', 'C'] },
  };
  const severities = (found: number) =>
    ['severity info', 'severity low'].map((value, index) => ({
      value,
      found: found - index,
      missed: 0,
    }));
  const [first] = findings;

  it('records what was found, in how many runs, and what was missed', () => {
    const more =
      first === undefined ? [] : [{ ...first, subject: 'A', accepted: { reason: 'x', until: 'y' } }];
    expect(followTrack('CERT001', null, there('low', ['A'], more), moment).track).toEqual({
      key: 'CERT001',
      since: at(6).toISOString(),
      found: 1,
      missed: 0,
      severity: 'low',
      evidence: [
        { value: 'A', found: 1, missed: 0 },
        { value: 'severity info', found: 1, missed: 0 },
        { value: 'severity low', found: 1, missed: 0 },
      ],
      findings: stored.map((each) => ({ ...each, subject: null })),
      more: 0,
      notified: null,
    });
    expect(followTrack('CERT001', previous, there('low', ['A'], findings), moment).track).toEqual({
      ...previous,
      found: 2,
      missed: 0,
      evidence: [{ value: 'A', found: 2, missed: 0 }, ...severities(2), { value: 'B', found: 2, missed: 1 }],
      notified: { at: at(0).toISOString(), evidence: ['B'] },
    });
  });

  it('passes on what a finding names, without its suppression', () => {
    const named = { ...finding('THUMB003', 'low', 'Stale.'), subject: 'A', thumbprints: ['B'] };
    const accepted = { reason: 'It is known.', until: '2026-12-31' };
    const { findings } = followTrack('THUMB003', null, there('low', ['A'], [{ ...named, accepted }]), moment);
    expect(findings).toEqual([named]);
  });

  it('preserves its findings if a run counts it without finding it', () => {
    const skippedNow: FindingState = {
      kind: 'present',
      findings: [],
      severity: 'low',
      subjects: [{ value: 'A', foundNow: false }],
    };
    expect(followTrack('CERT001', previous, skippedNow, moment)).toMatchObject({
      track: { findings: stored, evidence: expect.arrayContaining([{ value: 'A', found: 1, missed: 0 }]) },
      occasion: null,
    });
  });

  it('drops the record of the alert if the problem is suppressed', () => {
    const { track } = followTrack('CERT001', previous, there('low', ['A']), { ...moment, accepted: true });
    expect(track?.notified).toEqual({ at: at(0).toISOString(), evidence: [] });
  });

  it('of a refused update ends at once, without a message', () => {
    const update: Track = { ...previous, key: 'update' };
    expect(followTrack('update', update, GONE, moment)).toMatchObject({ track: null, occasion: null });
    const refused = { ...moment, now: at(0) };
    expect(followTrack('update', null, there('medium', ['room']), refused).occasion).toBe('firing');
  });

  it('records the content and the time of the last alert', () => {
    const found = previous.evidence.map(({ value }) => value);
    const reminding = { ...quiet, found, track: previous, occasion: 'reminder' } as const;
    const { notified: before } = afterMessage(reminding, at(6)) ?? {};
    expect(before).toEqual({ at: at(6).toISOString(), evidence: ['A', 'B', 'C', 'severity info'] });
    expect(afterMessage({ ...quiet, track: previous, occasion: null }, at(6))).toBe(previous);
    expect(afterMessage({ ...quiet, track: previous, occasion: 'resolved' }, at(6))).toBeNull();
  });
});
