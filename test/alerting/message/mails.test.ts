import { describe, expect, it } from '@jest/globals';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
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

/** One mail of each kind. `summary.test.ts` has what reminders and resolutions say in place of it. */
const MAILS: readonly Notification[] = [
  told('drift.firing', drift, drift.findings),
  told('unknown.firing', blind, blind.findings),
  told('finding.firing', inSync('a'), [expiring]),
  told('keys.changed', inSync('a'), [keys]),
  updatedNotification(
    drift,
    { before: [OLD], list: [OLD, RSA, ECDSA], added: [RSA, ECDSA], isVisible: true, by: 'monitor' },
    NOW,
  ),
  ...GUARDS.filter(({ id }) => id === 'room').map((room) =>
    told('update.refused', full, [refusalFinding(full, room, [RSA, ECDSA], KNOWN)]),
  ),
];

const mailOf = (notification: Notification): string => {
  const targets = notification.target === null ? [] : [notification.target];
  // One more is in sync, or nothing could have been audited.
  const report = reportOf([...targets, inSync('f')]);
  const message = composeAlert([notification], { report, remarks: [] });
  return `Subject: ${message?.subject ?? ''}\n\n${message?.email ?? ''}`;
};

describe('the example mail of each kind', () => {
  it.each(MAILS.map((one) => [one.eventType, one] as const))('%s', (eventType, notification) => {
    const mail = mailOf(notification);
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
});
