/** One run's decision from given state, findings and circumstances. Days of runs: `decide.test.ts`. */
import { describe, expect, it } from '@jest/globals';
import { decide, nextState } from '../../lambda/decide';
import type { FollowedRun } from '../../lambda/decide';
import type { Finding } from '../../lambda/domain/types';
import { describeChange } from '../../lambda/checks/history/change';
import { newAccountMemory, newTargetMemory } from '../../lambda/state/schema';
import type { PendingChange, Track } from '../../lambda/state/schema';
import { inShort } from '../support/diary';
import { YESTERDAY, knownBefore } from '../support/followed';
import { NOW } from '../support/observed';
import { ECDSA, OLD, RSA, drifted, finding, inSync, issuerOf } from '../support/reports';
import type { Followed } from '../../lambda/checks/history/followed';
import type { Decision, Omitted } from '../../lambda/alerting/decision';
import { speaksUp } from '../../lambda/domain/notification';
import type { Notification } from '../../lambda/domain/notification';

const BEFORE = '2026-11-20T06:00:00.000Z';
const CERTAIN = { baseline: true };
const DELIVERED = { hasRecipients: true, omitted: new Set<never>() };

const run = (changes: Partial<FollowedRun> = {}): FollowedRun => ({
  memory: newAccountMemory(YESTERDAY),
  findings: [],
  acceptedChanges: [],
  skipped: new Set(),
  isBlind: false,
  baseline: false,
  ...changes,
});
const decided = (targets: readonly Followed[], ofRun: Partial<FollowedRun> = {}): Decision =>
  decide(targets, run(ofRun), NOW);
const said = (...targets: readonly Followed[]): readonly string[] =>
  decided(targets).notifications.map(inShort);

const holding = (...findings: readonly Finding[]) => ({ ...inSync('a'), findings });
const soon = finding('CERT001', 'medium', 'It ends soon.');
const odd = finding('THUMB004', 'info', 'An entry is odd.');
type Earlier = Extract<PendingChange['change'], { kind: 'earlier' }>;
const pendingOf = (
  check: Earlier['check'],
  severity: Earlier['severity'],
  at = YESTERDAY,
): PendingChange => ({
  change: { kind: 'earlier', check, severity, thumbprints: { names: [], more: 0 } },
  at,
});
const findingsOf = (...kept: readonly (PendingChange | undefined)[]): readonly Finding[] =>
  kept.flatMap((each) => (each === undefined ? [] : [describeChange(each.change)]));
const remembering = (...kept: readonly PendingChange[]): Partial<Followed> => ({
  memory: { ...newTargetMemory(YESTERDAY), pendingChanges: kept },
});

describe('which decisions send a message', () => {
  it.each<[Notification['eventType'], Finding['severity'], boolean]>([
    ['drift.firing', 'low', true],
    ['drift.resolved', 'info', true],
    ['unknown.reminder', 'low', true],
    ['keys.changed', 'info', true],
    ['finding.firing', 'low', false],
    ['finding.resolved', 'medium', true],
    ['update.refused', 'medium', true],
    ['update.refused', 'low', false],
  ])('%s, %s: %s', (eventType, severity, is) => {
    expect(speaksUp({ eventType, severity })).toBe(is);
  });
});

