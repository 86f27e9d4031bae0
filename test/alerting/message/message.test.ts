import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import type { Notification } from '../../../lambda/domain/notification';
import type { TargetReport } from '../../../lambda/domain/types';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../../support/reports';
import { told } from '../../support/told';
import type { AlertMessage } from '../../../lambda/domain/message';

class NoMessage extends Error {}
function compose(notifications: readonly Notification[], report = reportOf([inSync('a')])): AlertMessage {
  const message = composeAlert(notifications, { report, remarks: ['Nothing is remembered.'] });
  if (message === null) throw new NoMessage('nothing was composed');
  return message;
}

describe('composeAlert: the machine message', () => {
  const notifications = [
    told('finding.firing', { severity: 'high', target: null, findings: [finding('OPS001', 'high', 'x')] }),
    told('drift.firing'),
  ];

  it('contains all notifications, the kinds in the order of severity', () => {
    const { email, machine } = compose(notifications);
    const { listed, expected, providerArn, findings } = drifted('a');
    const common = { since: '2026-11-24T06:00:00.000Z' };
    expect(JSON.parse(machine)).toEqual({
      schemaVersion: 1,
      eventType: 'drift.firing',
      eventTypes: ['drift.firing', 'finding.firing'],
      severity: 'high',
      accountId: '123456789012',
      startedAt: '2026-11-23T12:00:00.000Z',
      text: email,
      events: [
        {
          ...common,
          eventType: 'finding.firing',
          severity: 'high',
          issuer: null,
          providerArn: null,
          listed: [],
          expected: [],
          enforced: null,
          roles: [],
          findings: notifications[0]?.findings,
        },
        {
          ...common,
          eventType: 'drift.firing',
          severity: 'low',
          issuer: issuerOf('a'),
          providerArn,
          listed,
          expected,
          enforced: false,
          roles: [],
          findings,
        },
      ],
      omittedEvents: 0,
    });
    expect(email).toContain('Nothing is remembered.');
  });

  it('has no number for an unknown account, but an attribute: SNS refuses empty ones', () => {
    const { machine, attributes } = compose(notifications, reportOf([], { account: null }));
    expect(JSON.parse(machine)).toMatchObject({ accountId: null });
    expect(attributes).toEqual({
      eventType: 'drift.firing',
      eventTypes: ['drift.firing', 'finding.firing'],
      severity: 'high',
      accountId: 'unknown',
      schemaVersion: '1',
    });
  });

  it('says in a test that nothing is wrong', () => {
    const report = reportOf([]);
    const text = 'This is a test. Alerts of the thumbprint drift monitor arrive here. Nothing is wrong.\n';
    const message = composeTest(report);
    expect(message).toMatchObject({
      subject: '[info] Test: alerts of the thumbprint monitor arrive.',
      email: text,
      attributes: { eventType: 'test', severity: 'info' },
    });
    expect(JSON.parse(message.machine)).toMatchObject({
      text,
      events: [{ eventType: 'test', severity: 'info', issuer: null, findings: [], since: null }],
      omittedEvents: 0,
    });
  });
});

describe('machine message of a run that could check nothing', () => {
  const subject = (eventType: Notification['eventType'], targets: readonly TargetReport[]): string =>
    compose([told(eventType, { target: unseen('a') })], reportOf(targets)).subject;

  it.each(['unknown.firing', 'unknown.reminder'] as const)('contains the flag for %s', (eventType) => {
    expect(subject(eventType, [unseen('a'), unseen('b')])).toMatch(/annot check anything|not check anything/);
    expect(subject(eventType, [unseen('a'), inSync('b')])).toContain('ot checked: 1 issuer');
  });

  it('omits the flag if there are other notifications', () => {
    for (const eventType of ['unknown.resolved', 'drift.firing'] as const) {
      const { email } = compose([told(eventType, { target: unseen('a') })], reportOf([unseen('a')]));
      expect(email).not.toContain('The monitor could not check anything.');
    }
    const all = (['finding.resolved', 'unknown.firing'] as const).map((eventType) =>
      told(eventType, { target: unseen('a') }),
    );
    const { email } = compose(all, reportOf([unseen('a')]));
    expect(email).toMatch(/^The monitor could not check anything\.\n/);
  });
});

describe('machine message above the size limit', () => {
  const MACHINE = v.looseObject({
    omittedEvents: v.number(),
    events: v.array(v.looseObject({ findings: v.array(v.looseObject({ message: v.string() })) })),
  });
  /** So many findings of so many characters each, each of another issuer. */
  const saying = (amount: number, message: string, findings = 1): readonly Notification[] =>
    Array.from({ length: amount }, (_, index) =>
      told('finding.firing', {
        severity: 'high',
        target: { ...inSync('a'), issuer: `${issuerOf('a')}${index}` },
        findings: Array.from({ length: findings }, (_, each) =>
          finding('TRUST001', 'high', `${index}-${each} ${message}`, message),
        ),
      }),
    );
  const written = (notifications: readonly Notification[]) => {
    const { machine, email } = compose(notifications);
    expect(Buffer.byteLength(JSON.stringify([machine, email]))).toBeLessThanOrEqual(240 * 1024);
    return { email, ...v.parse(MACHINE, JSON.parse(machine)) };
  };

  it.each([
    [150, 1, 0],
    [300, 300, 200],
    [80, 1_600, 50],
    [30, 5_000, 20],
    [10, 15_000, 7],
  ])(
    'of %d findings of %d letters omits %d for machines, and names each in the mail',
    (amount, letters, omitted) => {
      const notifications = saying(amount, 'x'.repeat(letters));
      const { email, omittedEvents, events } = written(notifications);
      expect([events.length, omittedEvents]).toEqual([amount - omitted, omitted]);
      const named = email.split(/\s+/);
      expect(
        notifications.filter(({ target }) => !named.some((word) => target?.issuer.endsWith(word))),
      ).toEqual([]);
      expect(compose(notifications).omitted).toEqual([]);
    },
  );

  it('is truncated in the mail and in each event, if even three are too long', () => {
    const { email, events } = written(saying(3, 'x'.repeat(50_000)));
    expect(email.length).toBeGreaterThan(19_000);
    expect(email.length).toBeLessThan(20_600);
    expect(email).toContain('Cut for length');
    expect(events.map(({ findings }) => findings[0]?.message.length)).toEqual([301, 301, 301]);
  });

  it('contains one shortened event, if others wrote the text that takes most bytes', () => {
    const { email, events, omittedEvents } = written(saying(3, '\u{10fffd}'.repeat(400), 20));
    expect([events.length, omittedEvents]).toEqual([1, 2]);
    expect(email.length).toBeLessThan(5_800);
  });
});
