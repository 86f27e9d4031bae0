import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { composeAlert, composeTest } from '../../../lambda/alerting/message/message';
import type { Notification } from '../../../lambda/domain/notification';
import type { CheckId } from '../../../lambda/domain/checks';
import type { Report, Severity, TargetReport } from '../../../lambda/domain/types';
import { failure } from '../../../lambda/domain/errors';
import { firstMessage } from '../../support/followed';
import { drifted, finding, inSync, issuerOf, reportOf, unseen } from '../../support/reports';
import { contextOf, told } from '../../support/told';
import type { AlertMessage } from '../../../lambda/domain/message';

class NoMessage extends Error {}
function compose(notifications: readonly Notification[], report = reportOf([inSync('a')])): AlertMessage {
  const message = composeAlert(notifications, contextOf(report, { remarks: ['Nothing is remembered.'] }));
  if (message === null) throw new NoMessage('nothing was composed');
  return message;
}

const MACHINE = v.looseObject({
  events: v.array(
    v.looseObject({
      eventType: v.string(),
      issuer: v.nullable(v.string()),
      findings: v.array(v.looseObject({ message: v.string() })),
    }),
  ),
  omittedEvents: v.number(),
});
const machineOf = ({ machine }: AlertMessage): v.InferOutput<typeof MACHINE> =>
  v.parse(MACHINE, JSON.parse(machine));

/** The message of a first run with this report. */
function alertFor(report: Report): AlertMessage {
  const message = firstMessage(report);
  if (message === null) throw new NoMessage('nothing was composed');
  return message;
}

describe('a message about many providers', () => {
  const issuerAt = (index: number): string => `https://ci-${index}.example.com`;
  const many = (check: CheckId, severity: Severity): readonly Notification[] =>
    Array.from({ length: 12 }, (_, index) => {
      const target = { ...inSync('a'), issuer: issuerAt(index) };
      return told('finding.firing', {
        severity,
        target,
        findings: [finding(check, severity, `${check} at ${target.issuer}.`, `Correct ${target.issuer}.`)],
      });
    });
  it('explains what is high or critical, names everything, and has all events', () => {
    const message = compose([
      ...many('DISC002', 'critical'),
      ...many('PROV004', 'low'),
      ...many('CERT004', 'low'),
      ...many('PROV005', 'low'),
    ]);
    const [text = ''] = message.email.split('WHAT TO DO');
    expect(text).toContain('12 similar findings (DISC002');
    expect(text).toContain('ALSO FOUND');
    expect(message.email.split('\n').length).toBeLessThanOrEqual(100);
    expect(message.omitted).toEqual([]);
    expect(machineOf(message)).toMatchObject({ omittedEvents: 0 });
  });

  it('explains all that is high, even if it has more lines', () => {
    const checks = ['DISC002', 'DISC003', 'JWKS001', 'PROV001', 'PROV002', 'TRUST004', 'CERT005'] as const;
    const [text = ''] = compose(checks.flatMap((check) => many(check, 'high'))).email.split('WHAT TO DO');
    expect(text.match(/^\d\. \[high\]/gm)).toHaveLength(checks.length);
  });
});

describe('composeAlert: a first run', () => {
  it('puts all kinds into one message, the most severe first', () => {
    const message = alertFor(
      reportOf([
        { ...drifted('a'), findings: [...drifted('a').findings, finding('CERT002', 'high', 'Order.')] },
        unseen('b'),
      ]),
    );
    expect(message.attributes).toEqual({
      eventType: 'drift.firing',
      eventTypes: ['drift.firing', 'unknown.firing', 'finding.firing'],
      severity: 'high',
      accountId: '123456789012',
      schemaVersion: '1',
    });
    expect(machineOf(message).events.map(({ eventType, issuer }) => [eventType, issuer])).toEqual([
      ['drift.firing', issuerOf('a')],
      ['finding.firing', issuerOf('a')],
      ['unknown.firing', issuerOf('b')],
    ]);
  });

  it('fits 700 different drifts into the limit of SNS, and names each of them (fault 34)', () => {
    const many = Array.from({ length: 700 }, (_, index) => {
      const target = drifted('a');
      const odd = index.toString(16).padStart(40, '0');
      return {
        ...target,
        issuer: `${target.issuer}${index}`,
        listed: [odd],
        findings: target.findings.map((one) => ({
          ...one,
          message: `${one.message} ${odd} ${'x'.repeat(300)}`,
        })),
      };
    });
    const message = alertFor(reportOf(many));
    const body = JSON.stringify({ default: message.machine, email: message.email });
    expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
    expect(message.omitted).toEqual([]);
    const lines = message.email.split('\n').map((line) =>
      line
        .trim()
        .split(' ')
        .find((word) => word.includes('oidc.circleci.com/')),
    );
    const named = new Set(lines.map((word) => word?.replace('https://', '')));
    expect(many.filter(({ issuer }) => !named.has(issuer.replace('https://', '')))).toEqual([]);
    const { events, omittedEvents } = machineOf(message);
    expect(events.length + omittedEvents).toBe(700);
    expect(message.subject).toContain(' and 699 more (account 123456789012)');
  });

  it('contains remedies with whole commands, however many roles of one issuer are open', () => {
    const commandFor = (index: number): string =>
      `aws iam update-assume-role-policy \\\n  --role-name role-${index} \\\n  --policy-document file://trust.json`;
    const findings = Array.from({ length: 1_000 }, (_, index) =>
      finding(
        'TRUST001',
        'critical',
        `Role ${index} ${'is open '.repeat(50)}`,
        `Limit it:\n${commandFor(index)}`,
      ),
    );
    const { email, machine } = alertFor(reportOf([{ ...inSync('a'), findings }]));
    expect(Buffer.byteLength(JSON.stringify({ default: machine, email }))).toBeLessThan(256 * 1024);
    expect(email).toContain('Role 0 is open');
    expect(email).toContain('WHAT TO DO\n\nLimit it:\n');
    expect(email).toContain(commandFor(0).replaceAll(/^/gm, '  '));
    expect(email).toContain('1000 similar findings (TRUST001');
    expect(JSON.parse(machine)).toMatchObject({
      events: [
        {
          findings: expect.arrayContaining([
            expect.objectContaining({ remedy: `Limit it:\n${commandFor(0)}` }),
          ]),
        },
      ],
    });
  });

  it('truncates no command for machines: a partial one would replace a list by less', () => {
    const long = `aws iam update-open-id-connect-provider-thumbprint --thumbprint-list ${'a'.repeat(40)} ${'b'.repeat(600)}`;
    const findings = Array.from({ length: 1_000 }, () =>
      finding('CERT001', 'high', 'x'.repeat(500), `List them:\n${long}`),
    );
    const { machine } = alertFor(reportOf([{ ...inSync('a'), findings }]));
    expect(machine).toContain('"remedy":"List them:"');
    expect(machine).not.toMatch(/"remedy":"[^"]*--thumbprint-list/);
  });

  it('composes no message without notifications', () => {
    expect(firstMessage(reportOf([inSync('a')]))).toBeNull();
    expect(firstMessage(reportOf([]))).toBeNull();
    expect(
      firstMessage(reportOf([{ ...inSync('a'), findings: [finding('THUMB004', 'info', 'x')] }])),
    ).toBeNull();
  });
});

