import { describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../lambda/domain/event-types';
import { subjectOf } from '../../../lambda/alerting/message/subject';
import { told } from '../../support/told';

const loud = (...eventTypes: readonly EventType[]) =>
  eventTypes.map((eventType) => told(eventType, { severity: 'medium' }));

describe('mail subject', () => {
  it.each<[EventType, string, string]>([
    ['drift.firing', 'Thumbprint drift: 1 provider', 'Thumbprint drift: 2 providers'],
    ['unknown.firing', 'Not checked: 1 issuer', 'Not checked: 2 issuers'],
    ['finding.firing', 'Findings: 1 provider', 'Findings: 2 providers'],
    ['update.refused', 'Update refused: 1 provider', 'Update refused: 2 providers'],
    ['updated', 'List updated: 1 provider', 'List updated: 2 providers'],
    ['keys.changed', 'Signing keys changed: 1 issuer', 'Signing keys changed: 2 issuers'],
    ['drift.reminder', 'Still drifted: 1 provider', 'Still drifted: 2 providers'],
    ['unknown.reminder', 'Still not checked: 1 issuer', 'Still not checked: 2 issuers'],
    ['finding.reminder', 'Still found: 1 provider', 'Still found: 2 providers'],
    ['drift.resolved', 'Drift is over: 1 provider', 'Drift is over: 2 providers'],
    ['finding.resolved', 'Findings are over: 1 provider', 'Findings are over: 2 providers'],
    ['unknown.resolved', 'Checked again: 1 issuer', 'Checked again: 2 issuers'],
    ['test', 'Test', 'Test'],
  ])('of %s contains severity, kind, number and host', (eventType, one, two) => {
    expect(subjectOf(loud(eventType), false, null)).toBe(`[medium] ${one}`);
    expect(subjectOf(loud(eventType, eventType), false, '123456789012')).toBe(
      `[medium] ${two} (AWS account 123456789012)`,
    );
  });

  it('of a run that collected nothing says so', () => {
    expect(subjectOf(loud('unknown.firing'), true, null)).toBe('[medium] Could not check anything');
    expect(subjectOf(loud('unknown.reminder'), true, null)).toBe('[medium] Still cannot check anything');
  });

  it('begins with the most severe, and omits attached low findings unless there is nothing else', () => {
    const quiet = told('finding.firing');
    expect(subjectOf([...loud('keys.changed', 'drift.firing'), quiet], false, null)).toBe(
      '[medium] Thumbprint drift: 1 provider, Signing keys changed: 1 issuer',
    );
    expect(subjectOf([quiet], false, null)).toBe('[low] Findings: 1 provider');
  });

  it('omits the account if SNS would refuse the subject, and is truncated if that is not enough', () => {
    const kinds: readonly EventType[] = ['drift.firing', 'unknown.firing', 'finding.firing'];
    const words = '[medium] Thumbprint drift: 1 provider, Not checked: 1 issuer, Findings: 1 provider';
    // 99 characters with the account, and one more.
    const account = '1'.repeat(99 - words.length - ' (AWS account )'.length);
    expect(subjectOf(loud(...kinds), false, account)).toBe(`${words} (AWS account ${account})`);
    expect(subjectOf(loud(...kinds), false, `${account}1`)).toBe(words);
    // The last character that there is room for is a blank.
    expect(subjectOf(loud(...kinds, 'drift.reminder'), false, null)).toBe(`${words}, Still drifted:`);
  });

  it('is printable ASCII, whatever the name of the account (fault 35)', () => {
    expect(subjectOf(loud('test'), false, '1\n\u00e9 ~\u007f')).toBe('[medium] Test (AWS account 1?? ~?)');
  });
});
