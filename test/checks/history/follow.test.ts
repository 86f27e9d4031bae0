import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import { followTarget } from '../../../lambda/checks/history/follow';
import { confirmBy, needsSecondObservation } from '../../../lambda/checks/history/second-observation';
import type { FollowContext } from '../../../lambda/checks/history/follow';
import type { Observation } from '../../../lambda/checks/target';
import { evidenceOf } from '../../../lambda/state/evidence';
import { newTargetMemory } from '../../../lambda/state/schema';
import type { PendingChange, TargetMemory, Track } from '../../../lambda/state/schema';
import { YESTERDAY, knownBefore } from '../../support/followed';
import { NOW, hierarchy, judged } from '../../support/observed';
import type { Hierarchy } from '../../support/observed';
import { RSA, drifted, finding, inSync } from '../../support/reports';
import type { Followed } from '../../../lambda/checks/history/followed';

const HOST = 'ci.example.com';
const ISSUER = `https://${HOST}/a`;
const ARN = `arn:aws:iam::123456789012:oidc-provider/${HOST}/a`;
const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy(HOST, 'A');
});

const observing = (...thumbprints: readonly string[]): Observation => ({
  target: { issuer: ISSUER, providerArn: ARN, configured: true },
  discovery: { ok: true, value: { issuer: ISSUER, jwksUri: `${ISSUER}/keys` } },
  jwks: null,
  milliseconds: 1,
  provider: { ok: true, value: { arn: ARN, url: '', thumbprints, audiences: [] } },
  hosts: [judged(HOST, [{ chain: served.chain }])],
});
const remembering = (changes: Partial<TargetMemory> = {}): TargetMemory => ({
  ...newTargetMemory(YESTERDAY),
  jwksHost: `${HOST}:443`,
  ...changes,
});
const context = (memory: TargetMemory | null, more: Partial<FollowContext> = {}): FollowContext => ({
  accept: [],
  account: '123456789012',
  now: NOW,
  update: 'guarded',
  memory,
  isFirstRun: false,
  isStateless: false,
  ...more,
});

describe('followTarget: a target with saved state', () => {
  it('is new, and alerted at once, only if there is no saved run at all', () => {
    const isNew = (memory: TargetMemory | null, isFirstRun: boolean): boolean =>
      followTarget(observing(A), context(memory, { isFirstRun })).baseline;
    expect([isNew(null, true), isNew(null, false), isNew(remembering(), true)]).toEqual([true, false, false]);
  });

  it('adds findings from history, by severity, and marks suppressed ones', () => {
    const accept = [{ check: 'THUMB004', issuer: ISSUER, reason: 'known', until: '2026-12-31' } as const];
    const memory = remembering({ listed: [served.middle.thumbprint] });
    const listed = [served.middle.thumbprint.toUpperCase(), B];
    const { findings } = followTarget(observing(...listed), context(memory, { accept })).report;
    expect(findings.map(({ check, severity, accepted }) => [check, severity, accepted?.reason])).toEqual([
      ['THUMB008', 'high', undefined],
      ['THUMB004', 'info', 'known'],
    ]);
  });

  it('reports no suppressed move of keys', () => {
    const accept = [{ check: 'DISC003', issuer: ISSUER, reason: 'known', until: '2026-12-31' } as const];
    const memory = remembering({ jwksHost: 'elsewhere.example.com:443' });
    const hostAfter = (more: Partial<FollowContext>): string | null =>
      followTarget(observing(A), context(memory, more)).memory.jwksHost;
    expect([hostAfter({}), hostAfter({ accept })]).toEqual(['elsewhere.example.com:443', `${HOST}:443`]);
  });
});

describe('followTarget: an update that an earlier run began', () => {
  const intent = { at: YESTERDAY, added: [B] };
  const begun = remembering({ intent, added: [A, B], updatedAt: 'before' });

  it('is complete if the list has it', () => {
    const followed = followTarget(observing(A, B), context(begun));
    expect(followed).toMatchObject({
      updated: { before: [A], list: [A, B], added: [B], isVisible: true, by: 'unknown' },
      intent,
      memory: { intent: null, added: [A, B], updatedAt: YESTERDAY, pendingChanges: [] },
    });
  });

  it('is lost if the list lacks it, which is a change', () => {
    const change: PendingChange = { change: { kind: 'fewer-recipients', before: 2, now: 1 }, at: YESTERDAY };
    const followed = followTarget(observing(A), context({ ...begun, added: [], pendingChanges: [change] }));
    expect(followed).toMatchObject({
      updated: null,
      intent: null,
      memory: {
        intent: null,
        added: [B],
        updatedAt: 'before',
        pendingChanges: [
          change,
          { change: { kind: 'update-lost', startedAt: YESTERDAY }, at: NOW.toISOString() },
        ],
      },
    });
  });

  it('stays open if the list could not be read', () => {
    const provider = { ok: false, failure: failure('iam', 'AWS_THROTTLED', 'slow') } as const;
    const followed = followTarget({ ...observing(), provider }, context(begun));
    expect(followed).toMatchObject({ updated: null, intent: null, memory: { intent, pendingChanges: [] } });
  });
});