describe('a notification', () => {
  const track = (key: Track['key'], since: string): Track => ({
    key,
    since,
    found: 1,
    missed: 0,
    severity: 'medium',
    evidence: [],
    findings: [],
    more: 0,
    notified: null,
  });

  it('contains all findings of a target, the worst severity, and the earliest beginning', () => {
    const memory = {
      ...newTargetMemory(YESTERDAY),
      tracks: [track('CERT002', YESTERDAY), track('CERT001', BEFORE)],
    };
    const order = finding('CERT002', 'high', 'Out of order.');
    const [only, ...others] = decided([
      knownBefore(holding(order, soon), { ...CERTAIN, memory }),
    ]).notifications;
    expect(others).toEqual([]);
    expect(only).toEqual({
      eventType: 'finding.firing',
      severity: 'high',
      target: holding(order, soon),
      findings: [
        { ...order, since: YESTERDAY },
        { ...soon, since: BEFORE },
      ],
      since: BEFORE,
    });
  });

  it('is separate for drift, for a refused update, and for the rest', () => {
    const refusal = { ...finding('THUMB001', 'medium', 'It was not updated.'), subject: 'room' };
    const drift = drifted('a');
    const report = { ...drift, findings: [...drift.findings, soon] };
    const memory = {
      ...newTargetMemory(YESTERDAY),
      thumbprints: [RSA, ECDSA].map((thumbprint) => ({
        thumbprint,
        first: YESTERDAY,
        last: NOW.toISOString(),
        expected: NOW.toISOString(),
        streakSince: null,
        streakRuns: 0,
      })),
    };
    const target = knownBefore(report, { ...CERTAIN, memory, refusal });
    expect(said(target)).toEqual(['drift.firing a', 'update.refused a', 'finding.firing a CERT001']);
    // In a later run, one of several findings that a second probe confirmed is enough for the drift, and for no other.
    const gap = finding('THUMB007', 'low', 'The discovery host.');
    const several = { ...drift, findings: [gap, ...drift.findings, soon] };
    const confirmed = new Set(['THUMB001'] as const);
    expect(said(knownBefore(several, { memory, confirmed }))).toEqual(['drift.firing a']);
    expect(said(knownBefore(several, { memory }))).toEqual([]);
  });

  it('is separate for changes of keys and for other changes, each since the earliest of its kind', () => {
    const kept = [
      pendingOf('JWKS002', 'info'),
      pendingOf('THUMB008', 'medium'),
      pendingOf('JWKS002', 'low', BEFORE),
      pendingOf('PROV007', 'high', BEFORE),
    ];
    const { notifications } = decided([knownBefore(inSync('a'), remembering(...kept))]);
    expect(notifications).toMatchObject([
      {
        eventType: 'keys.changed',
        severity: 'low',
        since: BEFORE,
        findings: findingsOf(kept[0], kept[2]),
      },
      {
        eventType: 'finding.firing',
        severity: 'high',
        since: BEFORE,
        findings: findingsOf(kept[1], kept[3]),
      },
    ]);
  });

  it('is not sent for a suppressed change, but for a later one', () => {
    const accepted = { reason: 'Terraform.', until: '2026-12-01' };
    const known = pendingOf('THUMB008', 'high');
    const report = holding(...findingsOf(known).map((one) => ({ ...one, accepted })), soon);
    const kept = remembering(known, pendingOf('PROV007', 'medium'));
    expect(said(knownBefore(report, kept))).toEqual(['finding.firing a PROV007']);
    const change = {
      kind: 'thumbprints-added',
      comparison: 'not-served',
      isLater: false,
      thumbprints: { names: ['a'.repeat(40)], more: 0 },
    } as const;
    const later = remembering(known, { change, at: BEFORE });
    expect(said(knownBefore(report, later))).toEqual(['finding.firing a THUMB008']);
  });

  it('covers changes of the account, too', () => {
    const memory = { ...newAccountMemory(YESTERDAY), pendingChanges: [pendingOf('PROV006', 'medium')] };
    expect(decided([], { memory }).notifications).toMatchObject([
      { eventType: 'finding.firing', target: null, findings: [{ check: 'PROV006' }] },
    ]);
  });
});

describe('a notification of an update', () => {
  const intent = { at: YESTERDAY, added: [RSA] };
  const updated = { before: [OLD], list: [OLD, RSA], added: [RSA], isVisible: true, by: 'monitor' } as const;
  const keptBy = (target: Followed, heard: boolean): unknown =>
    nextState(decided([target]), { hasRecipients: heard, omitted: new Set() }, NOW).targets.get(issuerOf('a'))
      ?.intent;

  it('is a message of its own, of the updated list alone', () => {
    const { updates, notifications } = decided([
      knownBefore(inSync('b')),
      knownBefore(inSync('a'), { updated, intent }),
    ]);
    expect(updates).toEqual([{ target: inSync('a'), updated }]);
    expect(notifications).toEqual([]);
  });

  it('is repeated until there is a recipient', () => {
    const target = knownBefore(inSync('a'), { updated, intent });
    expect([keptBy(target, false), keptBy(target, true)]).toEqual([intent, null]);
  });

  it('is saved as long as the update has only begun', () => {
    const memory = { ...newTargetMemory(YESTERDAY), intent };
    const target = knownBefore(inSync('a'), { memory });
    expect([keptBy(target, false), keptBy(target, true)]).toEqual([intent, intent]);
  });
});