describe('composeAlert: another issuer whose logins fail', () => {
  it('is named, although an earlier message reported it', () => {
    const failing = { ...drifted('b'), findings: [finding('CERT005', 'critical', 'Expired.')] };
    const resolved = [told('drift.resolved', { target: inSync('a') })];
    expect(compose(resolved, reportOf([inSync('a'), failing])).email).toContain(issuerOf('b'));
    expect(compose(resolved, reportOf([inSync('a'), drifted('b')])).email).not.toContain(issuerOf('b'));
  });
});

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
    const message = composeTest(report, null);
    expect(message).toMatchObject({
      subject: '[info] Test message: alerts arrive (account 123456789012)',
      attributes: { eventType: 'test', severity: 'info' },
    });
    expect(JSON.parse(message.machine)).toMatchObject({
      text: message.email,
      events: [{ eventType: 'test', severity: 'info', issuer: null, findings: [], since: null }],
      omittedEvents: 0,
    });
  });
});

describe('machine message of a run that could check nothing', () => {
  const subject = (eventType: Notification['eventType'], targets: readonly TargetReport[]): string =>
    compose([told(eventType, { target: unseen('a') })], reportOf(targets)).subject;

  it('has no flag if a host can be taken over, which is the first topic and the only event of its issuer', () => {
    const failed = failure('discovery', 'DNS_DOMAIN_NOT_FOUND', 'The domain does not exist.');
    const free = { ...unseen('a'), findings: [finding('DISC005', 'critical', 'Free.')], failure: failed };
    const message = alertFor(reportOf([free, unseen('b')]));
    expect(message.subject).toContain('Issuer host can be taken over');
    expect(machineOf(message).events.map(({ eventType, issuer }) => [eventType, issuer])).toEqual([
      ['finding.firing', issuerOf('a')],
      ['unknown.firing', issuerOf('b')],
    ]);
  });

  it.each(['unknown.firing', 'unknown.reminder'] as const)('contains the flag for %s', (eventType) => {
    expect(subject(eventType, [unseen('a'), unseen('b')])).toContain('Nothing could be checked');
    expect(subject(eventType, [unseen('a'), inSync('b')])).toContain('Not checked: oidc.circleci.com');
  });

  it('omits the flag if there are other notifications', () => {
    for (const eventType of ['unknown.resolved', 'drift.firing'] as const) {
      const { email } = compose([told(eventType, { target: unseen('a') })], reportOf([unseen('a')]));
      expect(email).not.toContain('Nothing could be checked');
    }
    const all = (['finding.resolved', 'unknown.firing'] as const).map((eventType) =>
      told(eventType, { target: unseen('a') }),
    );
    const { email } = compose(all, reportOf([unseen('a')]));
    expect(email).toMatch(/^Nothing could be checked /);
  });
});

describe('machine message above the size limit', () => {
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
    const message = compose(notifications);
    const { machine, email } = message;
    expect(Buffer.byteLength(JSON.stringify([machine, email]))).toBeLessThanOrEqual(240 * 1024);
    return { email, ...machineOf(message) };
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
    expect(email).toContain('This text was cut because it is too long');
    expect(events.map(({ findings }) => findings[0]?.message.length)).toEqual([301, 301, 301]);
  });

  it('contains one shortened event, if others wrote the text that takes most bytes', () => {
    const { email, events, omittedEvents } = written(saying(3, '\u{10fffd}'.repeat(400), 30));
    expect([events.length, omittedEvents]).toEqual([1, 2]);
    expect(email.length).toBeLessThan(5_800);
  });
});