describe('followTarget: a second probe', () => {
  const critical = (check: Finding['check'], more: Partial<Finding> = {}): Finding => ({
    ...finding(check, 'critical', 'Logins fail.'),
    ...more,
  });
  const ACCEPTED = { accepted: { reason: 'known', until: '2026-12-31' } };
  const holding = (findings: readonly Finding[], changes: Partial<Followed> = {}): Followed =>
    knownBefore({ ...inSync('a'), findings }, { memory: remembering(), ...changes });
  /** What was alerted so far. */
  const told = (key: Track['key'], ...evidence: readonly string[]): Pick<Followed, 'memory'> => {
    const track: Track = {
      key,
      since: YESTERDAY,
      found: 2,
      missed: 0,
      severity: 'critical',
      evidence: evidence.map((value) => ({ value: evidenceOf(value), found: 2, missed: 0 })),
      findings: [],
      more: 0,
      notified: { at: YESTERDAY, evidence: evidence.map(evidenceOf) },
    };
    return { memory: remembering({ tracks: [{ ...track, key: 'CERT001', notified: null }, track] }) };
  };
  const open = critical('TRUST001', { subject: 'arn:r' });
  const KNOWN = told('TRUST001', 'severity critical', 'arn:r');
  const needs = (target: Followed, mayUpdate = false): boolean =>
    needsSecondObservation(target, NOW, mayUpdate);

  it.each<[string, readonly Finding[], Partial<Followed>, boolean]>([
    ['at what is critical and new', [open], {}, true],
    ['not at what is not critical', [finding('TRUST001', 'high', 'Open.')], {}, false],
    ['not in the first run, which tells everything', [open], { baseline: true }, false],
    ['not at what is accepted', [critical('TRUST001', ACCEPTED)], {}, false],
    ['not at what people know', [open], KNOWN, false],
    ['not at what is accepted beside it', [open, critical('CERT005', ACCEPTED)], KNOWN, false],
    ['not at what is not critical beside it', [open, finding('CERT005', 'high', 'Old.')], KNOWN, false],
    ['at what nobody was told of', [critical('CERT001')], KNOWN, true],
    ['at what they know of another', [open], told('TRUST001', 'severity critical', 'arn:other'), true],
    ['at what was not so grave', [open], told('TRUST001', 'severity high', 'arn:r'), true],
    ['at what they know of another check', [open], told('CERT005', 'severity critical', 'arn:r'), true],
  ])('is made %s', (_, findings, changes, is) => {
    expect(needs(holding(findings, changes))).toBe(is);
  });

  it('covers all critical findings before a list is updated for them', () => {
    expect(needs(holding([open], KNOWN), true)).toBe(true);
    expect(needs(holding([]), true)).toBe(false);
    expect(needs(holding([open], { baseline: true }), true)).toBe(false);
  });

  it('is not requested for a finding of another edge only', () => {
    const lately = (thumbprint: string) => ({
      thumbprint,
      first: YESTERDAY,
      last: YESTERDAY,
      expected: YESTERDAY,
      streakSince: null,
      streakRuns: 0,
    });
    const report = { ...drifted('a'), expected: [RSA], findings: [critical('THUMB001')] };
    const { memory } = told('drift', 'severity critical', RSA);
    const thumbprints = [lately(RSA), lately(B)];
    const target = holding([], { report, memory: { ...memory, thumbprints } });
    expect(needs(target)).toBe(false);
    expect(needs({ ...target, report: { ...report, expected: [RSA, B].sort() } })).toBe(true);
  });

  it('confirms what it finds again, and nothing that is suppressed or not critical', () => {
    const first = holding([open, critical('CERT005'), finding('CERT001', 'high', 'Soon.')]);
    const second = { ...inSync('a'), findings: [open, critical('CERT005', ACCEPTED), critical('CERT001')] };
    expect(confirmBy(first, second)).toEqual({ ...first, confirmed: new Set(['TRUST001']) });
  });
});