describe('what waits for a second run', () => {
  it('is not sent, and is named for the report', () => {
    const decision = decided([knownBefore(holding(soon)), knownBefore(inSync('b'))]);
    expect(decision.notifications).toEqual([]);
    expect(decision.waiting.map(inShort)).toEqual(['finding.firing a CERT001']);
  });

  it('includes changes of keys that one run has found, with their severity and the time of the run', () => {
    const rotated = finding('JWKS002', 'info', 'A key was added.');
    const { waiting } = decided([knownBefore(inSync('a'), { waiting: [rotated] })]);
    expect(waiting).toEqual([
      {
        eventType: 'keys.changed',
        severity: 'info',
        target: inSync('a'),
        findings: [rotated],
        since: NOW.toISOString(),
      },
    ]);
    expect(decided([knownBefore(inSync('a'))]).waiting).toEqual([]);
  });
});

describe('what a message does not name', () => {
  const notifiedOf = (decision: Decision, omitted: Omitted): readonly unknown[] =>
    [...nextState(decision, { hasRecipients: true, omitted }, NOW).targets.values()].flatMap(({ tracks }) =>
      tracks.map(({ key, notified }) => [key, notified !== null]),
    );

  it('is not saved as alerted: a finding, and a target', () => {
    const target = knownBefore(holding(soon), CERTAIN);
    const decision = decided([target]);
    const [sent] = decision.notifications.flatMap(({ findings }) => findings);
    expect(notifiedOf(decision, new Set())).toEqual([['CERT001', true]]);
    expect(notifiedOf(decision, new Set(sent === undefined ? [] : [sent]))).toEqual([['CERT001', false]]);
    // Its findings are named, whatever else is said of the target.
    expect(notifiedOf(decision, new Set([target.report]))).toEqual([['CERT001', true]]);
  });

  it('is repeated: a change', () => {
    const known = pendingOf('THUMB008', 'high');
    const target = knownBefore(inSync('a'), remembering(known, pendingOf('PROV007', 'medium')));
    const decision = decided([target]);
    const sent = decision.notifications.flatMap(({ findings }) => findings);
    const omitted = new Set(sent.filter(({ check }) => check === 'THUMB008'));
    const { targets } = nextState(decision, { hasRecipients: true, omitted }, NOW);
    expect([...targets.values()].map(({ pendingChanges }) => pendingChanges)).toEqual([[known]]);
  });
});

describe('the saved state after decisions', () => {
  it('covers each target by its issuer, and the account', () => {
    const { targets, account } = nextState(
      decided([knownBefore(inSync('b')), knownBefore(holding(soon))]),
      DELIVERED,
      NOW,
    );
    expect([...targets].map(([issuer, memory]) => [issuer, memory.tracks.map(({ key }) => key)])).toEqual([
      [issuerOf('b'), []],
      [issuerOf('a'), ['CERT001']],
    ]);
    expect(account).toEqual(newAccountMemory(YESTERDAY));
  });

  it('has all changes and no record of an alert if nothing was sent', () => {
    const little = [pendingOf('PROV006', 'info')];
    const decision = decided([knownBefore(holding(odd), { ...CERTAIN, ...remembering(...little) })], {
      memory: { ...newAccountMemory(YESTERDAY), pendingChanges: little },
      findings: [odd],
      ...CERTAIN,
    });
    expect(decision.notifications).toEqual([]);
    const { targets, account } = nextState(decision, DELIVERED, NOW);
    for (const memory of [targets.get(issuerOf('a')), account]) {
      expect(memory?.pendingChanges).toEqual(little);
      expect(memory?.tracks.map(({ key, notified }) => [key, notified])).toEqual([['THUMB004', null]]);
    }
  });
});
