import { describe, expect, it } from '@jest/globals';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import { GRAVITY } from '../../../lambda/domain/event-types';
import type { EventType } from '../../../lambda/domain/event-types';
import type { Notification } from '../../../lambda/domain/notification';
import { refusalFinding, updatedNotification } from '../../../lambda/remediation/plan';
import { GUARDS } from '../../../lambda/remediation/guards';
import { expectGolden } from '../../support/golden';
import { ECDSA, OLD, RSA, drifted, finding, inSync, reportOf, unseen } from '../../support/reports';

const SINCE = '2026-11-20T06:00:00.000Z';
const NOW = new Date('2026-11-24T06:00:00Z');

const told = (
  eventType: EventType,
  target: Notification['target'],
  findings: Notification['findings'],
): Notification => ({
  eventType,
  severity: findings[0]?.severity ?? 'high',
  target,
  findings,
  since: SINCE,
});

const expiring = finding(
  'CERT001',
  'medium',
  'oidc.circleci.com: CN=oidc.circleci.com expires on 2026-12-10, in 16 days.',
  'Renew the certificate at the issuer.',
);
const keys = finding(
  'JWKS002',
  'info',
  'The issuer changed its signing keys. Added: RSA key "two" (abc). It publishes 2 now. This needs no action unless it is unexpected: AWS reads the keys by itself.',
  'Nothing, if the rotation is expected. If it is not, ask whoever runs the issuer.',
);
const drift = drifted('a');
/** A list that is full of copies of an authority's certificate, which a host has served. */
const full = { ...drift, listed: [OLD, ...['2', '3', '4', '5'].map((digit) => digit.repeat(40))] };
const KNOWN = { anchored: [OLD], known: [OLD, '4'.repeat(40)] };
const blind = unseen('a');
const [room] = GUARDS.filter(({ id }) => id === 'room');

/** One mail for each kind of event. A kind that is missing does not compile. */
const MAILS: Readonly<Record<Exclude<EventType, 'test'>, readonly Notification[]>> = {
  'drift.firing': [told('drift.firing', drift, drift.findings)],
  'drift.reminder': [told('drift.reminder', drift, drift.findings)],
  'drift.resolved': [told('drift.resolved', inSync('a'), drift.findings)],
  'finding.firing': [told('finding.firing', inSync('a'), [expiring])],
  'finding.reminder': [told('finding.reminder', inSync('a'), [expiring])],
  'finding.resolved': [told('finding.resolved', inSync('a'), [expiring])],
  'unknown.firing': [told('unknown.firing', blind, blind.findings)],
  'unknown.reminder': [told('unknown.reminder', blind, blind.findings)],
  'unknown.resolved': [told('unknown.resolved', inSync('a'), blind.findings)],
  'keys.changed': [told('keys.changed', inSync('a'), [keys])],
  updated: [
    updatedNotification(
      drift,
      { before: [OLD], list: [OLD, RSA, ECDSA], added: [RSA, ECDSA], isVisible: true, by: 'monitor' },
      NOW,
    ),
  ],
  'update.refused':
    room === undefined
      ? []
      : [told('update.refused', full, [refusalFinding(full, room, [RSA, ECDSA], KNOWN)])],
};

const mailOf = (notifications: readonly Notification[]): string => {
  const targets = notifications.flatMap(({ target }) => (target === null ? [] : [target]));
  // One more is in sync, or nothing could have been audited.
  const report = reportOf([...targets, inSync('f')]);
  const message = composeAlert(notifications, { report, remarks: [] });
  return `Subject: ${message?.subject ?? ''}\n\n${message?.email ?? ''}`;
};

describe('the example mail of each kind', () => {
  it.each(Object.entries(MAILS))('%s', (eventType, notifications) => {
    expect(notifications).not.toEqual([]);
    const mail = mailOf(notifications);
    expectGolden(`mail/${eventType}.txt`, mail);
    const [subject = '', ...lines] = mail.split('\n');
    expect(subject).toMatch(/^Subject: [\x20-\x7e]{1,99}$/);
    const prose = lines.filter((line) => !/arn:|https:|^\s+"?[0-9a-f]{40}|--thumbprint-list/.test(line));
    expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(78);
  });

  it('test', () => {
    const { subject, email } = composeTest(reportOf([]));
    expectGolden('mail/test.txt', `Subject: ${subject}\n\n${email}`);
  });

  it('exists for every kind', () => {
    expect([...Object.keys(MAILS), 'test'].sort()).toEqual([...GRAVITY].sort());
  });
});
